"""The component of the exchange in the middle of a star."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions

from components.runtimes.runtime import Login, Owner, Runtime
from components.services.context import Route
from components.services.service import Publication, Service


class ExchangeArgs(TypedDict):
    """What an exchange is made of."""

    service: Service
    """What runs."""
    publications: Sequence[Publication]
    """The ports that it opens for parties elsewhere."""
    runtime: Runtime
    """The engine or cluster it runs on."""
    members: Sequence[str]
    """The parties that it meets by name, on the same engine or cluster."""
    image: Input[str]
    """The reference that its runtime pulls."""
    logins: Sequence[Login]
    """What a registry asks for when its image is pulled; none for a registry that asks for nothing."""
    routes: Sequence[Route]
    """The way to each party behind it."""


class Exchange(pulumi.ComponentResource):
    """What the parties of a star meet in the place of each other.

    It makes no party, no provider and no image, opens no port beyond its own networks unless its settings say
    so, holds no secret and keeps nothing.
    """

    containers: Output[dict[str, str]]
    """The name of its service's container or workload."""
    addresses: Mapping[str, Output[str]]
    """The address that a load balancer gave, by service; empty where none is asked for one."""

    def __init__(self, name: str, args: ExchangeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("fate:index:Exchange", name, None, opts)
        service = args["service"]
        owner = Owner(
            None,
            (service,),
            tuple(args["publications"]),
            tuple(args["routes"]),
            part="exchange",
            members=tuple(args["members"]),
        )
        place = args["runtime"].place(self, name, owner, args["logins"])
        place.run(service, place.pulled(service.kind, args["image"]), {})
        self.containers = Output.all(**place.names)
        self.addresses = dict(place.addresses)
        self.register_outputs({"containers": self.containers})
