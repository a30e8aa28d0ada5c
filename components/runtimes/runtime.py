"""What every runtime offers: a place for a party or a mirror, and services that run in it.

`docker.py` and `kubernetes.py` give the same shape: a runtime, its placement, and `run` for one service.
`charted.py` has it for parties alone, whose services it declares together.
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


@dataclass(frozen=True)
class Run:
    """A service to be made, and what it is made with."""

    service: Service
    image: Input[str]
    secrets: Mapping[str, Output[str]]
    revision: Input[str] | None = None
    """What changes when a secret of it does."""


class PartyPlacement(Protocol):
    """The place of a party's services, which are made together."""

    def run_all(self, runs: Sequence[Run]) -> None:
        """Make every service of the party."""
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


class Placement(PartyPlacement, Protocol):
    """The place of one owner's services, each of which can be waited for."""

    def run(
        self,
        service: Service,
        image: Input[str],
        secrets: Mapping[str, Output[str]],
        revision: Input[str] | None = None,
    ) -> pulumi.CustomResource:
        """Make one service and wait until it is healthy; `revision` changes when a secret of it does."""
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

    def place_party(
        self, parent: pulumi.Resource, prefix: str, owner: Owner, logins: Sequence[Login] = ()
    ) -> PartyPlacement:
        """Open the place of a party, which may be declared in another way than a mirror or an exchange."""
        ...

    def domain(self, party: str) -> str:
        """Return what makes a party's service's name absolute, such as `.fate-9999.svc.cluster.local`."""
        ...

    def address(self, party: str | None, part: Part = "mirror") -> Mapping[str, object]:
        """Return where the services of a party or a part can be found, for the stack's output."""
        ...
