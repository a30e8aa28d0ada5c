"""Whether the images that a stack needs exist."""

from collections.abc import Iterator

from config.faults import Fault, shown
from config.images import HubImages, PackagesImages, RegistryImages
from config.mirror import DistributionMirror
from config.paths import path
from config.plan import Plan
from config.releases import Release, Source, catalogue


def known_release(plan: Plan) -> Iterator[Fault]:
    """Refuse a release of FATE that the catalogue does not hold."""
    known = catalogue().names()
    if plan.release is not None and plan.release not in known:
        yield Fault(
            path("release"),
            f"{shown(plan.release)} is no release of FATE that this program knows",
            f"write one of {', '.join(map(shown, known))}",
        )


def every_image_exists(plan: Plan) -> Iterator[Fault]:
    """Refuse a release that lacks, from the stack's source, a service that a party has."""
    release = catalogue().root.get(plan.release or "")
    if release is None or plan.images is None:
        return
    source = catalogue_source(plan.images)
    lacking = [service for service in _services(plan) if release.image(source, service) is None]
    if not lacking:
        return
    what = "image" if source not in release.sources else f"image of {' and '.join(lacking)}"
    yield Fault(
        path("images", "from"),
        f"release {plan.release} has no {what} from {plan.images.source}",
        _another_way(release, source, lacking),
    )


def catalogue_source(images: PackagesImages | HubImages | RegistryImages) -> Source:
    """Return where the catalogue lists the images: a registry of the operator's holds those built here."""
    return "hub" if isinstance(images, HubImages) else "packages"


def _another_way(release: Release, source: Source, lacking: list[str]) -> str:
    known = catalogue()
    releases = [name for name in known.names() if all(name in known.having(source, s) for s in lacking)]
    sources = [other for other in release.sources if all(release.image(other, s) for s in lacking)]
    ways = [f"release: {shown(name)}" for name in releases] + [
        f"images: {{from: {name}}}" for name in sources
    ]
    return f"write {' or '.join(ways)}"


def _services(plan: Plan) -> Iterator[str]:
    wanted = {name for party in plan.parties.values() for name in party.service_names}
    yield from sorted(wanted)
    if isinstance(plan.mirror, DistributionMirror) and plan.mirror.image is None:
        yield "registry"
