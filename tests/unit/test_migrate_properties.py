"""What holds for every source: each key is accounted for once, and no text leads to a traceback."""

import contextlib
import io
import re
import shlex
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ops.__main__ import main
from ops.migrate.account import Outcome
from ops.migrate.key_rules import rules_for
from ops.migrate.kubernetes_party import Wishes
from ops.migrate.migrated_stack import MigratedStack, render
from ops.migrate.recognition import read
from ops.migrate.stacks_of_sources import stacks_of
from tests.unit.migrate_examples import EXAMPLES, SOURCES

WORDS = [
    "",
    "0",
    "1",
    "9999",
    "10000",
    "fate",
    "true",
    "false",
    "mysql",
    "NodePort",
    "LoadBalancer",
    "ClusterIP",
]
WORDS += [
    "Eggroll",
    "Spark",
    "Spark_local",
    "STANDALONE",
    "OSX",
    "RabbitMQ",
    "Pulsar",
    "HDFS",
    "LocalFS",
    "GPU",
]
WORDS += ["192.0.2.9", "0.0.0.0", "127.0.0.1", "fate.bank.example", "r.example:5000/fate/", "30091", "30094"]
WORDS += ["65536", "512Mi", "8Gi", "500m", "-1", "1e9", "x y", "ä", "$(x)", "'", "#", "v2.0.0", "DEBUG", "80"]
SCALARS = st.sampled_from(WORDS) | st.text(max_size=12).filter(lambda text: "\x00" not in text)
YAML_SCALARS = (
    st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
)
YAML_TREES = st.recursive(
    YAML_SCALARS,
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(WORDS[1:]), below, max_size=3)
    ),
    max_leaves=5,
)


def key_names(kind: Any) -> list[str]:  # noqa: ANN401 (one of two texts)
    return sorted({re.sub(r"\*\*", "below", key) for key in rules_for(kind).keys})


CONF_KEYS = [key.replace("*", "Nginx") for key in key_names("parties-conf")]
CLUSTER_KEYS = [key.replace("[*]", "[0]").replace("*", "10000") for key in key_names("cluster-yaml")]


@st.composite
def parties_conf(draw: st.DrawFn) -> str:
    lines = []
    for name in draw(st.lists(st.sampled_from(CONF_KEYS), unique=True)):
        if draw(st.booleans()):
            lines.append(f"{name}={shlex.quote(draw(SCALARS))}")
        else:
            words = draw(st.lists(SCALARS, max_size=4))
            lines.append(f"{name}=({' '.join(map(shlex.quote, words))})")
    return "\n".join(lines)


@st.composite
def cluster_yaml(draw: st.DrawFn) -> tuple[str, list[str]]:
    tree: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(CLUSTER_KEYS), unique=True, min_size=1)):
        put(tree, re.sub(r"\[0\]", ".[0]", name).split("."), draw(YAML_SCALARS))
    return yaml.safe_dump(listed(tree), allow_unicode=True), list(leaves(tree))


def put(tree: dict[str, Any], path: list[str], value: object) -> None:
    for part in path[:-1]:
        below = tree.setdefault(part, {})
        if not isinstance(below, dict):
            return
        tree = below
    tree.setdefault(path[-1], value)


def listed(tree: object) -> object:
    if not isinstance(tree, dict):
        return tree
    return [listed(tree["[0]"])] if "[0]" in tree else {key: listed(below) for key, below in tree.items()}


def leaves(tree: dict[str, Any], above: str = "") -> list[str]:
    found = []
    for key, below in tree.items():
        name = f"{above}{key}" if key == "[0]" else f"{above}.{key}".removeprefix(".")
        found += leaves(below, name) if isinstance(below, dict) and below else [name]
    return found


def migrate(text: str) -> tuple[MigratedStack, ...]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "source"
        file.write_text(text, encoding="utf-8")
        return stacks_of([read(file)], (), Wishes())


def run(text: str, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "source"
        file.write_text(text, encoding="utf-8", errors="surrogatepass")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main(["migrate", str(file), "--output", f"{folder}/out", *arguments])
    return code, out.getvalue()


@given(parties_conf())
def test_every_key_of_any_parties_conf_is_accounted_for_once(text: str) -> None:
    names = [line.partition("=")[0] for line in text.splitlines() if line.partition("=")[0] in CONF_KEYS]
    if not names:
        return
    (stack,) = migrate(text)
    accounted = Counter(entry.key.name for entry in stack.entries)
    assert accounted == Counter(names), "a key that is passed over is a setting that is lost in silence"
    assert all(entry.claim.outcome is not Outcome.UNKNOWN for entry in stack.entries)
    assert all(entry.claim.text for entry in stack.entries), "each outcome is explained"


@given(cluster_yaml())
def test_every_key_of_any_cluster_is_accounted_for_once(made: tuple[str, list[str]]) -> None:
    text, names = made
    (stack,) = migrate(text)
    accounted = Counter(entry.key.name for entry in stack.entries)
    assert accounted == Counter(names), "a key that is passed over is a setting that is lost in silence"
    assert all(entry.claim.outcome is not Outcome.UNKNOWN for entry in stack.entries)
    assert all(entry.claim.text for entry in stack.entries), "each outcome is explained"


@given(st.one_of(parties_conf().filter(lambda text: "=" in text), cluster_yaml().map(lambda made: made[0])))
@example("party_list=(9999 10000)")
@example("computing=Eggroll\nstorage=Eggroll\nfederation=OSX")
@example("party_list=(9 10)\nparty_ip_list=(a.example a.example)\nfederation=Pulsar\nexchangeip=a.example")
@example("partyId: 1\nnginx: {exchange: {ip: a.example, httpPort: 30000}, route_table: {2: {proxy: []}}}\n")
@example(
    "chartName: fate-exchange\nnginx: {httpNodePort: 30701, route_table: {9: {proxy: [{host: a.example}]}}}\n"
)
@example("chartName: fate-exchange\ntrafficServer: {route_table: {sni: [{fqdn: a, tunnelRoute: b}]}}\n")
@example("partyId: ''\nosx:\n  partyList:\n  - partyId: '9999'\n")
def test_a_stack_of_any_keys_loads_once_it_is_filled_in(text: str) -> None:
    for stack in migrate(text):
        assert stack.faults == (), f"{text}\nmakes\n{render(stack.values or {}, ())}"


@given(st.one_of(st.text(), YAML_TREES.map(yaml.safe_dump), st.lists(st.sampled_from(WORDS)).map("=".join)))
@example("a: [\x85\n")
@example("=\n")
@example("party_list=(1 1)\nparty_ip_list=(a b c)")
@example("? [a]\n: b\n")
@example("nginx: {route_table: [1, {2: 3}]}\n")
def test_no_text_leads_to_a_traceback(text: str) -> None:
    for form in ([], ["--json"]):
        code, told = run(text, *form)
        assert code in (0, 1, 2)
        assert "Traceback" not in told


@given(
    st.sampled_from(SOURCES),
    st.integers(min_value=0),
    st.sampled_from(["", "\t", "'", '"', "$(", "[", "{", ":", "&a", "*a", "\n", "- ", "=", "\\"]),
)
def test_no_damage_to_a_source_leads_to_a_traceback_or_bares_a_password(
    name: str, place: int, put_in: str
) -> None:
    text = (EXAMPLES / name).read_text()
    at = place % len(text)
    code, told = run(text[:at] + put_in + text[at + 1 :])
    assert code in (0, 1, 2)
    assert "hunter2" not in told, "a fault must not show what it could not read"
