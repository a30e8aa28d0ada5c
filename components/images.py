"""Which reference each service of a party is pulled by."""

from collections.abc import Mapping
from dataclasses import replace

import pulumi
from pulumi import Output

from components.federation import StackOutput
from config import (
    DistributionMirror,
    ExternalMirror,
    ImageReference,
    RegistryImages,
    StackMirror,
    StackSettings,
    catalogue,
)
from images.recipes import recipe_digest

SERVICES = tuple(catalogue().of("party"))


def built_images(settings: StackSettings) -> dict[str, ImageReference]:
    """Return the images that the stack's own mirror builds, by service; none where images are pulled."""
    if settings.images.source != "packages" or not isinstance(settings.mirror, DistributionMirror):
        return {}
    return {service: settings.image(service) for service in SERVICES}


def check_source(settings: StackSettings) -> None:
    """Raise pulumi.RunError for FATE's official images: they start in another way than those built here."""
    if settings.images.source == "hub":
        raise pulumi.RunError(
            "fate:images.from: the official images are in the catalogue, but this release does not run them"
            " yet. Write from: packages (built here) or from: registry (built here, held by yours)"
        )


def pulled_images(settings: StackSettings, output_of: StackOutput) -> dict[str, str]:
    """Return each service's reference: from another stack's mirror, or by an address.

    Raises pulumi.RunError for another stack's mirror that holds no such image.
    """
    mirror = settings.mirror
    if isinstance(mirror, StackMirror) and settings.images.source == "packages":
        held = output_of(mirror.stack, "images")
        return {service: _held(mirror.stack, held, service) for service in SERVICES}
    return {service: _prefixed(settings, _image(settings, service)) for service in SERVICES}


def _image(settings: StackSettings, service: str) -> ImageReference:
    """Return a service's image, its recipe's digest as tag."""
    image = settings.image(service)
    return replace(image, tag=recipe_digest(image.name.rpartition("/")[2]))


def _held(stack: str, images: object, service: str) -> str:
    if not isinstance(images, Mapping) or service not in images:
        raise pulumi.RunError(
            f"fate:mirror: stack {stack} holds no image for {service}: run pulumi up on that stack first, or"
            " write mirror: {kind: external, address: ...}"
        )
    return str(images[service])


def _prefixed(settings: StackSettings, image: ImageReference) -> str:
    match settings.mirror:
        case ExternalMirror() as mirror:
            return f"{mirror.address}/{_within(settings, image)}"
        case DistributionMirror() as mirror:
            return f"{mirror.pull_address}/{_within(settings, image)}"
        case _:
            return image.text


def _within(settings: StackSettings, image: ImageReference) -> str:
    """Return an image's name within its registry: a mirror stands in the registry's place."""
    return image.text.partition("/")[2] if isinstance(settings.images, RegistryImages) else image.text


def through(mirror: Output[str], references: Mapping[str, str]) -> dict[str, Output[str]]:
    """Return references that are known once the mirror answers: nothing is pulled through it before."""
    return {service: _after(mirror, reference) for service, reference in references.items()}


def _after(mirror: Output[str], reference: str) -> Output[str]:
    return mirror.apply(lambda _: reference)
