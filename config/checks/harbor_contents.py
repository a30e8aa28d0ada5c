"""Whether what a stack wants in a Harbor can be there: copies of its images, in a project of its own."""

import re
from collections.abc import Iterator

from config.catalogue import catalogue
from config.checks.images import lacking_in
from config.faults import Fault, path, shown
from config.harbor import HarborMirror
from config.harbor_contents import Replicate
from config.images import Images, PackagesImages, RegistryImages
from config.mirror import ExternalMirror, contents_of
from config.plan import Plan
from config.text import PROJECT

PUSH_THEM = "push them with the robot of output harbor-robots"
HUBS = ("docker.io", "index.docker.io", "registry-1.docker.io")


def a_project_at_the_address(plan: Plan) -> Iterator[Fault]:
    """Refuse a Harbor of others whose address names no project: Harbor has no image outside of one."""
    mirror = plan.mirror
    if not isinstance(mirror, ExternalMirror) or mirror.harbor is None:
        return
    if not re.fullmatch(PROJECT, mirror.project):
        named = f"names {mirror.project}, which is" if mirror.project else "names"
        yield Fault(
            path("mirror", "address"),
            f"{named} no project of that Harbor, and an image lies in one",
            f"write {mirror.registry}/fate, or another project of lower-case letters and digits",
        )


def images_that_can_be_copied(plan: Plan) -> Iterator[Fault]:
    """Refuse to copy what is in no registry: images that are built here.

    Beside these an official image is copied where its service says that it is from hub.
    """
    if not _replicate(plan) or not isinstance(plan.images, PackagesImages) or plan.images.from_docker_hub:
        return
    own = isinstance(plan.mirror, HarborMirror)
    yield Fault(
        path(*_at(plan), "replicate"),
        "copies from a registry, and images from packages are built here: no registry has them",
        "write images: {from: hub}, or {from: registry, prefix: ...} for those that you pushed to one; or"
        f" leave replicate out, and {'they are pushed' if own else PUSH_THEM}",
    )


def an_upstream_that_has_them(plan: Plan) -> Iterator[Fault]:
    """Refuse to look on Docker Hub for images of another registry, and in a Harbor for its own."""
    replicate, images = _replicate(plan), plan.images
    if replicate is None:
        return
    url, at = replicate.upstream.url, path(*_at(plan), "replicate", "from")
    if url is None and isinstance(images, RegistryImages):
        prefix = images.prefix.partition("/")[0]
        if prefix not in HUBS:
            yield Fault(
                at,
                f"Docker Hub has none of the images of {images.prefix}",
                f"write {{url: https://{prefix}}}, or another registry that has them under these names",
            )
    if url is not None and _host(url) == _own(plan):
        yield Fault(at, f"{url} is this Harbor itself", "write the registry that has the images already")


def a_release_to_copy(plan: Plan) -> Iterator[Fault]:
    """Refuse to copy a release that is unknown, or that lacks an image of what the stack runs."""
    replicate = _replicate(plan)
    if replicate is None or replicate.release is None or replicate.release == plan.release:
        return
    if plan.images is None:
        return
    at, known = path(*_at(plan), "replicate", "release"), catalogue().releases
    if replicate.release not in known:
        yield Fault(
            at,
            f"{shown(replicate.release)} is no release of FATE that this program knows",
            f"write one of {', '.join(map(shown, known))}, or leave it out for the stack's",
        )
    elif lacking := _lacking(plan, plan.images, replicate.release):
        names = " and ".join(sorted(lacking))
        yield Fault(
            at,
            f"release {replicate.release} has no image of {names}, which this stack runs",
            "leave release out for the stack's, or write engines that this release has",
        )


def _lacking(plan: Plan, images: Images, release: str) -> set[str]:
    """Return the images of a release that would be copied, and that it has not."""
    built = isinstance(images, PackagesImages)
    return {
        f"{service}{suffix}"
        for source, service, suffix in lacking_in(plan, images, release)
        if not (built and source == "packages")
    }


def _replicate(plan: Plan) -> Replicate | None:
    contents = contents_of(plan.mirror)
    return contents.replicate if contents else None


def _at(plan: Plan) -> tuple[str, ...]:
    return ("mirror",) if isinstance(plan.mirror, HarborMirror) else ("mirror", "harbor")


def _own(plan: Plan) -> str:
    match plan.mirror:
        case HarborMirror() as mirror:
            return mirror.authority
        case ExternalMirror() as mirror:
            return mirror.registry
        case _:
            return ""


def _host(url: str) -> str:
    return url.partition("://")[2].rstrip("/")
