"""Who may dial whom on a cluster, and how what is published leaves it: both without Pulumi."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.runtimes.kubernetes_edges import Edge, Neighbours, Ports
from components.runtimes.kubernetes_openings import (
    OuterPort,
    OuterService,
    RouteOpening,
    WebOpening,
    openings_of,
)
from components.runtimes.runtime import Owner
from components.services.context import Route
from components.services.service import Audience, Port, Probe, Publication, Resources, Service, Tcp
from config import KubernetesSettings
from config.exposure import Address
from config.pages import PageIngress

NEAR = "gateway.fate-10000.svc.cluster.local"
AMQP = Port("amqp", 5672, Audience.PEERS)
WEB = Port("http", 9300, Audience.PEERS, speaks_http=True)


def service(name: str, *ports: Port, **more: Any) -> Service:  # noqa: ANN401 - fields of a service
    return Service(name, 10001, ("run",), Probe(Tcp(1)), Resources(64), {"A": "b"}, ports=ports, **more)


def cluster(**exposure: Any) -> KubernetesSettings:  # noqa: ANN401 - YAML
    keys = {"context": "prod", **({"exposure": exposure} if exposure else {})}
    return KubernetesSettings.model_validate(keys)


def published(name: str, number: int, external: int, **more: Any) -> Publication:  # noqa: ANN401
    return Publication(name, number, external, "0.0.0.0", "expose", "fate.bank.example", **more)


def neighbours(*services: Service, routes: Mapping[str, Mapping[str, str]] | None = None) -> Neighbours:
    """Return a party whose peers are met at a host, by peer and service; ports are those of here."""
    ways = tuple(
        Route(peer, {name: Address(host, 9300) for name, host in hosts.items()})
        for peer, hosts in (routes or {}).items()
    )
    return Neighbours(Owner("9999", services, routes=ways), cluster())


def test_a_call_is_an_edge_at_both_ends() -> None:
    database, caller = service("database", Port("mysql", 3306)), service("flow", calls=("database",))
    party = neighbours(database, caller)
    assert party.admitted(database) == [Edge(services=("flow",), ports=(Ports(3306),))]
    assert party.dialled(caller) == [Edge(services=("database",), ports=(Ports(3306),))]
    assert party.admitted(caller) == []
    assert party.dialled(database) == [], "an answer needs no edge"


def test_who_is_dialled_further_is_dialled_at_every_port() -> None:
    node = service("node", Port("rpc", 4670), opens_more_to=("node",), calls=("node",))
    manager = service("manager", calls=("node",))
    assert neighbours(node, manager).admitted(node) == [
        Edge(services=("manager",), ports=(Ports(4670),)),
        Edge(services=("node",), ports=None),
    ]


@pytest.mark.parametrize(
    ("host", "there"),
    [
        (NEAR, Edge(near=(("gateway", "fate-10000"),), ports=(Ports(9300),))),
        ("203.0.113.7", Edge(blocks=("203.0.113.7/32",), ports=(Ports(9300),))),
        ("fate.partner.example", Edge(ports=(Ports(9300),))),
    ],
    ids=["in the same cluster", "at an address", "by a name, which no policy knows"],
)
def test_a_peer_is_dialled_where_it_is(host: str, there: Edge) -> None:
    gateway = service("gateway", WEB)
    assert neighbours(gateway, routes={"10000": {"gateway": host}}).dialled(gateway) == [there]


def test_only_peers_in_the_same_cluster_are_admitted_by_name() -> None:
    gateway = service("gateway", WEB, Port("admin", 9301))
    party = neighbours(gateway, routes={"1": {"gateway": "203.0.113.7"}, "10000": {"gateway": NEAR}})
    assert party.admitted(gateway) == [Edge(near=(("gateway", "fate-10000"),), ports=(Ports(9300),))]


def test_two_peers_behind_one_address_are_one_edge() -> None:
    gateway = service("gateway", WEB)
    party = neighbours(gateway, routes={id: {"gateway": "203.0.113.7"} for id in ("1", "2")})
    assert len(party.dialled(gateway)) == 1


def test_what_is_published_admits_its_sources_or_everybody() -> None:
    gateway = service("gateway", WEB)
    for sources in ((), ("192.0.2.0/24",)):
        owner = Owner("9999", (gateway,), (published("gateway", 9300, 30300, sources=sources),))
        admitted = Neighbours(owner, cluster()).admitted(gateway)
        assert admitted == [Edge(blocks=sources, ports=(Ports(9300),))]


def test_what_is_fetched_and_what_calls_back_are_edges_to_the_outside() -> None:
    flow = service(
        "flow", fetches_from=(("", 443), ("198.51.100.7", 9000)), called_back_at=range(40000, 40011)
    )
    party = neighbours(flow)
    assert party.admitted(flow) == [Edge(ports=(Ports(40000, 40010),))]
    assert party.dialled(flow) == [
        Edge(ports=(Ports(443),)),
        Edge(blocks=("198.51.100.7/32",), ports=(Ports(9000),)),
    ]


def opened(settings: KubernetesSettings, one: Service, *publications: Publication) -> list[object]:
    return list(openings_of(Owner("9999", (one,), publications), settings, one))


def test_nothing_is_opened_of_what_is_not_published() -> None:
    gateway, other = service("gateway", WEB), published("broker", 5672, 30672)
    assert opened(cluster(), gateway) == []
    assert opened(cluster(), gateway, other) == []


def test_all_node_ports_of_a_service_are_of_one_service() -> None:
    flow = service("fateflow", Port("http", 9380))
    made = opened(cluster(), flow, published("fateflow", 40000, 30000), published("fateflow", 40001, 30001))
    ports = tuple(OuterPort(f"peers-{4000}{n}", 40000 + n, 40000 + n, 30000 + n) for n in (0, 1))
    assert made == [OuterService("NodePort", ports)]


def test_a_load_balancer_listens_on_what_peers_dial() -> None:
    settings = cluster(kind="load-balancer", reach="internal", annotations={"a.example/b": "c"})
    (made,) = opened(
        settings, service("broker", AMQP), published("broker", 5672, 443, sources=("192.0.2.0/24",))
    )
    assert made == OuterService(
        "LoadBalancer",
        (OuterPort("peers", 443, 5672),),
        ("192.0.2.0/24",),
        annotations={"a.example/b": "c"},
        reach="internal",
    )
    assert made.ranges == ("192.0.2.0/24",)


def test_a_node_port_lets_through_nobody_by_itself() -> None:
    (made,) = opened(
        cluster(), service("broker", AMQP), published("broker", 5672, 30672, sources=("192.0.2.0/24",))
    )
    assert isinstance(made, OuterService)
    assert made.ranges == (), "loadBalancerSourceRanges is a load balancer's; the policy names the sources"


def test_an_ingress_carries_what_speaks_http_and_a_balancer_the_rest() -> None:
    settings = cluster(kind="ingress", **{"class": "nginx", "broker": {"sources": ["192.0.2.0/24"]}})
    (web,) = opened(settings, service("gateway", WEB), published("gateway", 9300, 80))
    assert web == WebOpening("fate.bank.example", 9300, "nginx")
    (rest,) = opened(settings, service("broker", AMQP), published("broker", 5672, 5672))
    assert isinstance(rest, OuterService)
    assert rest.sources == ("192.0.2.0/24",), "for whom is the balancer's to say"


def test_a_page_has_an_ingress_of_its_own_whatever_the_exposure() -> None:
    page = PageIngress.model_validate({"host": "board.bank.example", "tls-secret": "pages"})
    made = opened(cluster(), service("fateboard", WEB), published("fateboard", 8080, 443, ingress=page))
    assert made == [WebOpening("board.bank.example", 8080, None, "pages")]


def test_a_gateway_has_a_route_for_each_kind_of_traffic() -> None:
    settings = cluster(
        kind="gateway-api", **{"gateway": "outer", "gateway-namespace": "ingress", "tcp-section": "amqp"}
    )
    (web,) = opened(settings, service("gateway", WEB), published("gateway", 9300, 80))
    (rest,) = opened(settings, service("broker", AMQP), published("broker", 5672, 5672))
    assert web == RouteOpening("HTTPRoute", 9300, "outer", "ingress", None, ("fate.bank.example",))
    assert rest == RouteOpening("TCPRoute", 5672, "outer", "ingress", "amqp")
