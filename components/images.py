"""Which reference each service of a party is pulled by."""

from collections.abc import Callable, Mapping

import pulumi
from pulumi import Input

from config import DistributionMirror, ExternalMirror, ImageReference, StackMirror, StackSettings

SERVICES = ("fateflow", "database", "broker", "gateway")


def built_images(settings: StackSettings) -> dict[str, ImageReference]:
    """Return the images that the stack's own mirror builds, by service; none where images are pulled."""
    if settings.images.source != "packages" or not isinstance(settings.mirror, DistributionMirror):
        return {}
    return {service: settings.image(service) for service in SERVICES}


def pulled_images(
    settings: StackSettings,
    own: Mapping[str, Input[str]],
    referenced: Callable[[str], pulumi.StackReference],
) -> dict[str, Input[str]]:
    """Return each service's reference: from the own mirror, another stack's mirror, or an address."""
    mirror = settings.mirror
    if own:
        return dict(own)
    if isinstance(mirror, StackMirror) and settings.images.source == "packages":
        return {s: _from_stack(referenced(mirror.stack), mirror.stack, s) for s in SERVICES}
    return {service: _prefixed(settings, settings.image(service)) for service in SERVICES}


def _from_stack(stack: pulumi.StackReference, name: str, service: str) -> Input[str]:
    def read(images: Mapping[str, str] | None) -> str:
        if not images or service not in images:
            raise pulumi.RunError(
                f"fate:mirror: stack {name} holds no image for {service}: run pulumi up on that stack first,"
                " or write mirror: {kind: external, address: ...}"
            )
        return images[service]

    return stack.get_output("images").apply(read)


def _prefixed(settings: StackSettings, image: ImageReference) -> str:
    match settings.mirror:
        case ExternalMirror() as mirror:
            return f"{mirror.address}/{image.text}"
        case DistributionMirror() as mirror:
            return f"localhost:{mirror.port}/{image.text}"
        case _:
            return image.text
