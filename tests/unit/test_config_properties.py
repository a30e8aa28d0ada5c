"""What holds for every stack that is accepted, and for every one that is not."""

from itertools import combinations
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from config import ConfigurationFault, HostPeer, PartyPeer, PartySettings, StackPeer, StackSettings, load
from config.mirror import DistributionMirror
from config.runtime import DockerSettings
from tests.unit.stack_examples import ACCEPTED, REFUSED
from tests.unit.stack_strategies import accepted_stacks
from tests.unit.stack_values import DEV

Listening = tuple[str, str, int]

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


def machine(stack: StackSettings, party: PartySettings | None) -> str:
    runtime = (party.runtime if party else None) or stack.runtime
    assert isinstance(runtime, DockerSettings)
    return runtime.host.rpartition("@")[2].partition(":2")[0]


def listening(stack: StackSettings) -> list[Listening]:
    """Return what a stack opens, gathered from its settings without the checks' own code."""
    opened = []
    if isinstance(stack.mirror, DistributionMirror):
        opened.append((machine(stack, None), stack.mirror.bind, stack.mirror.port))
    for party in stack.parties:
        if party.api:
            opened.append((machine(stack, party), party.api.bind, party.api.port))
        if party.expose:
            bind = party.expose.bind
            opened.append((machine(stack, party), bind, party.expose.gateway_port))
            if party.engines.federation == "rabbitmq":
                opened.append((machine(stack, party), bind, party.expose.broker_port))
    return opened


def is_reachable(stack: StackSettings, party: PartySettings, peer: PartyPeer | StackPeer | HostPeer) -> bool:
    if isinstance(peer, StackPeer | HostPeer):
        return party.expose is not None
    other = stack.party(peer.id)
    here, there = party.runtime or stack.runtime, other.runtime or stack.runtime
    shares_network = getattr(here, "host", None) == getattr(there, "host", None)
    return (shares_network or other.expose is not None) and party.id in {p.id for p in stack.peers_of(other)}


def assert_sound(stack: StackSettings) -> None:
    for (here, first, port), (there, second, other) in combinations(listening(stack), 2):
        apart = here != there or port != other or (first != second and "0.0.0.0" not in (first, second))
        assert apart, f"two things on port {port} of {here}"
    for party in stack.parties:
        for peer in stack.peers_of(party):
            assert is_reachable(stack, party, peer), f"{party.id} and {peer.id} do not reach each other"
    assert len({party.id for party in stack.parties}) == len(stack.parties), "an id names one party"


@given(accepted_stacks())
@settings(deadline=None)
def test_every_stack_of_the_strategy_is_accepted_and_sound(values: dict[str, Any]) -> None:
    assert_sound(load(values))


PORT = st.sampled_from([5000, *range(9300, 9320)])
BIND = st.sampled_from(["127.0.0.1", "0.0.0.0", "192.0.2.1"])
API = st.fixed_dictionaries({"port": PORT, "bind": BIND})
EXPOSE = st.fixed_dictionaries(
    {"host": st.just("a.example"), "bind": BIND, "gateway-port": PORT, "broker-port": PORT}
)
PEER = st.one_of(
    st.fixed_dictionaries({"id": st.sampled_from(["1", "2", "3", "4"])}),
    st.fixed_dictionaries({"id": st.just("4"), "host": st.just("b.example"), "broker-port": PORT}),
    st.fixed_dictionaries({"id": st.just("5"), "stack": st.just("organization/fate/x")}),
)
HOST = st.sampled_from(["unix:///var/run/docker.sock", "ssh://a@m.example", "ssh://b@m.example:22"])
ENGINES = st.fixed_dictionaries(
    {
        "computing": st.just("standalone"),
        "storage": st.just("standalone"),
        "federation": st.sampled_from(["rabbitmq"] * 9 + ["standalone"]),
    }
)
PARTY = st.fixed_dictionaries(
    {"id": st.sampled_from(["1", "2", "3"]), "engines": ENGINES, "expose": EXPOSE},
    optional={
        "api": API,
        "peers": st.lists(PEER, max_size=3),
        "runtime": st.fixed_dictionaries({"host": HOST}),
    },
)
EXTERNAL = {"kind": "external", "address": "r.example"}
MIRROR = st.sampled_from([{"kind": "distribution"}, EXTERNAL, EXTERNAL])
CLASHING = st.builds(
    lambda mirror, parties: {**DEV, "mirror": mirror, "parties": parties},
    MIRROR,
    st.lists(PARTY, min_size=1, max_size=3, unique_by=lambda party: str(party["id"])),
)


@given(CLASHING)
@settings(deadline=None, max_examples=400)
@example({**DEV, "parties": [{**DEV["parties"][0], "api": {"port": 5000, "bind": "0.0.0.0"}}]})
def test_a_stack_made_to_clash_is_refused_or_sound(values: dict[str, Any]) -> None:
    try:
        stack = load(values)
    except ConfigurationFault:
        return
    assert_sound(stack)


@given(JUNK)
@settings(deadline=None, max_examples=300)
def test_junk_in_any_key_is_refused_in_words(junk: object) -> None:
    for key in (*DEV, "rotation", "protect", "other"):
        assert_refused_or_loaded({**DEV, key: junk})


@given(st.dictionaries(st.text(max_size=5) | KEYS, JUNK, max_size=5))
@settings(deadline=None)
def test_a_stack_of_junk_is_refused_in_words(values: dict[str, object]) -> None:
    assert_refused_or_loaded(values)


@given(st.data())
@settings(deadline=None, max_examples=300)
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
