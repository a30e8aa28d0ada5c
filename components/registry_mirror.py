"""The component of the registry that parties pull from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import pulumi
import pulumi_docker as docker
from pulumi import Input, Output, ResourceOptions

from components.restarts import secrets_revision
from components.runtimes.runtime import Login, Owner, Placement, Runtime
from components.services.passwords import derive
from components.services.registry import ACCOUNT, HTPASSWD, PASSWORD, PORT, htpasswd, registry
from components.services.service import Publication
from config import DistributionMirror, ImageReference
from images.base_context import base_context, folder
from images.recipes import (
    BASE,
    argument_of,
    build_secrets,
    context,
    image_reference,
    parents,
    project_path,
    recipe_digest,
    tag_of,
)
from images.trust import hand_over_once


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
        builder = _Builder(self, name, f"{address}/fate", held)
        workload, openings = _workload(self, name, args, password, builder)
        account = self.logins[0] if on_cluster else Login(address, ACCOUNT, Output.from_input("none"))
        self.address = workload.id.apply(lambda _: address)
        self.images = {
            service: _pushed(builder, image.name, account, _scheme(settings), [workload, *openings])
            for service, image in args["built"].items()
        }
        self.register_outputs({"address": self.address, "images": self.images})


def _workload(
    parent: RegistryMirror,
    name: str,
    args: RegistryMirrorArgs,
    password: Output[str],
    builder: "_Builder",
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


def _own_image(place: Placement, settings: DistributionMirror, builder: "_Builder") -> Input[str]:
    """Return the registry's own image on a Docker engine: built there, or loaded into it before."""
    if settings.builds:
        return builder.image("registry").image_id
    return place.pulled("registry", image_reference("registry"))


@dataclass(frozen=True)
class _Builder:
    """Builds images on the Docker engine among the mirror's providers, each once and after its parents.

    What is pushed has the mirror's address in its name, and its recipe's digest as tag, which other stacks
    pull by. What stays on that engine, the mirror's own image and what others stand on, has a tag of this
    stack's own.
    """

    parent: RegistryMirror
    name: str
    pushed_to: str
    holders: Mapping[str, str]
    """Of each recipe that is pushed, the name that its image is known by in the stack."""
    _images: dict[str, docker.RemoteImage] = field(default_factory=dict)

    def image(self, recipe: str) -> docker.RemoteImage:
        """Build a recipe, if that is not done yet."""
        if recipe not in self._images:
            self._images[recipe] = self._built(recipe)
        return self._images[recipe]

    def name_of(self, recipe: str) -> str:
        """Return what a recipe's resources are called."""
        return f"{self.name}-{self.holders.get(recipe, recipe)}"

    def repository(self, recipe: str) -> str:
        """Return where a recipe's image is found, its tag apart."""
        if recipe in self.holders:
            return f"{self.pushed_to}/{recipe}"
        return image_reference(recipe).partition(":")[0]

    def _built(self, recipe: str) -> docker.RemoteImage:
        """Build an image, its recipe's digest a label: so a preview of another recipe tells that alone.

        Without it the official plugin tells all that a build leaves at its default; and were the earlier one
        deleted first, Pulumi would tell all of what stands on it.
        """
        if recipe == BASE and not pulumi.runtime.is_dry_run():
            base_context()
            hand_over_once()
        tag = recipe_digest(recipe) if recipe in self.holders else _own_tag(recipe)
        return docker.RemoteImage(
            f"{self.name_of(recipe)}-build",
            name=f"{self.repository(recipe)}:{tag}",
            build=docker.RemoteImageBuildArgs(
                context=project_path(folder() if recipe == BASE else context(recipe)),
                dockerfile="Dockerfile",
                build_args={argument_of(parent): self.image(parent).name for parent in parents(recipe)}
                or None,
                labels={"fate.recipe": recipe_digest(recipe)},
                secrets=[
                    docker.RemoteImageBuildSecretArgs(id=id, src=project_path(path))
                    for id, path in build_secrets(recipe).items()
                ]
                or None,
            ),
            keep_locally=True,
            opts=ResourceOptions(parent=self.parent),
        )


def _own_tag(recipe: str) -> str:
    return tag_of(recipe, f"{pulumi.get_project()}-{pulumi.get_stack()}")


def _pushed(
    builder: _Builder, recipe: str, account: Login, scheme: str, registry: Sequence[pulumi.Resource]
) -> Output[str]:
    image, repository = builder.image(recipe), builder.repository(recipe)
    push = docker.RegistryImage(
        f"{builder.name_of(recipe)}-push",
        name=image.name,
        keep_remotely=True,
        auth_config=docker.RegistryImageAuthConfigArgs(
            address=f"{scheme}://{account.address}", username=account.user, password=account.password
        ),
        opts=ResourceOptions(
            parent=builder.parent, depends_on=[image, *registry], delete_before_replace=False
        ),
    )
    return push.sha256_digest.apply(lambda digest: f"{repository}@{digest}")


def _scheme(settings: DistributionMirror) -> str:
    """Return how the official plugin asks the registry for what was pushed.

    The registry itself ends no TLS; what stands before it on another port of another name is taken to.
    """
    port = settings.pull_address.rpartition(":")[2]
    return "http" if settings.address is None or port == str(settings.port) else "https"
