"""Who may open a connection to whom: NetworkPolicies that say what the edges of services are.

A cluster obeys them only if its network does: many plain bridges accept and ignore them.
"""

from collections.abc import Iterable

from pulumi_kubernetes import meta, networking

from components.runtimes.kubernetes_edges import Edge, Neighbours
from components.runtimes.kubernetes_scope import Scope
from components.runtimes.names import DENY_ALL
from components.services.service import Service

Peer = networking.v1.NetworkPolicyPeerArgs
Ingress = networking.v1.NetworkPolicyIngressRuleArgs
Egress = networking.v1.NetworkPolicyEgressRuleArgs
Port = networking.v1.NetworkPolicyPortArgs

DNS = 53
BOTH = ["Ingress", "Egress"]


def deny_all(scope: Scope) -> networking.v1.NetworkPolicy:
    """Make the policy that lets nothing into and out of any pod of the namespace."""
    return networking.v1.NetworkPolicy(
        f"{scope.prefix}-{DENY_ALL}",
        metadata=scope.about(DENY_ALL),
        spec=networking.v1.NetworkPolicySpecArgs(pod_selector=meta.v1.LabelSelectorArgs(), policy_types=BOTH),
        opts=scope.options(),
    )


def allow(scope: Scope, service: Service) -> networking.v1.NetworkPolicy:
    """Make the policy that opens one service's own edges, and the way to name servers."""
    neighbours = Neighbours(scope.owner, scope.settings)
    admitted, dialled = neighbours.admitted(service), neighbours.dialled(service)
    return networking.v1.NetworkPolicy(
        f"{scope.prefix}-{service.name}-policy",
        metadata=scope.about(service.name, service.name),
        spec=networking.v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(match_labels=scope.selector(service.name)),
            policy_types=BOTH,
            ingress=[Ingress(from_=_others(scope, edge), ports=_ports(edge)) for edge in admitted],
            egress=[
                *(Egress(to=_others(scope, edge), ports=_ports(edge)) for edge in dialled),
                _to_name_servers(),
            ],
        ),
        opts=scope.options(),
    )


def _to_name_servers() -> Egress:
    return Egress(ports=[_port(DNS, "UDP"), _port(DNS)])


def _others(scope: Scope, edge: Edge) -> list[Peer] | None:
    """Return who is at the other end of an edge; None where that is anybody."""
    return [
        *(_pods(scope, service) for service in edge.services),
        *_pods_near(edge.near),
        *(Peer(ip_block=networking.v1.IPBlockArgs(cidr=cidr)) for cidr in edge.blocks),
    ] or None


def _pods(scope: Scope, service: str) -> Peer:
    return Peer(pod_selector=meta.v1.LabelSelectorArgs(match_labels=scope.selector(service)))


def _pods_near(places: Iterable[tuple[str, str]]) -> Iterable[Peer]:
    for service, namespace in places:
        named = {"kubernetes.io/metadata.name": namespace}
        yield Peer(
            namespace_selector=meta.v1.LabelSelectorArgs(match_labels=named),
            pod_selector=meta.v1.LabelSelectorArgs(match_labels={"app.kubernetes.io/name": service}),
        )


def _ports(edge: Edge) -> list[Port] | None:
    if edge.ports is None:
        return None
    return [_port(ports.first, last=ports.last) for ports in edge.ports]


def _port(number: int, protocol: str = "TCP", last: int | None = None) -> Port:
    return Port(port=number, end_port=last, protocol=protocol)
