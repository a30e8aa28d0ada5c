"""What parties on Kubernetes open: the ways out of a cluster are fewer than those of a machine."""

import shlex
from collections.abc import Iterator, Sequence

from config.catalogue import catalogue
from config.checks.ports import ports_of_peers
from config.cluster_exposure import (
    KEPT_INSIDE,
    NODE_PORTS,
    Balancer,
    IngressExposure,
    LoadBalancerExposure,
    NodePortExposure,
)
from config.exposure import Expose
from config.faults import Fault, path
from config.kubernetes import KubernetesSettings
from config.party import PartySettings
from config.plan import Plan

GATEWAY_PORT = catalogue().port("gateway", "http")
FLOW_PORT = catalogue().port("fateflow", "http")
ASKED = f"curl --header 'dest-party-id: 0' http://127.0.0.1:{GATEWAY_PORT}/v2/server/fateflow"
ASKED_WITHIN = (
    'exec service/fateflow --container fateflow -- python -c "import socket, urllib.request as r; '
    f"print(r.urlopen(f'http://{{socket.gethostname()}}:{FLOW_PORT}/v2/server/fateflow').read().decode())\""
)
"""For kubectl, of a party without a gateway: FATE-Flow is asked from its own pod."""


def no_api_out_of_a_cluster(plan: Plan) -> Iterator[Fault]:
    """Refuse to open an API that asks for no password on every node.

    The way to it leads through the gateway, to which 0 is the party itself: FATE-Flow listens at its pod's
    own address, where no forwarding ends. A party with OSX has no gateway.
    """
    for place, party, runtime in plan.in_clusters():
        if party.api is not None:
            way = f"{forwarding(runtime, party, 'gateway', GATEWAY_PORT)}, and beside it {ASKED}"
            if "gateway" not in party.service_names:
                way = f"{_in_namespace(runtime, party)} {ASKED_WITHIN}"
            yield Fault(
                path("parties", place, "api"),
                "is for Docker: a port of a cluster is open beyond this machine, and the API asks for no"
                " password",
                f"leave api out; when you need it, run {way}",
            )


def node_ports_that_nodes_open(plan: Plan) -> Iterator[Fault]:
    """Refuse ports that the nodes of a cluster do not open."""
    for place, party, runtime in plan.in_clusters():
        if isinstance(runtime.exposure, NodePortExposure):
            for service, (_, port) in ports_of_peers(party):
                if port not in NODE_PORTS:
                    key = f"{service}-port"
                    yield Fault(
                        path("parties", place, "expose", key),
                        f"{port} cannot be opened: with exposure node-port, nodes open {NODE_PORTS.start} to"
                        f" {NODE_PORTS.stop - 1}",
                        f"write {key}: {NODE_PORTS.start + port % 1000}, or another exposure",
                    )


def no_address_to_open_ports_on(plan: Plan) -> Iterator[Fault]:
    """Refuse an address of a machine for ports that a cluster opens."""
    for place, party, _ in plan.in_clusters():
        if party.expose and party.expose.bind != Expose.model_fields["bind"].default:
            yield Fault(
                path("parties", place, "expose", "bind"),
                f"{party.expose.bind} is without effect in a cluster, which opens ports on all addresses of"
                " its nodes or its load balancer",
                "leave bind out; sources says whose addresses may dial",
            )


def a_balancer_says_who_reaches_it(plan: Plan) -> Iterator[Fault]:
    """Refuse a load balancer of which nothing says whether it is public: on a managed cluster it would be."""
    refused: set[str] = set()
    for place, party, runtime in plan.in_clusters():
        for key, balancer, sources in _balancers(party, runtime):
            at = path(*plan.runtime_at(place), "exposure", *key, "reach")
            if balancer.reach is None and not sources and at not in refused:
                refused.add(at)
                yield Fault(
                    at,
                    "is missing: a managed cluster gives a load balancer a public address unless an"
                    " annotation keeps it inside, and nothing says which is wanted, nor whose addresses dial",
                    f"write reach: internal, with your cloud's own annotation, such as {KEPT_INSIDE};"
                    " sources, to let some addresses in; or reach: public",
                )


def _balancers(
    party: PartySettings, runtime: KubernetesSettings
) -> Iterator[tuple[Sequence[str], Balancer, Sequence[str]]]:
    """Yield each load balancer that a party gets: where it is said, what is said, and whom it lets in."""
    if party.expose is None:
        return
    match runtime.exposure:
        case LoadBalancerExposure() as balancer:
            yield (), balancer, party.expose.sources
        case IngressExposure() as ingress:
            for service in party.met_by_peers("tcp"):
                yield (service,), ingress.balancer(service), ingress.balancer(service).sources


def forwarding(runtime: KubernetesSettings, party: PartySettings, service: str, port: int) -> str:
    """Return the command that leads from this machine to a port of a party's service."""
    return f"{_in_namespace(runtime, party)} port-forward service/{service} {port}"


def _in_namespace(runtime: KubernetesSettings, party: PartySettings) -> str:
    kubeconfig = ["--kubeconfig", runtime.kubeconfig] if runtime.kubeconfig else []
    namespace = runtime.namespace or f"fate-STACK-{party.id}"
    chosen = [*kubeconfig, "--context", runtime.context, "--namespace", namespace]
    return f"kubectl {shlex.join(chosen)}"
