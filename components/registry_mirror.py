"""The component of the registry that parties pull from."""

from typing import TypedDict

import pulumi
import pulumi_docker as docker
from pulumi import Input, Output, ResourceOptions

from components.restarts import secrets_revision
from components.runtimes.runtime import Login, Owner, Runtime
from components.services.passwords import derive
from components.services.registry import ACCOUNT, HTPASSWD, PASSWORD, PORT, htpasswd, registry
from components.services.service import Publication
from config import DistributionMirror, ImageReference
from images.recipes import build_arguments, recipe_digest


class RegistryMirrorArgs(TypedDict):
    """What a mirror is made of."""

    settings: DistributionMirror
    """Its part of the stack's configuration."""
    runtime: Runtime
    """The engine or cluster it runs on."""
    built: dict[str, ImageReference]
    """The images to build and hold, by service; empty for a pull-through cache."""
    secret_key: Input[str]
    """The stack's one secret; the mirror's password is derived from it."""


class RegistryMirror(pulumi.ComponentResource):
    """A registry inside the operator's own network, that holds what parties run.

    The Docker engine among its providers builds each image from its recipe and pushes it under the recipe's
    digest; or it caches an upstream. It ends no TLS. On a Docker engine it listens on loopback unless its
    settings name another address, and asks for no login; on a cluster, where every pod reaches it, it does.
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
        workload = _workload(self, name, args, password)
        account = self.logins[0] if on_cluster else Login(address, ACCOUNT, Output.from_input("none"))
        self.address = workload.id.apply(lambda _: address)
        self.images = {
            service: _pushed(self, f"{name}-{service}", image.name, account, workload)
            for service, image in args["built"].items()
        }
        self.register_outputs({"address": self.address, "images": self.images})


def _workload(
    parent: RegistryMirror, name: str, args: RegistryMirrorArgs, password: Output[str]
) -> pulumi.CustomResource:
    settings = args["settings"]
    service = registry(settings.upstream, bool(parent.logins))
    published = Publication("registry", PORT, settings.port, settings.bind)
    place = args["runtime"].place(parent, name, Owner(None, (service,), (published,)))
    image = settings.image or _built(parent, f"{name}-registry", "fate/registry", "registry").image_id
    accounts = Output.all(args["secret_key"], password).apply(lambda both: htpasswd(*both))
    return place.run(
        service,
        image,
        {HTPASSWD: Output.secret(accounts)} if service.secrets else {},
        secrets_revision(args["secret_key"], service),
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
    parent: RegistryMirror, name: str, recipe: str, account: Login, workload: pulumi.CustomResource
) -> Output[str]:
    repository = f"{account.address}/fate/{recipe}"
    image = _built(parent, name, repository, recipe)
    push = docker.RegistryImage(
        f"{name}-push",
        name=image.name,
        keep_remotely=True,
        triggers={"recipe": recipe_digest(recipe)},
        auth_config=docker.RegistryImageAuthConfigArgs(
            address=account.address, username=account.user, password=account.password
        ),
        opts=ResourceOptions(parent=parent, depends_on=[image, workload], delete_before_replace=True),
    )
    return push.sha256_digest.apply(lambda digest: f"{repository}@{digest}")
