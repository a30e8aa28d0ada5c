"""What an exchange opens for parties elsewhere: one port for calls, and one for the data of each party."""

from collections.abc import Iterator

from config.cluster_exposure import (
    KEPT_INSIDE,
    NODE_PORTS,
    GatewayExposure,
    IngressExposure,
    LoadBalancerExposure,
)
from config.exchange import ExchangeExpose
from config.faults import Fault, path
from config.kubernetes import KubernetesSettings
from config.plan import Plan
from config.runtime import DockerSettings


def an_exposure_that_carries_bytes(plan: Plan) -> Iterator[Fault]:
    """Refuse an exchange behind an Ingress or a Gateway's routes: they choose by names, and data has none."""
    cluster = _opening_cluster(plan)
    if cluster and isinstance(cluster.exposure, IngressExposure | GatewayExposure):
        yield Fault(
            path(*_runtime_at(plan), "exposure", "kind"),
            f"{cluster.exposure.kind} cannot open an exchange: what parties dial there is no HTTP of theirs",
            "write exposure: {kind: node-port} or {kind: load-balancer, reach: ...}; fate:exchange.runtime"
            " gives the exchange one of its own",
        )


def what_a_cluster_opens_for_the_exchange(plan: Plan) -> Iterator[Fault]:
    """Refuse ports that no node opens, an address for them, a balancer that may be public unasked."""
    cluster, exchange = _opening_cluster(plan), plan.exchange
    if cluster is None or exchange is None or exchange.expose is None:
        return
    if exchange.expose.bind != ExchangeExpose.model_fields["bind"].default:
        yield Fault(
            path("exchange", "expose", "bind"),
            f"{exchange.expose.bind} is without effect in a cluster, which opens ports on all addresses of"
            " its nodes or its load balancer",
            "leave bind out; sources says whose addresses may dial",
        )
    if isinstance(cluster.exposure, LoadBalancerExposure):
        if cluster.exposure.reach is None and not exchange.expose.sources:
            yield _of_unsaid_reach(path(*_runtime_at(plan), "exposure", "reach"))
        return
    for at, port in ports_of_the_exchange(plan):
        if port not in NODE_PORTS:
            key = at.rpartition(".")[2]
            yield Fault(
                at,
                f"{port} cannot be opened: with exposure node-port, nodes open {NODE_PORTS.start} to"
                f" {NODE_PORTS.stop - 1}",
                f"write {key}: {NODE_PORTS.start + port % 1000}, or another exposure",
            )


def what_docker_does_not_filter(plan: Plan) -> Iterator[Fault]:
    """Refuse sources on Docker, where everybody could dial all the same."""
    expose = plan.exchange and plan.exchange.expose
    if expose and expose.sources and isinstance(plan.exchange_runtime, DockerSettings):
        yield Fault(
            path("exchange", "expose", "sources"),
            "is for Kubernetes: a Docker engine does not filter by source, and everybody could dial",
            "leave sources out, and filter in the firewall of the machine or of its network",
        )


def ports_of_the_exchange(plan: Plan) -> Iterator[tuple[str, int]]:
    """Yield the ports that the exchange opens, and where the stack says so first; none if it opens none."""
    exchange = plan.exchange
    if exchange is None or exchange.expose is None:
        return
    yield path("exchange", "expose", exchange.expose.key), exchange.expose.port
    kept: dict[int, str] = {}
    for place, _, party in plan.behind_the_exchange():
        for service, port in party.ports.items():
            kept.setdefault(port, path("parties", place, "exchange", f"{service}-at"))
    for number, member in enumerate(exchange.parties):
        for service, port in member.ports.items():
            kept.setdefault(port, path("exchange", "parties", number, f"{service}-at"))
    yield from ((at, port) for port, at in kept.items())


def _of_unsaid_reach(at: str) -> Fault:
    return Fault(
        at,
        "is missing: a managed cluster gives a load balancer a public address unless an annotation keeps it"
        " inside, and nothing says which is wanted, nor whose addresses dial",
        f"write reach: internal, with your cloud's own annotation, such as {KEPT_INSIDE}; sources, to let"
        " some addresses in; or reach: public",
    )


def _opening_cluster(plan: Plan) -> KubernetesSettings | None:
    opens = plan.exchange is not None and plan.exchange.expose is not None
    runtime = plan.exchange_runtime
    return runtime if opens and isinstance(runtime, KubernetesSettings) else None


def _runtime_at(plan: Plan) -> tuple[str, ...]:
    return ("exchange", "runtime") if plan.exchange and plan.exchange.runtime else ("runtime",)
