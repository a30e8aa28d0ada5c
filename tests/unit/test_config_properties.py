"""What holds for every stack that is accepted, and for every one that is not."""

from itertools import combinations
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from config import (
    ConfigurationFault,
    DistributionMirror,
    DockerSettings,
    ExchangePeer,
    Expose,
    HostPeer,
    KubernetesSettings,
    PartyPeer,
    PartySettings,
    Peer,
    Runtime,
    StackPeer,
    StackSettings,
    load,
)
from config.exchange import HereExchange
from config.exposure import Forwarded
from tests.unit.stack_examples import ACCEPTED, REFUSED
from tests.unit.stack_strategies import accepted_stacks
from tests.unit.stack_values import DEV, DIGEST

Place = tuple[str | None, ...]
Listening = tuple[Place, str, int]

KEYS = st.sampled_from(
    [
        "id",
        "kind",
        "from",
        "engines",
        "peers",
        "host",
        "stack",
        "port",
        "bind",
        "parties",
        "services",
        "fateflow",
        "configuration",
        "service_conf.yaml",
        "computing",
        "expose",
        "api",
        "runtime",
        "release",
        "mirror",
        "images",
        "kubernetes",
        "context",
        "namespace",
        "exposure",
        "node-port",
        "storage",
        "size",
        "scheduling",
        "tolerations",
        "affinity",
        "sources",
        "image",
        "exchange",
        "gateway",
        "broker-at",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | KEYS
    | st.binary(max_size=3)
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | SCALARS, inner, max_size=4),
    max_leaves=25,
)


def place_of(runtime: Runtime) -> Place:
    """Return within what names are known."""
    if isinstance(runtime, KubernetesSettings):
        return ("kubernetes", runtime.context, runtime.kubeconfig)
    return ("docker", runtime.host)


def machine(runtime: Runtime) -> Place:
    """Return whose ports are opened."""
    if isinstance(runtime, KubernetesSettings):
        return place_of(runtime)
    return ("docker", runtime.host.rpartition("@")[2].partition(":2")[0])


def listening(stack: StackSettings) -> list[Listening]:
    """Return what a stack opens, gathered from its settings without the checks' own code."""
    opened: list[Listening] = []
    if isinstance(stack.mirror, DistributionMirror):
        bind = stack.mirror.bind if isinstance(stack.runtime, DockerSettings) else "0.0.0.0"
        opened.append((machine(stack.runtime), bind, stack.mirror.port))
    if stack.exchange and stack.exchange.expose:
        expose, runtime = stack.exchange.expose, stack.exchange_runtime
        node_port = isinstance(runtime, DockerSettings) or runtime.exposure.kind == "node-port"
        at = machine(runtime) if node_port else ("host", expose.host)
        kept = [port for each in kept_in(stack) for port in each.ports.values()]
        opened += [(at, expose.bind, port) for port in (expose.port, *kept)]
    for party in stack.parties:
        runtime = stack.runtime_of(party)
        if party.api:
            opened.append((machine(runtime), party.api.bind, party.api.port))
        if party.expose:
            node_port = isinstance(runtime, DockerSettings) or runtime.exposure.kind == "node-port"
            at = machine(runtime) if node_port else ("host", party.expose.host)
            opened += [(at, party.expose.bind, port) for port in ports_of(party, party.expose)]
    return opened


def kept_in(stack: StackSettings) -> list[Forwarded]:
    """Return the ports that the stack's exchange keeps, party by party."""
    listed = stack.exchange.parties if stack.exchange else ()
    return [*listed, *(p.exchange for p in stack.parties if isinstance(p.exchange, HereExchange))]


def ports_of(party: PartySettings, expose: Expose) -> set[int]:
    addresses = expose.addresses
    met = {"gateway", "broker"} if party.engines.federation == "rabbitmq" else {"gateway"}
    return {addresses[service].port for service in met}


def is_behind(stack: StackSettings, party: PartySettings) -> bool:
    """Tell whether the stack's exchange and a party behind it dial each other."""
    exchange = stack.exchange
    assert exchange, f"{party.id} is behind nothing"
    near = place_of(stack.runtime_of(party)) == place_of(stack.exchange_runtime)
    return near or (party.expose is not None and exchange.expose is not None)


def is_reachable(stack: StackSettings, party: PartySettings, peer: Peer) -> bool:
    if isinstance(party.exchange, HereExchange) and isinstance(peer, PartyPeer | ExchangePeer):
        others = {other.id: other for other in stack.behind_the_exchange}
        listed = stack.exchange.parties if stack.exchange else ()
        known = peer.id in {member.id for member in listed}
        return is_behind(stack, party) and (known or is_behind(stack, others[peer.id]))
    if party.exchange is not None and isinstance(peer, PartyPeer | ExchangePeer):
        return party.expose is not None
    if isinstance(peer, StackPeer | HostPeer):
        return party.expose is not None
    other = stack.party(peer.id)
    assert other.exchange is None, f"{party.id} looks for {peer.id} where it is not"
    here, there = stack.runtime_of(party), stack.runtime_of(other)
    shares_network = place_of(here) == place_of(there)
    return (shares_network or other.expose is not None) and party.id in {p.id for p in stack.peers_of(other)}


def assert_sound(stack: StackSettings) -> None:
    for (here, first, port), (there, second, other) in combinations(listening(stack), 2):
        apart = here != there or port != other or (first != second and "0.0.0.0" not in (first, second))
        assert apart, f"two things on port {port} of {here}"
    for party in stack.parties:
        for peer in stack.peers_of(party):
            assert is_reachable(stack, party, peer), f"{party.id} and {peer.id} do not reach each other"
    kept = [port for each in kept_in(stack) for port in each.ports.values()]
    assert len({*kept, 9300}) == len(kept) + 1, "a port of the exchange leads to two places"
    assert len({party.id for party in stack.parties}) == len(stack.parties), "an id names one party"
    assert_clusters_are_sound(stack)


def assert_clusters_are_sound(stack: StackSettings) -> None:
    named = []
    for party in stack.parties:
        runtime = stack.runtime_of(party)
        if isinstance(runtime, DockerSettings):
            assert not (party.expose and party.expose.sources), "Docker lets everybody dial"
            continue
        assert party.api is None, "the API asks for no password"
        if runtime.namespace:
            named.append((place_of(runtime), runtime.namespace))
        if party.expose and runtime.exposure.kind == "node-port":
            ports = ports_of(party, party.expose)
            assert ports <= set(range(30000, 32768)), f"nodes do not open {ports}"
    assert len(set(named)) == len(named), "Services of two parties share a namespace"
    mirror = stack.mirror
    if isinstance(mirror, DistributionMirror) and isinstance(stack.runtime, KubernetesSettings):
        assert mirror.image, "nodes have nothing to start the mirror from"


@given(accepted_stacks())
def test_every_stack_of_the_strategy_is_accepted_and_sound(values: dict[str, Any]) -> None:
    assert_sound(load(values))


PORT = st.sampled_from([5000, *range(9300, 9310), *range(30000, 30010)])
BIND = st.sampled_from(["127.0.0.1", "0.0.0.0", "0.0.0.0", "192.0.2.1"])
API = st.fixed_dictionaries({"port": PORT, "bind": BIND})
EXPOSE = st.fixed_dictionaries(
    {"host": st.sampled_from(["a.example", "b.example"]), "gateway-port": PORT, "broker-port": PORT},
    optional={"bind": BIND, "sources": st.sampled_from([[], ["192.0.2.0/24"]])},
)
PEER = st.one_of(
    st.fixed_dictionaries({"id": st.sampled_from(["1", "2", "3", "4"])}),
    st.fixed_dictionaries({"id": st.just("4"), "host": st.just("b.example"), "broker-port": PORT}),
    st.fixed_dictionaries({"id": st.just("5"), "stack": st.just("organization/fate/x")}),
)
HOST = st.sampled_from(["unix:///var/run/docker.sock", "ssh://a@m.example", "ssh://b@m.example:22"])
CLUSTER = st.fixed_dictionaries(
    {
        "kind": st.just("kubernetes"),
        "context": st.sampled_from(["a", "b"]),
        "exposure": st.sampled_from([{"kind": "node-port"}, {"kind": "load-balancer", "reach": "public"}]),
    },
    optional={"namespace": st.sampled_from(["m", "n"]), "kubeconfig": st.just("c")},
)
ENGINES = st.fixed_dictionaries(
    {
        "computing": st.just("standalone"),
        "storage": st.just("standalone"),
        "federation": st.sampled_from(["rabbitmq"] * 9 + ["standalone"]),
    }
)
BEHIND = st.one_of(
    st.fixed_dictionaries({"broker-at": PORT}),
    st.just({"host": "c.example"}),
    st.just({"stack": "organization/fate/x"}),
)
EXCHANGE = st.fixed_dictionaries(
    {"kind": st.just("gateway")},
    optional={
        "expose": st.fixed_dictionaries(
            {"host": st.just("a.example"), "gateway-port": PORT}, optional={"bind": BIND}
        ),
        "parties": st.lists(
            st.fixed_dictionaries(
                {"id": st.sampled_from(["3", "4"]), "host": st.just("b.example"), "broker-at": PORT}
            ),
            max_size=2,
        ),
    },
)
PARTY = st.fixed_dictionaries(
    {"id": st.sampled_from(["1", "2", "3"]), "engines": ENGINES, "expose": EXPOSE},
    optional={
        "api": API,
        "exchange": BEHIND,
        "peers": st.lists(PEER, max_size=3),
        "runtime": st.fixed_dictionaries({"host": HOST}) | CLUSTER,
    },
)
EXTERNAL = {"kind": "external", "address": "r.example"}
OWN = {"kind": "distribution"}
IN_A_CLUSTER = {**OWN, "port": 30000, "image": f"r.example/registry@{DIGEST}"}
MIRROR = st.sampled_from([OWN, IN_A_CLUSTER, EXTERNAL, EXTERNAL])
CLASHING = st.builds(
    lambda runtime, mirror, parties, more: {
        **DEV,
        "runtime": runtime,
        "mirror": mirror,
        "parties": parties,
        **more,
    },
    st.just(DEV["runtime"]) | CLUSTER,
    MIRROR,
    st.lists(PARTY, min_size=1, max_size=3, unique_by=lambda party: str(party["id"])),
    st.just({}) | st.fixed_dictionaries({"exchange": EXCHANGE}),
)


@given(CLASHING)
@settings(max_examples=400)
@example({**DEV, "parties": [{**DEV["parties"][0], "api": {"port": 5000, "bind": "0.0.0.0"}}]})
def test_a_stack_made_to_clash_is_refused_or_sound(values: dict[str, Any]) -> None:
    assert_refused_or_sound(values)


NODE_PORT = st.sampled_from([*range(30000, 30008), 29999, 32767, 32768])
IN_CLUSTERS = st.builds(
    lambda runtime, mirror, parties: {**DEV, "runtime": runtime, "mirror": mirror, "parties": parties},
    CLUSTER,
    st.sampled_from([IN_A_CLUSTER, EXTERNAL]),
    st.lists(
        st.fixed_dictionaries(
            {"id": st.sampled_from(["1", "2", "3"]), "engines": ENGINES},
            optional={
                "runtime": CLUSTER,
                "expose": st.fixed_dictionaries(
                    {"host": st.just("a.example"), "gateway-port": NODE_PORT, "broker-port": NODE_PORT}
                ),
            },
        ),
        min_size=2,
        max_size=3,
        unique_by=lambda party: str(party["id"]),
    ),
)


@given(IN_CLUSTERS)
@settings(max_examples=400)
def test_parties_made_to_clash_in_clusters_are_refused_or_sound(values: dict[str, Any]) -> None:
    assert_refused_or_sound(values)


def assert_refused_or_sound(values: dict[str, Any]) -> None:
    try:
        stack = load(values)
    except ConfigurationFault:
        return
    assert_sound(stack)


@given(JUNK)
@settings(max_examples=300)
def test_junk_in_any_key_is_refused_in_words(junk: object) -> None:
    for key in (*DEV, "exchange", "rotation", "protect", "other"):
        assert_refused_or_loaded({**DEV, key: junk})


@given(JUNK)
@settings(max_examples=150)
def test_junk_in_any_key_of_a_cluster_is_refused_in_words(junk: object) -> None:
    cluster = {"kind": "kubernetes", "context": "prod"}
    for field in KubernetesSettings.model_fields:
        runtime = {**cluster, field.replace("_", "-"): junk}
        assert_refused_or_loaded({**DEV, "mirror": EXTERNAL, "runtime": runtime})


@given(st.dictionaries(st.text(max_size=5) | KEYS, JUNK, max_size=5))
def test_a_stack_of_junk_is_refused_in_words(values: dict[str, object]) -> None:
    assert_refused_or_loaded(values)


@given(st.data())
@settings(max_examples=300)
def test_junk_deep_inside_a_stack_is_refused_in_words(data: st.DataObject) -> None:
    known = [*ACCEPTED.values(), *(refused[0] for refused in REFUSED.values())]
    values = data.draw(accepted_stacks() | st.sampled_from(known))
    key = data.draw(st.sampled_from(list(values)))
    assert_refused_or_loaded({**values, key: data.draw(spoiled(values[key]))})


@st.composite
def spoiled(draw: st.DrawFn, value: object) -> Any:  # noqa: ANN401 (any YAML value)
    """Yield the value with junk in one place at any depth."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(list(value)))
        return {**value, key: draw(spoiled(value[key]))}
    if isinstance(value, list) and value and draw(st.integers(0, 5)):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], draw(spoiled(value[place])), *value[place + 1 :]]
    return draw(JUNK)


def assert_refused_or_loaded(values: dict[str, Any]) -> None:
    try:
        load(values)
    except ConfigurationFault as refused:
        for fault in refused.faults:
            assert fault.path.startswith("fate:"), f"{fault} stands nowhere"
            assert fault.problem, f"{fault} has no reason"
            assert fault.remedy, f"{fault} has no remedy"
            assert "Input should" not in fault.problem, f"{fault} speaks pydantic's jargon"
