"""Who may open a connection to whom: NetworkPolicies that follow the graph of services.

A cluster obeys them only if its network does: many plain bridges accept and ignore them.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

from pulumi_kubernetes import meta, networking

from components.runtimes.kubernetes_scope import Scope
from components.runtimes.names import DENY_ALL
from components.services.service import Audience, Port, Service
from config.exposure import Address

Peer = networking.v1.NetworkPolicyPeerArgs
Ingress = networking.v1.NetworkPolicyIngressRuleArgs
Egress = networking.v1.NetworkPolicyEgressRuleArgs
Ports = list[networking.v1.NetworkPolicyPortArgs]

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
    """Make the policy that opens one service's own edges: its callers, what it calls, peers, name servers."""
    return networking.v1.NetworkPolicy(
        f"{scope.prefix}-{service.name}-policy",
        metadata=scope.about(service.name, service.name),
        spec=networking.v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(match_labels=scope.selector(service.name)),
            policy_types=BOTH,
            ingress=[
                *_from_callers(scope, service),
                *_from_peers(scope, service),
                *_from_outside(scope, service),
                *_from_called_outside(service),
            ],
            egress=[
                *_to_called(scope, service),
                *_to_peers(scope, service),
                *_to_the_outside(service),
                _to_name_servers(),
            ],
        ),
        opts=scope.options(),
    )


def _from_callers(scope: Scope, service: Service) -> Iterable[Ingress]:
    callers = [s.name for s in scope.owner.services if service.name in s.calls]
    for ports, dialling in _by_ports(service, callers):
        yield Ingress(from_=[_pods(scope, name) for name in dialling], ports=ports)


def _from_peers(scope: Scope, service: Service) -> Iterable[Ingress]:
    places = dict.fromkeys(place for address in _met_at(scope, service) if (place := _near(scope, address)))
    if places:
        yield Ingress(from_=[_pods_near(*place) for place in places], ports=_ports(_met(service)))


def _from_outside(scope: Scope, service: Service) -> Iterable[Ingress]:
    """Yield what a published port admits: its sources, or everybody. A node's own address hides many."""
    for publication in scope.publications(service.name):
        blocks = [Peer(ip_block=networking.v1.IPBlockArgs(cidr=cidr)) for cidr in publication.sources]
        yield Ingress(from_=blocks or None, ports=[_port(publication.number)])


def _from_called_outside(service: Service) -> Iterable[Ingress]:
    """Yield what answers outside of the stack by dialling in its turn: from which address, nobody knows."""
    if ports := service.called_back_at:
        port = networking.v1.NetworkPolicyPortArgs(port=ports[0], end_port=ports[-1], protocol="TCP")
        yield Ingress(ports=[port])


def _to_called(scope: Scope, service: Service) -> Iterable[Egress]:
    for other in scope.owner.services:
        if other.name in service.calls:
            for ports, _ in _by_ports(other, [service.name]):
                yield Egress(to=[_pods(scope, other.name)], ports=ports)


def _to_peers(scope: Scope, service: Service) -> Iterable[Egress]:
    """Yield the way to what it dials of each peer, once: its pods, its address, or its port anywhere."""
    for address in dict.fromkeys(_met_at(scope, service)):
        near = _near(scope, address)
        yield Egress(to=[_pods_near(*near)] if near else _address(address.host), ports=[_port(address.port)])


def _to_the_outside(service: Service) -> Iterable[Egress]:
    for host, number in service.fetches_from:
        yield Egress(to=_address(host), ports=[_port(number)])


def _to_name_servers() -> Egress:
    return Egress(ports=[_port(DNS, "UDP"), _port(DNS)])


def _met_at(scope: Scope, service: Service) -> Iterator[Address]:
    """Yield the addresses at which a service meets its peers, or the exchange that stands for them."""
    for route in scope.owner.routes:
        yield from (route.addresses[kind] for kind in service.dialled if kind in route.addresses)


def _near(scope: Scope, address: Address) -> tuple[str, str] | None:
    """Return the service and the namespace at an address of the same cluster; None for any other."""
    suffix = f".svc.{scope.settings.cluster_domain}"
    if not address.host.endswith(suffix):
        return None
    service, _, namespace = address.host.removesuffix(suffix).partition(".")
    return service, namespace


def _pods_near(service: str, namespace: str) -> Peer:
    return Peer(
        namespace_selector=meta.v1.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": namespace}),
        pod_selector=meta.v1.LabelSelectorArgs(match_labels={"app.kubernetes.io/name": service}),
    )


def _address(host: str) -> Sequence[Peer] | None:
    """Return the block of one address; None, which is anywhere, for a name: policies know no names."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return [Peer(ip_block=networking.v1.IPBlockArgs(cidr=f"{address}/{address.max_prefixlen}"))]


def _by_ports(service: Service, callers: Sequence[str]) -> Iterator[tuple[Ports | None, list[str]]]:
    """Yield what some services of the same party dial, and who does: its ports; None, which is every port."""
    further = [caller for caller in callers if caller in service.opens_more_to]
    others = [caller for caller in callers if caller not in service.opens_more_to]
    if others:
        yield _ports(service.ports), others
    if further:
        yield None, further


def _met(service: Service) -> list[Port]:
    return [port for port in service.ports if port.audience is Audience.PEERS]


def _pods(scope: Scope, service: str) -> Peer:
    return Peer(pod_selector=meta.v1.LabelSelectorArgs(match_labels=scope.selector(service)))


def _ports(ports: Iterable[Port]) -> Ports:
    return [_port(port.number) for port in ports]


def _port(number: int, protocol: str = "TCP") -> networking.v1.NetworkPolicyPortArgs:
    return networking.v1.NetworkPolicyPortArgs(port=number, protocol=protocol)
