"""Whether the images that a stack needs exist."""

from collections.abc import Iterator

from config.catalogue import Source, catalogue
from config.faults import Fault, path, shown
from config.mirror import DistributionMirror
from config.plan import Plan


def known_release(plan: Plan) -> Iterator[Fault]:
    """Refuse a release of FATE that the catalogue does not hold."""
    known = catalogue().releases
    if plan.release is not None and plan.release not in known:
        yield Fault(
            path("release"),
            f"{shown(plan.release)} is no release of FATE that this program knows",
            f"write one of {', '.join(map(shown, known))}",
        )


def every_image_exists(plan: Plan) -> Iterator[Fault]:
    """Refuse a release that lacks, from the stack's source, a service that a party has."""
    if plan.release not in catalogue().releases or plan.images is None:
        return
    source = plan.images.catalogued
    lacking = [service for service in _services(plan) if not catalogue().image(plan.release, source, service)]
    if not lacking:
        return
    what = "image" if source not in catalogue().sources(plan.release) else f"image of {' and '.join(lacking)}"
    yield Fault(
        path("images", "from"),
        f"release {plan.release} has no {what} from {plan.images.source}",
        _another_way(plan.release, source, lacking),
    )


def _another_way(release: str, source: Source, lacking: list[str]) -> str:
    known = catalogue()
    releases = [name for name in known.releases if all(name in known.having(source, s) for s in lacking)]
    sources = [name for name in known.sources(release) if known.images(release, name).keys() >= set(lacking)]
    ways = [f"release: {shown(name)}" for name in releases] + [
        f"images: {{from: {name}}}" for name in sources
    ]
    return f"write {' or '.join(ways)}"


def _services(plan: Plan) -> Iterator[str]:
    wanted = {name for party in plan.parties.values() for name in party.service_names}
    yield from sorted(wanted)
    if isinstance(plan.mirror, DistributionMirror) and plan.mirror.image is None:
        yield from catalogue().of("mirror")
