"""Whether the images that a stack needs exist."""

from collections.abc import Iterator

from config.catalogue import Source, catalogue
from config.engines import engine_fault
from config.faults import Fault, path, shown
from config.images import HubImages, Images
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
    """Refuse a release that lacks, from where the stack takes it, a service that a party has."""
    if plan.release not in catalogue().releases or plan.images is None:
        return
    lacking: dict[Source, set[tuple[str, str]]] = {}
    for source, service, suffix in sorted(lacking_in(plan, plan.images, plan.release)):
        lacking.setdefault(source, set()).add((service, suffix))
    for source, services in lacking.items():
        yield _lacking(plan.release, plan.images, source, sorted(services))


def lacking_in(plan: Plan, images: Images, release: str) -> set[tuple[Source, str, str]]:
    """Return the source, the service and what its image's name ends with, where a release has none."""
    wanted = set(_wanted(plan, images))
    return {each for each in wanted if catalogue().image(release, *each) is None}


def every_image_is_run(plan: Plan) -> Iterator[Fault]:
    """Refuse official images that this program does not start yet."""
    if plan.images is None:
        return
    unknown = {
        service
        for source, service, _ in _wanted(plan, plan.images)
        if (images := catalogue().services[service].images.get(source)) and images.layout is None
    }
    if unknown:
        yield Fault(
            path("images", "from"),
            f"the official image of {_listed(sorted(unknown))} is known, but not how this program starts it",
            "write from: packages (built here) or from: registry (built here, held by yours)",
        )


def a_place_for_what_is_built_beside_official_images(plan: Plan) -> Iterator[Fault]:
    """Refuse a service whose image is built here in a stack that builds none."""
    if not isinstance(plan.images, HubImages):
        return
    for service, image in plan.images.services.items():
        if image.source == "packages" and image.prefix is None:
            yield Fault(
                path("images", "services", service, "prefix"),
                f"is missing: a stack from hub builds nothing, so the image of {service} is pulled",
                "write prefix: the registry that holds images built here, host[:port][/prefix]",
            )


def images_of_the_stacks_services(plan: Plan) -> Iterator[Fault]:
    """Refuse a source for a service that no party has: it would be without effect."""
    if plan.images is None or not plan.is_all_read:
        return
    run = {name for party in plan.parties.values() for name in party.service_names}
    run |= {plan.exchange.service} if plan.exchange else set()
    for service in plan.images.services:
        if service not in run:
            at = path("images", "services", service)
            yield Fault(at, f"no party of this stack has {service}", f"leave {service} out")


def _lacking(release: str, images: Images, source: Source, lacking: list[tuple[str, str]]) -> Fault:
    nothing = source not in catalogue().sources(release)
    what = "image" if nothing else f"image of {_listed([''.join(each) for each in lacking])}"
    said = images.source if source == images.catalogued else source
    return Fault(
        path("images", "from"),
        f"release {release} has no {what} from {said}",
        _another_way(release, source, lacking),
    )


def _another_way(release: str, source: Source, lacking: list[tuple[str, str]]) -> str:
    known = catalogue()
    releases = [name for name in known.releases if all(known.image(name, source, *each) for each in lacking)]
    sources = [
        name for name in known.sources(release) if all(known.image(release, name, *each) for each in lacking)
    ]
    mixed = {"hub": "{from: hub}", "packages": "{from: packages, prefix: ...}"}
    ways = [
        *(f"release: {shown(name)}" for name in releases),
        *(f"images: {{from: {name}}}" for name in sources),
        *(f"images.services.{each}: {mixed[name]}" for name in sources for each, _ in lacking),
    ]
    return f"write {' or '.join(ways)}" if ways else "write engines that need no such service"


def _wanted(plan: Plan, images: Images) -> Iterator[tuple[Source, str, str]]:
    """Yield the source, the service and what its image's name ends with, for all that the stack runs.

    Whether there is one for a party's algorithm and device too is another question.
    """
    for party in plan.parties.values():
        for service in () if engine_fault(party.engines) else party.service_names:
            source = images.source_of(service)
            is_known = source in catalogue().services[service].images
            yield source, service, party.plain.image_suffix(service, source) if is_known else ""
    if plan.exchange:
        yield images.source_of(plan.exchange.service), plan.exchange.service, ""
    if isinstance(plan.mirror, DistributionMirror) and plan.mirror.image is None:
        for service in catalogue().of("mirror") if images.catalogued == "packages" else ():
            yield "packages", service, ""


def _listed(names: list[str]) -> str:
    return " and ".join(names)
