"""Stacks for property tests: `accepted_stacks()` yields raw values that `config.load` takes."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.unit.cluster_strategies import clusters
from tests.unit.stack_values import DIGEST

Values = dict[str, Any]

BRIDGE = "172.17.0.1"
BINDS = ("127.0.0.1", BRIDGE, "0.0.0.0")
HOSTS = ("unix:///var/run/docker.sock", "ssh://fate@one.example", "ssh://root@two.example:2222")
HOST_NAMES = ("fate.bank.example", "192.0.2.10")
SOURCES: tuple[list[str], ...] = (["192.0.2.0/24"], ["198.51.100.7/32", "2001:db8::/32"], [])
FIRST_PORT = 20000
FIRST_NODE_PORT = 30000
RABBITMQ = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
STANDALONE = {**RABBITMQ, "federation": "standalone"}
OVERRIDES: tuple[Values, ...] = (
    {},
    {"fateflow": {"memory": 2048, "environment": {"OMP_NUM_THREADS": "2"}}},
    {"fateflow": {"configuration": {"service_conf.yaml": {"computing": {"standalone": {"cores": 8}}}}}},
    {
        "fateflow": {
            "configuration": {"service_conf.yaml": {"log_level": 10, "authentication": {"site": True}}}
        }
    },
    {"gateway": {"cpus": 0.5, "configuration": {"nginx.conf": {"client_max_body_size": "64m"}}}},
)


@dataclass
class Ports:
    """Hands out ports, none twice."""

    used: int = field(default=FIRST_PORT)
    used_of_nodes: int = field(default=FIRST_NODE_PORT)

    def next(self, of_nodes: bool = False) -> int:
        if of_nodes:
            self.used_of_nodes += 1
            return self.used_of_nodes
        self.used += 1
        return self.used


def party_ids(count: int) -> st.SearchStrategy[list[str]]:
    one = st.one_of(
        st.integers(1, 10**12).map(str),
        st.from_regex(r"p[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True),
    )
    return st.lists(one, min_size=count, max_size=count, unique=True)


@st.composite
def accepted_stacks(draw: st.DrawFn, least: int = 1, most: int = 5) -> Values:
    """Yield the values of a stack that is accepted: 1 to 5 parties in every form that peers may have.

    The first runs on the stack's own runtime, whose settings then belong to something.
    """
    ids = draw(party_ids(draw(st.integers(least, most))))
    ports, source = Ports(), draw(st.sampled_from(["packages", "packages", "registry"]))
    shared = (None, "fate") if len(ids) == 1 else (None,)
    runtime: Values = draw(st.just({"kind": "docker"}) | clusters(shared))
    mirror = draw(_mirrors(source, runtime, ports))
    spread = mirror is None or mirror["kind"] != "distribution" or "address" in mirror
    alone = len(ids) == 1 and draw(st.booleans())
    links = {frozenset(pair) for pair in draw(_links(ids))}
    stack: Values = {
        "release": "2.2.0",
        "runtime": runtime,
        "images": draw(_images(source)),
        "parties": [
            draw(_party(id, ids, links, ports, runtime, spread and id != ids[0], alone)) for id in ids
        ],
    }
    if mirror is not None:
        stack["mirror"] = mirror
    if draw(st.booleans()):
        stack["rotation"] = {"database": draw(st.integers(1, 99)), "broker": draw(st.integers(1, 99))}
    return stack


def _links(ids: list[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    pairs = [(a, b) for number, a in enumerate(ids) for b in ids[number + 1 :]]
    return st.lists(st.sampled_from(pairs), unique=True) if pairs else st.just([])


def _images(source: str) -> st.SearchStrategy[Values]:
    if source == "packages":
        return st.just({"from": "packages"})
    return st.just({"from": "registry", "prefix": "registry.bank.example:5000/fate"})


@st.composite
def _mirrors(draw: st.DrawFn, source: str, runtime: Values, ports: Ports) -> Values | None:
    external = {"kind": "external", "address": "registry.bank.example"}
    kinds: list[Values | None] = [external, {"kind": "stack", "stack": "organization/fate/dev"}]
    own: Values = {"kind": "distribution", **draw(_listening(runtime, ports))}
    if draw(st.booleans()):
        own["address"] = "mirror.bank.example:5000"
    cache = {**own, "upstream": "https://registry.bank.example"}
    filled = {**own, "builds": False}
    kinds.append({key: value for key, value in filled.items() if key != "builder"})
    return draw(st.sampled_from([*kinds, own] if source == "packages" else [*kinds, cache, None]))


@st.composite
def _listening(draw: st.DrawFn, runtime: Values, ports: Ports) -> Values:
    if runtime["kind"] == "docker":
        return {"port": ports.next(), "bind": draw(st.sampled_from(BINDS))}
    own: Values = {
        "port": ports.next(of_nodes=True),
        "image": f"registry.bank.example/registry:2.8@{DIGEST}",
    }
    return draw(st.sampled_from([own, {**own, "builder": {"host": HOSTS[1]}}]))


@st.composite
def _party(
    draw: st.DrawFn,
    id: str,
    ids: list[str],
    links: set[frozenset[str]],
    ports: Ports,
    runtime: Values,
    spread: bool,
    alone: bool,
) -> Values:
    party: Values = {"id": id, "engines": STANDALONE if alone else RABBITMQ}
    party["services"] = draw(st.sampled_from(OVERRIDES))
    if draw(st.booleans()):
        party["database"] = draw(st.sampled_from(["mariadb", "sqlite"]))
    if not alone and spread and draw(st.booleans()):
        engines = st.sampled_from([{"host": host} for host in HOSTS])
        runtime = party["runtime"] = draw(engines | clusters((None, f"bank-{id}")))
    on_docker = runtime.get("kind", "docker") == "docker"
    if on_docker and draw(st.booleans()):
        party["api"] = {"port": ports.next(), "bind": draw(st.sampled_from(BINDS))}
    if alone:
        return party
    party["expose"] = draw(_exposure(ports) if on_docker else _exposure_of_a_cluster(runtime, ports))
    party["peers"] = draw(_peers(id, ids, links, ports))
    return party


@st.composite
def _exposure(draw: st.DrawFn, ports: Ports) -> Values:
    return {
        "host": draw(st.sampled_from(HOST_NAMES)),
        "bind": draw(st.sampled_from(BINDS)),
        "gateway-port": ports.next(),
        "broker-port": ports.next(),
    }


@st.composite
def _exposure_of_a_cluster(draw: st.DrawFn, runtime: Values, ports: Ports) -> Values:
    of_nodes = runtime["exposure"]["kind"] == "node-port"
    routed = runtime["exposure"]["kind"] in ("ingress", "gateway-api")
    broker = {"broker-host": draw(st.sampled_from(HOST_NAMES))} if routed or draw(st.booleans()) else {}
    return {
        **broker,
        "host": draw(st.sampled_from(HOST_NAMES[:1] if routed else HOST_NAMES)),
        "gateway-port": ports.next(of_nodes),
        "broker-port": ports.next(of_nodes),
        "sources": [] if routed else draw(st.sampled_from(SOURCES)),
    }


@st.composite
def _peers(
    draw: st.DrawFn, id: str, ids: list[str], links: set[frozenset[str]], ports: Ports
) -> list[Values]:
    peers: list[Values] = [{"id": other} for other in ids if frozenset({id, other}) in links]
    for number in range(draw(st.integers(0, 2))):
        outside = {"id": f"outside-{number}"}
        by_host = {**outside, "host": "fate.partner.example", "gateway-port": ports.next()}
        peers.append(
            draw(st.sampled_from([by_host, {**outside, "stack": f"organization/fate/party-{number}"}]))
        )
    return peers
