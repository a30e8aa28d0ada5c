"""Which reference each service of a party is pulled by."""

from collections.abc import Mapping
from dataclasses import replace

import pulumi

from components.federation import StackOutput
from config import DistributionMirror, ExternalMirror, ImageReference, StackMirror, StackSettings
from images.recipes import recipe_digest

SERVICES = ("fateflow", "database", "broker", "gateway")


def built_images(settings: StackSettings) -> dict[str, ImageReference]:
    """Return the images that the stack's own mirror builds, by service; none where images are pulled."""
    if settings.images.source != "packages" or not isinstance(settings.mirror, DistributionMirror):
        return {}
    return {service: settings.image(service) for service in SERVICES}


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
    """Return a service's image; one that is built here has its recipe's digest as tag."""
    image = settings.image(service)
    built = settings.images.source == "packages"
    return replace(image, tag=recipe_digest(image.name)) if built else image


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
            return f"{mirror.address}/{image.text}"
        case DistributionMirror() as mirror:
            return f"localhost:{mirror.port}/{image.text}"
        case _:
            return image.text
