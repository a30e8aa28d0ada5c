"""What builds images on a Docker engine, which pushes them: to a registry of the stack, or into a Harbor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_docker as docker
from pulumi import Output, ResourceOptions

from components.runtimes.runtime import Login
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


@dataclass(frozen=True)
class ImageBuilder:
    """Builds images on the Docker engine among a component's providers, each once and after its parents.

    What is pushed has the registry's address in its name, and its recipe's digest as tag, which other stacks
    pull by. What stays on that engine, a mirror's own image and what others stand on, has a tag of this
    stack's own.
    """

    parent: pulumi.Resource
    """The component that its resources belong to."""
    name: str
    """What stands before the names of these."""
    pushed_to: str
    """What stands before the name of an image that is pushed."""
    holders: Mapping[str, str]
    """Of each recipe that is pushed, the name that its image is known by in the stack."""
    _images: dict[str, docker.RemoteImage] = field(default_factory=dict)

    def image(self, recipe: str) -> docker.RemoteImage:
        """Build a recipe, if that is not done yet."""
        if recipe not in self._images:
            self._images[recipe] = self._built(recipe)
        return self._images[recipe]

    def pushed(
        self, recipe: str, account: Login, scheme: str, after: Sequence[pulumi.Resource]
    ) -> Output[str]:
        """Push a recipe's image, once the registry and the account are there; return its name by digest.

        By `scheme` the official plugin asks the registry for the digest of what it has pushed. It trusts whom
        this machine trusts.
        """
        image, repository = self.image(recipe), self._repository(recipe)
        push = docker.RegistryImage(
            f"{self._name_of(recipe)}-push",
            name=image.name,
            keep_remotely=True,
            auth_config=docker.RegistryImageAuthConfigArgs(
                address=f"{scheme}://{account.address}", username=account.user, password=account.password
            ),
            opts=ResourceOptions(parent=self.parent, depends_on=[image, *after], delete_before_replace=False),
        )
        return push.sha256_digest.apply(lambda digest: f"{repository}@{digest}")

    def _name_of(self, recipe: str) -> str:
        """Return what a recipe's resources are called."""
        return f"{self.name}-{self.holders.get(recipe, recipe)}"

    def _repository(self, recipe: str) -> str:
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
            f"{self._name_of(recipe)}-build",
            name=f"{self._repository(recipe)}:{tag}",
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
