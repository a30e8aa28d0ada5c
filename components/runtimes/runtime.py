"""What every runtime offers: a place for a party or a mirror, and services that run in it.

`docker.py` and `kubernetes.py` give the same shape: a runtime, its placement, and `run` for one service.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi
from pulumi import Input, Output

from components.runtimes.names import Part
from components.services.context import Route
from components.services.service import Publication, Service


@dataclass(frozen=True)
class Owner:
    """Whose services stand together in one place: a party's, or a part of the stack's own.

    That part is `mirror` or `exchange`, where `party` is None. An exchange has `members`, the parties that it
    meets by name in this runtime; a party that is `behind_an_exchange` meets that and no other party.
    """

    party: str | None
    services: tuple[Service, ...]
    publications: tuple[Publication, ...] = ()
    routes: tuple[Route, ...] = ()
    part: Part = "mirror"
    members: tuple[str, ...] = ()
    behind_an_exchange: bool = False


@dataclass(frozen=True)
class Login:
    """The account that a registry asks for when an image is pulled."""

    address: Input[str]
    user: Input[str]
    password: Output[str]
    after: tuple[pulumi.Resource, ...] = ()
    """What has to be there before anything is pulled by it. An image's own name stays known in a preview."""


class Placement(Protocol):
    """The place of one owner's services."""

    def run(
        self,
        service: Service,
        image: Input[str],
        secrets: Mapping[str, Output[str]],
        revision: Input[str] | None = None,
    ) -> pulumi.CustomResource:
        """Make one service and wait until it is healthy; `revision` changes when a secret of it does."""
        ...

    def pulled(self, service: str, reference: Input[str]) -> Input[str]:
        """Return the image that a service runs, once this runtime can get it."""
        ...

    @property
    def names(self) -> Mapping[str, Output[str]]:
        """Return the name of every service's container or workload, by service."""
        ...

    @property
    def addresses(self) -> Mapping[str, Output[str]]:
        """Return the address that a load balancer gave, by service; none where none is asked for one."""
        ...

    @property
    def openings(self) -> Sequence[pulumi.Resource]:
        """Return what carries published ports, where it is no part of the service itself."""
        ...


class Runtime(Protocol):
    """Where services run: a Docker engine or a Kubernetes cluster."""

    @property
    def provider(self) -> pulumi.ProviderResource:
        """Return what makes its resources."""
        ...

    def place(
        self, parent: pulumi.Resource, prefix: str, owner: Owner, logins: Sequence[Login] = ()
    ) -> Placement:
        """Open the place of one owner; `logins` are what its images are pulled with."""
        ...

    def domain(self, party: str) -> str:
        """Return what makes a party's service's name absolute, such as `.fate-9999.svc.cluster.local`."""
        ...

    def address(self, party: str | None, part: Part = "mirror") -> Mapping[str, object]:
        """Return where the services of a party or a part can be found, for the stack's output."""
        ...
