"""What a stack's own mirror starts from: no mirror is there to pull that from.

Harbor's images, and a registry's on a cluster, come from where the stack has them from; a registry's on
Docker is built on the engine, and taken from there.
"""

from collections.abc import Mapping
from pathlib import Path

from config import DistributionMirror, HarborMirror, StackSettings
from ops.bundle.built import Built, fetch_built
from ops.bundle.fetched import Fetched, fetch
from ops.bundle.wanted import Access, WantedImage

REGISTRY = "mirror registry"
"""For whom a registry's image is, in the list."""


def fetch_mirror(
    stack: str,
    settings: StackSettings,
    access: Access,
    images: Fetched,
    older: Mapping[str, tuple[str, ...]],
    folder: Path,
) -> Fetched:
    """Return the images that the stack's own mirror runs; none where others run it.

    A layer that one of the `images` has is taken from there, and `folder` holds the others until the bundle
    is whole. Raises BundleFault.
    """
    match settings.mirror:
        case DistributionMirror(image=str(image)):
            return fetch([WantedImage(image, (REGISTRY,), image.partition("@")[0])], access, older)
        case DistributionMirror() as mirror:
            return fetch_built(Built.of(stack, settings, mirror, REGISTRY), images, older, folder)
        case HarborMirror() as harbor:
            return fetch(_of_harbor(harbor), access, older)
        case _:
            return Fetched()


def folder_of_layers(output: Path) -> Path:
    """Return where layers lie that an engine gave, until the bundle is whole."""
    return output.with_name(f"{output.name}.layers")


def _of_harbor(harbor: HarborMirror) -> list[WantedImage]:
    """Return each image of Harbor's once, with the services that run it."""
    users: dict[str, list[str]] = {}
    for service in harbor.service_names:
        users.setdefault(harbor.images.reference(service), []).append(f"mirror {service}")
    return [WantedImage(each, tuple(run), each.partition("@")[0]) for each, run in users.items()]
