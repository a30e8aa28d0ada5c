"""The component of the registry that parties pull from."""

from typing import TypedDict

import pulumi
import pulumi_docker as docker
from pulumi import Output, ResourceOptions

from components.runtimes import docker as runtime
from components.services.registry import PORT, registry
from components.services.service import Publication
from config import DistributionMirror, ImageReference
from images.recipes import build_arguments, recipe_digest


class RegistryMirrorArgs(TypedDict):
    """What a mirror is made of."""

    settings: DistributionMirror
    """Its part of the stack's configuration."""
    host: runtime.DockerHost
    """The engine it runs on."""
    built: dict[str, ImageReference]
    """The images to build and hold, by service; empty for a pull-through cache."""


class RegistryMirror(pulumi.ComponentResource):
    """A registry inside the operator's own network, that holds what parties run.

    It builds each image from its recipe and pushes it under the recipe's digest, or caches an upstream. It
    asks for no login and ends no TLS: it listens on loopback unless its settings name another address.
    """

    address: Output[str]
    """The host and port that images are pulled from."""
    images: dict[str, Output[str]]
    """For each service whose image was built, its reference by digest."""

    def __init__(self, name: str, args: RegistryMirrorArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("fate:index:RegistryMirror", name, None, opts)
        settings = args["settings"]
        container = _container(self, name, args)
        address = f"localhost:{settings.port}"
        self.address = container.id.apply(lambda _: address)
        self.images = {
            service: _pushed(self, f"{name}-{service}", address, image.name, container)
            for service, image in args["built"].items()
        }
        self.register_outputs({"address": self.address, "images": self.images})


def _container(parent: RegistryMirror, name: str, args: RegistryMirrorArgs) -> docker.Container:
    settings = args["settings"]
    service = registry(settings.upstream)
    place = runtime.place(args["host"], parent, name, party=None)
    image = _built(parent, f"{name}-registry", "fate/registry", "registry").image_id
    return runtime.run(
        place,
        service,
        image,
        secrets={},
        publications=[Publication("registry", PORT, settings.port, settings.bind)],
    )


def _built(parent: RegistryMirror, name: str, repository: str, recipe: str) -> docker.RemoteImage:
    digest = recipe_digest(recipe)
    return docker.RemoteImage(
        f"{name}-build",
        name=f"{repository}:{digest}",
        build=docker.RemoteImageBuildArgs(
            context=f"./images/{recipe}",
            dockerfile="Dockerfile",
            build_args=build_arguments(recipe),
        ),
        triggers={"recipe": digest},
        keep_locally=True,
        opts=ResourceOptions(parent=parent, delete_before_replace=True),
    )


def _pushed(
    parent: RegistryMirror, name: str, address: str, recipe: str, container: docker.Container
) -> Output[str]:
    repository = f"{address}/fate/{recipe}"
    image = _built(parent, name, repository, recipe)
    push = docker.RegistryImage(
        f"{name}-push",
        name=image.name,
        keep_remotely=True,
        triggers={"recipe": recipe_digest(recipe)},
        auth_config=docker.RegistryImageAuthConfigArgs(address=address, username="fate", password="none"),
        opts=ResourceOptions(parent=parent, depends_on=[image, container], delete_before_replace=True),
    )
    return push.sha256_digest.apply(lambda digest: f"{repository}@{digest}")
