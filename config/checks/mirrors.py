"""Whether a stack's mirror can hold what parties pull, and whether they reach it."""

from collections.abc import Iterator

from config.faults import Fault
from config.images import HubImages, PackagesImages, RegistryImages
from config.mirror import DistributionMirror, ReachedMirror
from config.paths import path
from config.plan import Plan
from config.runtime import DockerSettings

ADD_A_MIRROR = (
    "write mirror: {kind: distribution} for one of this stack, {kind: external, address: ...} for one that"
    " exists, or {kind: stack, stack: ...} for another stack's"
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


def one_way_to_the_mirror(plan: Plan) -> Iterator[Fault]:
    """Refuse a certificate for a registry that is asked without TLS."""
    mirror = plan.mirror
    if isinstance(mirror, ReachedMirror) and mirror.plain_http and mirror.ca_file is not None:
        yield Fault(
            path("mirror", "ca-file"),
            "is without effect beside plain-http: true, which asks the registry without TLS",
            "leave one of them out",
        )


def every_party_reaches_the_mirror(plan: Plan) -> Iterator[Fault]:
    """Refuse a party elsewhere than this stack's mirror, where the mirror is known as `localhost`.

    An address that the stack gives is believed: a cluster on this machine may well have it as `localhost`.
    """
    mirror = plan.mirror
    if not isinstance(mirror, DistributionMirror) or plan.runtime is None or not mirror.is_local:
        return
    for place, party in plan.parties.items():
        own = party.runtime
        if own is not None and own.machine != plan.runtime.machine:
            key = "host" if isinstance(own, DockerSettings) else "context"
            yield Fault(
                path("parties", place, "runtime", key),
                f"{own.machine} cannot pull from the mirror on {plan.runtime.machine}, which is"
                f" {mirror.pull_address} there and nowhere else",
                "write mirror: {address: ...}, a name that both reach, with TLS or among the insecure"
                " registries of each, or mirror: {kind: external, address: ...}",
            )
