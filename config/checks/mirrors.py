"""Whether a stack's mirror can hold what parties pull, whether they reach it, and whether it can run."""

from collections.abc import Iterator

from config.cluster_exposure import NODE_PORTS
from config.faults import Fault, path
from config.images import HubImages, PackagesImages, RegistryImages
from config.kubernetes import KubernetesSettings
from config.mirror import DistributionMirror, OwnMirror, ReachedMirror
from config.plan import Plan
from config.runtime import DockerSettings

ADD_A_MIRROR = (
    "write mirror: {kind: distribution} for one of this stack, {kind: external, address: ...} for one that"
    " exists, or {kind: stack, stack: ...} for another stack's"
)
NOT_ON_DOCKER = {
    "image": "on Docker the registry is built here, from its recipe",
    "builder": "on Docker the engine that runs the mirror builds for it",
}


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
    mirror = plan.mirror
    if isinstance(mirror, DistributionMirror) and mirror.upstream is None and mirror.builds:
        yield Fault(
            path("mirror", "upstream"),
            f"is missing: nothing pushes images from {plan.images.source} to this mirror, so parties would"
            " find it empty",
            "write upstream: https://registry-1.docker.io (or the registry that has them), or builds: false,"
            " and fill it: fate bundle load",
        )


def a_mirror_that_others_fill(plan: Plan) -> Iterator[Fault]:
    """Refuse, for a mirror that nothing is built for, what only builds and copies need."""
    mirror = plan.mirror
    if not isinstance(mirror, OwnMirror) or mirror.builds:
        return
    for key in ("upstream", "holds", "builder"):
        if getattr(mirror, key, None):
            problem = "is without effect beside builds: false, with which nothing is built or copied"
            yield Fault(path("mirror", key), problem, f"leave {key} or builds out")


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
    for at, own in plan.pulling_elsewhere():
        key = "host" if isinstance(own, DockerSettings) else "context"
        yield Fault(
            path(*at, "runtime", key),
            f"{own.machine} cannot pull from the mirror on {plan.runtime.machine}, which is"
            f" {mirror.pull_address} there and nowhere else",
            "write mirror: {address: ...}, a name that both reach, with TLS or among the insecure"
            " registries of each, or mirror: {kind: external, address: ...}",
        )


def a_mirror_on_docker_is_built(plan: Plan) -> Iterator[Fault]:
    """Refuse for a mirror on Docker what only one in a cluster needs."""
    mirror = plan.mirror
    if not isinstance(mirror, DistributionMirror) or not isinstance(plan.runtime, DockerSettings):
        return
    for key, reason in NOT_ON_DOCKER.items():
        if getattr(mirror, key) is not None:
            yield Fault(path("mirror", key), f"is for Kubernetes: {reason}", f"leave {key} out")


def a_mirror_in_a_cluster_is_pulled(plan: Plan) -> Iterator[Fault]:
    """Refuse a mirror in a cluster whose own image the nodes cannot have."""
    if (mirror := _in_a_cluster(plan)) is None:
        return
    at = path("mirror", "image")
    remedy = "write image: host/registry:2.8@sha256:..., from a registry that the nodes pull from already"
    if mirror.image is None:
        yield Fault(at, "is missing: nodes cannot pull the mirror's own image from the mirror", remedy)
    elif mirror.image.startswith(f"{mirror.pull_address}/"):
        yield Fault(at, f"lies in the mirror itself ({mirror.pull_address}), which starts from it", remedy)


def a_mirror_in_a_cluster_has_a_node_port(plan: Plan) -> Iterator[Fault]:
    """Refuse for a mirror in a cluster a port that no node opens, and an address to open it on."""
    if (mirror := _in_a_cluster(plan)) is None:
        return
    if mirror.port not in NODE_PORTS:
        yield Fault(
            path("mirror", "port"),
            f"{mirror.port} cannot be opened: nodes open {NODE_PORTS.start} to {NODE_PORTS.stop - 1}",
            "write port: 30500",
        )
    if mirror.bind != DistributionMirror.model_fields["bind"].default:
        yield Fault(
            path("mirror", "bind"),
            f"{mirror.bind} is without effect in a cluster: its nodes open the port on all their addresses",
            "leave bind out",
        )


def _in_a_cluster(plan: Plan) -> DistributionMirror | None:
    on_kubernetes = isinstance(plan.runtime, KubernetesSettings)
    return plan.mirror if on_kubernetes and isinstance(plan.mirror, DistributionMirror) else None
