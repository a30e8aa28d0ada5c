"""The component of the registry that parties pull from."""

from collections.abc import Sequence
from typing import TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions

from components.image_builder import ImageBuilder
from components.restarts import secrets_revision
from components.runtimes.runtime import Login, Owner, Placement, Runtime
from components.services.passwords import derive
from components.services.registry import ACCOUNT, HTPASSWD, PASSWORD, PORT, htpasswd, registry
from components.services.service import Publication
from config import DistributionMirror, ImageReference
from images.recipes import image_reference


class RegistryMirrorArgs(TypedDict):
    """What a mirror is made of."""

    settings: DistributionMirror
    """Its part of the stack's configuration."""
    runtime: Runtime
    """The engine or cluster it runs on."""
    built: dict[str, ImageReference]
    """The images to build and hold, by service; empty for a cache, and for one that others fill."""
    secret_key: Input[str]
    """The stack's one secret; the mirror's password is derived from it."""


class RegistryMirror(pulumi.ComponentResource):
    """A registry inside the operator's own network, that holds what parties run.

    The Docker engine among its providers builds each image from its recipe and pushes it under the recipe's
    digest; or it caches an upstream; or others fill it, and then its own image is on the engine already. It
    ends no TLS. On a Docker engine it listens on loopback unless its settings name another address, and asks
    for no login; on a cluster, where every pod reaches it, it does.
    """

    address: Output[str]
    """The host and port that images are pulled from."""
    images: dict[str, Output[str]]
    """For each service whose image was built, its reference by digest."""
    logins: list[Login]
    """What it asks for when an image is pulled; none on a Docker engine."""

    def __init__(self, name: str, args: RegistryMirrorArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("fate:index:RegistryMirror", name, None, opts)
        settings, address = args["settings"], args["settings"].pull_address
        password = Output.secret(args["secret_key"]).apply(lambda key: derive(key, name, PASSWORD))
        on_cluster = settings.image is not None
        self.logins = [Login(address, ACCOUNT, password)] if on_cluster else []
        held = {image.name: holder for holder, image in args["built"].items()}
        builder = ImageBuilder(self, name, f"{address}/fate", held)
        workload, openings = _workload(self, name, args, password, builder)
        account = self.logins[0] if on_cluster else Login(address, ACCOUNT, Output.from_input("none"))
        self.address = workload.id.apply(lambda _: address)
        self.images = {
            service: builder.pushed(image.name, account, _scheme(settings), [workload, *openings])
            for service, image in args["built"].items()
        }
        self.register_outputs({"address": self.address, "images": self.images})


def _workload(
    parent: RegistryMirror,
    name: str,
    args: RegistryMirrorArgs,
    password: Output[str],
    builder: ImageBuilder,
) -> tuple[pulumi.CustomResource, Sequence[pulumi.Resource]]:
    """Make the registry; return it, and what carries its port to those who push and pull."""
    settings = args["settings"]
    service = registry(settings.upstream, bool(parent.logins))
    published = Publication("registry", PORT, settings.port, settings.bind, "mirror.port")
    place = args["runtime"].place(parent, name, Owner(None, (service,), (published,)))
    image = settings.image or _own_image(place, settings, builder)
    accounts = Output.all(args["secret_key"], password).apply(lambda both: htpasswd(*both))
    workload = place.run(
        service,
        image,
        {HTPASSWD: Output.secret(accounts)} if service.secrets else {},
        secrets_revision(args["secret_key"], service),
    )
    return workload, place.openings


def _own_image(place: Placement, settings: DistributionMirror, builder: ImageBuilder) -> Input[str]:
    """Return the registry's own image on a Docker engine: built there, or loaded into it before."""
    if settings.builds:
        return builder.image("registry").image_id
    return place.pulled("registry", image_reference("registry"))


def _scheme(settings: DistributionMirror) -> str:
    """Return how the official plugin asks the registry for what was pushed.

    The registry itself ends no TLS; what stands before it on another port of another name is taken to.
    """
    port = settings.pull_address.rpartition(":")[2]
    return "http" if settings.address is None or port == str(settings.port) else "https"
