"""The chart makes what Pulumi makes: object by object, for every example stack on Kubernetes.

What may differ is named here, and nothing else: who manages an object, what is said to Pulumi or to Helm
alone, the digest of a pod's files, and the order of lists that Kubernetes reads by a key of their items.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.runtimes.names import Names
from config import KubernetesSettings, load
from ops.chart.secrets import secret_manifests
from ops.chart.stack import charted
from tests.charts import needs_helm, rendered, stack_in, text_of
from tests.declared.kubernetes_stacks import BALANCED, STACKS, stack
from tests.declared.program import SECRET_KEY, declare, stack_file
from tests.security.manifests import plain

STACK = "dev-kubernetes"
ELSEWHERE = {"computing": "spark", "storage": "hdfs", "federation": "pulsar"}
MORE: dict[str, dict[str, Any]] = {
    "one party on Docker, and one on Kubernetes": stack_file("hybrid"),
    "a namespace that is a number": stack({"namespace": "1e3"}),
    "a Spark elsewhere, which dials back": stack(
        party={
            "engines": ELSEWHERE,
            "external": {
                "spark": {"host": "spark.bank.example"},
                "hdfs": {"host": "198.51.100.7"},
                "pulsar": {"host": "pulsar.bank.example"},
            },
            "expose": {"host": "fate.bank.example", "gateway-port": 30300},
        }
    ),
    "a page behind an Ingress": stack(
        {"exposure": BALANCED},
        {
            "notebook": {
                "ingress": {"host": "notebook.bank.example", "class": "nginx", "tls-secret": "pages"}
            },
            "expose": {"host": "fate.bank.example", "sources": ["203.0.113.0/24"]},
        },
    ),
}
"""Besides the examples, what only the text of a chart could get wrong, and other ways out of a cluster."""
EXAMPLES = {
    name: keys
    for name, keys in {STACK: stack_file(STACK), **STACKS, **MORE}.items()
    if keys.get("parties")  # an exchange alone is no party
}
OWN_OUTPUTS = f"organization/fate/{STACK}"
NOT_OF_THE_CHART = ("Namespace", "Secret")
"""Helm makes the namespace of a release, or finds it; no Secret stands in values."""
READ_BY = {
    "volumeMounts": "mountPath",
    "volumes": "name",
    "ports": "name",
    "env": "name",
}
"""By which key of its items Kubernetes reads a list whose order is nothing to it."""
TOOLS = ("pulumi.com/", "helm.sh/")

Objects = dict[tuple[str, str], Any]


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> dict[str, Any]:
    return EXAMPLES[request.param]


def native(values: Mapping[str, Any]) -> tuple[list[Any], Mapping[str, Any]]:
    """Return the objects that a stack declares, and its outputs."""
    declared = declare(values, stack=STACK)
    objects = [plain(r.inputs) for r in declared.resources if r.typ.startswith("kubernetes:")]
    return objects, declared.outputs


def by_name(objects: list[Any]) -> Objects:
    found = {(each["kind"], each["metadata"]["name"]): alike(each) for each in objects}
    assert len(found) == len(objects), "no two objects of a kind have one name"
    return found


def alike(value: Any, key: str = "") -> Any:  # noqa: ANN401 - any value of an object
    """Return a value without what may differ."""
    match value:
        case Mapping():
            cleaned = {name: alike(part, name) for name, part in value.items() if not differs(name)}
            return {name: part for name, part in cleaned.items() if name != "annotations" or part}
        case list() if key in READ_BY and all(READ_BY[key] in each for each in value):
            return sorted(map(alike, value), key=lambda each: str(each[READ_BY[key]]))
        case list():
            return [alike(each) for each in value]
    return value


def differs(key: str) -> bool:
    """Tell what may differ. Python and Go write one mapping as two texts, which have two digests."""
    return key in ("app.kubernetes.io/managed-by", "fate.files") or key.startswith(TOOLS)


def parties(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the parties that run on a cluster, and their namespaces."""
    settings = load(values)
    for party in settings.parties:
        runtime = settings.runtime_of(party)
        if isinstance(runtime, KubernetesSettings):
            yield party.id, Names("fate", STACK).namespace(runtime, party.id)


def outputs(told: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {OWN_OUTPUTS: {"images": told["images"]}} if told.get("images") else {}


@needs_helm
def test_the_chart_s_objects_are_the_native_ones(example: dict[str, Any], tmp_path: Path) -> None:
    objects, told = native(example)
    charted_stack = stack_in(tmp_path, example, STACK, SECRET_KEY, outputs(told))
    for party, namespace in parties(example):
        own = [
            each
            for each in objects
            if each["metadata"].get("namespace") == namespace and each["kind"] not in NOT_OF_THE_CHART
        ]
        file = tmp_path / f"{party}.yaml"
        file.write_text(text_of(charted_stack, party))
        declared, made = by_name(own), by_name(rendered([file], namespace))
        assert set(made) == set(declared), "the chart lacks an object, or has one more"
        assert declared, "a party without objects checks nothing"
        for name, each in declared.items():
            assert made[name] == each, f"{' '.join(name)} of party {party} is another"


def test_the_secrets_that_are_printed_are_the_native_ones(example: dict[str, Any], tmp_path: Path) -> None:
    objects, told = native(example)
    charted_stack = stack_in(tmp_path, example, STACK, SECRET_KEY, outputs(told))
    for party, namespace in parties(example):
        own = [
            each
            for each in objects
            if each["metadata"].get("namespace") == namespace and each["kind"] == "Secret"
        ]
        assert by_name(list(secret_manifests(charted(charted_stack, party)))) == by_name(own)


def test_values_hold_no_secret(example: dict[str, Any], tmp_path: Path) -> None:
    _, told = native(example)
    charted_stack = stack_in(tmp_path, example, STACK, SECRET_KEY, outputs(told))
    for party, _ in parties(example):
        text = text_of(charted_stack, party)
        for manifest in secret_manifests(charted(charted_stack, party)):
            for value in manifest["data"].values():
                assert value not in text, "base64 hides nothing"
                assert plain_text(value) not in text, f"the values of party {party} show a password"
        assert SECRET_KEY not in text


def plain_text(encoded: str) -> str:
    return str(yaml.safe_load(f"!!binary {encoded}").decode())
