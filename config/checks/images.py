"""Whether the images that a stack needs exist, and whether its mirror can hold them."""

from collections.abc import Iterator

from config.faults import Fault, shown
from config.images import HubImages, PackagesImages, RegistryImages
from config.mirror import DistributionMirror
from config.paths import path
from config.plan import Plan
from config.releases import Release, Source, catalogue
from config.runtime import DockerSettings

ADD_A_MIRROR = (
    "write mirror: {kind: distribution} for one of this stack, {kind: external, address: ...} for one that"
    " exists, or {kind: stack, stack: ...} for another stack's"
)


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


def a_mirror_takes_the_pushes(plan: Plan) -> Iterator[Fault]:
    """Refuse images that are built here without a place to push them to."""
    if not isinstance(plan.images, PackagesImages):
        return
    if plan.mirror_is_absent:
        problem = "is missing: images from packages are built here, and parties pull them from a mirror"
        yield Fault(path("mirror"), problem, ADD_A_MIRROR)
    if isinstance(plan.mirror, DistributionMirror) and plan.mirror.upstream is not None:
        yield Fault(
            path("mirror", "upstream"),
            "a mirror that caches an upstream takes no push, and images from packages are pushed to it",
            "leave upstream out, or write images: {from: hub}",
        )


def a_mirror_has_what_is_pulled(plan: Plan) -> Iterator[Fault]:
    """Refuse a mirror of this stack that would stay empty: only images built here are pushed to it."""
    if not isinstance(plan.images, HubImages | RegistryImages):
        return
    if isinstance(plan.mirror, DistributionMirror) and plan.mirror.upstream is None:
        yield Fault(
            path("mirror", "upstream"),
            f"is missing: nothing pushes images from {plan.images.source} to this mirror, so parties would"
            " find it empty",
            "write upstream: https://registry-1.docker.io (or the registry that has them)",
        )


def every_engine_reaches_the_mirror(plan: Plan) -> Iterator[Fault]:
    """Refuse a party on another machine than this stack's mirror, which engines call by `localhost`."""
    if not isinstance(plan.mirror, DistributionMirror) or not isinstance(plan.runtime, DockerSettings):
        return
    for place, party in plan.parties.items():
        if isinstance(party.runtime, DockerSettings) and party.runtime.machine != plan.runtime.machine:
            yield Fault(
                path("parties", place, "runtime", "host"),
                f"the engine on {party.runtime.machine} cannot pull from the mirror on"
                f" {plan.runtime.machine}: Docker takes a registry without TLS only from its own machine",
                "write mirror: {kind: external, address: ...} with a registry that both machines reach",
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
    if isinstance(plan.mirror, DistributionMirror):
        yield "registry"
