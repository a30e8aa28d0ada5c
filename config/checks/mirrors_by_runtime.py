"""What a mirror of this stack needs on its runtime: Docker builds the registry, a cluster pulls it."""

from collections.abc import Iterator

from config.cluster_exposure import NODE_PORTS
from config.faults import Fault
from config.kubernetes import KubernetesSettings
from config.mirror import DistributionMirror
from config.paths import path
from config.plan import Plan
from config.runtime import DockerSettings

NOT_ON_DOCKER = {
    "image": "on Docker the registry is built here, from its recipe",
    "builder": "on Docker the engine that runs the mirror builds for it",
}


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
