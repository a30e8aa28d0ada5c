"""A Helm chart in the offline Kubernetes plugin: what is said of it, and its objects, without a cluster."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from diff.values import OUTPUT, SECRET, SIGNATURE, plain
from offline.kubernetes import chart_inputs, helm
from offline.kubernetes.kinds import ObjectType
from offline.kubernetes.manifests import objects
from offline.kubernetes.order import DEPENDS_ON, MUTATION, ordered
from offline.kubernetes.placing import placed_in
from offline.protocol.failures import Refusal
from protocol.wire import ARCHIVE, ASSET, provider_pb2
from tests.conformance.monitor import Engine, engine
from tests.unit.kubernetes_api import Body, serving
from tests.unit.kubernetes_plugin import Context, Plugin, Refused, struct

UNSUPPORTED = "is not supported by the offline plugin; install the official plugin"
PLAIN_SCALARS: Mapping[str, object] = {
    "y": True,
    "No": False,
    "on": True,
    "nULL": "nULL",
    "017": 15,
    "08": 8,
    "0o17": 15,
    "0x_f": 15,
    "-0b11": -3,
    "1_000": 1000,
    "1e3": 1000,
    "5.": 5,
    ".5": 0.5,
    "1:30": "1:30",
    "2026-01-01": "2026-01-01",
    "0x": "0x",
    "_1": "_1",
    "=": "=",
    '"yes"': "yes",
}
"""As the official plugin was seen to read them."""
HELM = """#!/bin/sh
printf '%s\\n' "$@" >"{folder}/arguments"
echo "$KUBECONFIG" >"{folder}/kubeconfig-seen"
cat >"{folder}/values"
echo "WARNING: This chart is deprecated" >&2
if [ -e "{folder}/fails" ]; then
    printf 'Error: no hunter2-hunter2\\n\\nUse --debug flag to render out invalid YAML\\n' >&2
    exit 1
fi
cat "{folder}/manifest"
"""
MANIFEST = """
kind: Secret
apiVersion: v1
metadata: {name: key}
stringData: {password: hunter2-hunter2}
---
kind: PersistentVolumeClaim
apiVersion: v1
metadata: {name: kept, annotations: {helm.sh/resource-policy: keep}}
"""
DISCOVERY: Mapping[str, Body] = {
    "/version": {"gitVersion": "v1.34.4"},
    "/api": {
        "items": [
            {
                "metadata": {},
                "versions": [
                    {
                        "version": "v1",
                        "resources": [
                            {"responseKind": {"kind": kind}, "scope": "Namespaced"}
                            for kind in ("Secret", "PersistentVolumeClaim")
                        ],
                    }
                ],
            }
        ]
    },
    "/apis": {"items": []},
}


def test_values_reach_helm_as_they_were_said() -> None:
    said = {"a": [1, None, 1.5, True], "b": {SIGNATURE: SECRET, "value": "s"}, "c": 'back\\slash "😀" \x85'}
    text = chart_inputs.values_of(struct({"values": said}))
    assert '"b": "s"' in text, "Helm knows no secrets"
    assert "\\U0001f600" in text, "YAML has no pairs of surrogates"
    assert json.loads(text.replace("\\U0001f600", "😀")) == {**said, "b": "s"}


def test_a_file_among_the_values_is_its_content(tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_text("x: 1\n")
    path = {SIGNATURE: ASSET, "path": str(tmp_path / "v.yaml")}
    text = {SIGNATURE: OUTPUT, "value": {SIGNATURE: ASSET, "text": "y: 2"}, "secret": True}
    inputs = struct({"values": {"a": path}, "valueYamlFiles": [path, text]})
    assert json.loads(chart_inputs.values_of(inputs)) == {"a": "x: 1\n"}
    assert [*chart_inputs.value_files_of(inputs)] == ["x: 1\n", "y: 2"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"keyring": {SIGNATURE: ASSET, "text": "k"}},
            f"property keyring of {chart_inputs.TOKEN} {UNSUPPORTED}",
        ),
        (
            {"postRenderer": {"command": "cat"}},
            f"property postRenderer of {chart_inputs.TOKEN} {UNSUPPORTED}",
        ),
        ({"repositoryOpts": {"password": "p"}}, f"property repositoryOpts.password of .* {UNSUPPORTED}"),
        ({"repositoryOpts": {"repo": "https://u:p@h"}}, "repositoryOpts.repo has a login in its address"),
        ({"chart": "oci://u:p@h/c"}, "chart has a login in its address"),
        ({"values": "text"}, "property values of .* must be a map"),
        ({"valueYamlFiles": {}}, "property valueYamlFiles of .* must be a list"),
    ],
)
def test_what_this_plugin_does_not_do_is_refused_by_name(said: Body, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        chart_inputs.checked(struct({"chart": "./chart", **said}))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({SIGNATURE: ARCHIVE, "assets": {}}, "values.a: Archive values are not supported as a Helm value"),
        (
            {SIGNATURE: ASSET, "uri": "https://h/v"},
            f"a file from an address, as values.a of .* {UNSUPPORTED}",
        ),
        ({SIGNATURE: ASSET, "path": "/no/where"}, "failed to read file '/no/where'"),
    ],
)
def test_a_value_that_helm_cannot_have_is_refused(value: Body, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        chart_inputs.values_of(struct({"values": {"a": value}}))


@pytest.mark.parametrize(("written", "read"), PLAIN_SCALARS.items())
def test_yaml_is_read_as_kubernetes_reads_it(written: str, read: object) -> None:
    (found,) = objects(f"{{kind: A, apiVersion: v1, metadata: {{name: a}}, spec: {{a: {written}}}}}")
    assert found["spec"]["a"] == read
    assert isinstance(found["spec"]["a"], type(read) if isinstance(read, str | bool) else int | float)


def test_lists_are_taken_apart_and_the_later_of_two_counts() -> None:
    found = objects(
        "{kind: List, apiVersion: v1, items: [{kind: A, apiVersion: core/v1, metadata: {name: a, x: null}}]}"
        "\n---\n---\n{kind: A, apiVersion: v1, metadata: {name: a}, spec: 2}"
    )
    assert found == [{"kind": "A", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": 2}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{kind: A, metadata: {name: a}}", 'require a kind and apiVersion: `{"kind":"A"'),
        ("{kind: A, apiVersion: v1, metadata: {generateName: a}}", "require a .metadata.name: `"),
        ("{kind: A, apiVersion: v1, metadata: {name: 12}}", "require a .metadata.name: `"),
        ("a: [b", "what helm rendered is no YAML"),
    ],
)
def test_what_is_no_object_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        objects(text)


def test_what_others_need_comes_first() -> None:
    definition = body("apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.x.example")
    definition["spec"] = {"group": "x.example", "names": {"kind": "Widget"}, "scope": "Cluster"}
    later = body("v1", "ServiceAccount", "later", "web")
    later["metadata"]["annotations"] = {DEPENDS_ON: "apps/namespaces/web/Deployment/d, /Namespace/web"}
    found = [
        *(body("x.example/v1", "Widget", "w"), later, body("apps/v1", "Deployment", "d", "web")),
        *(body("v1", "Service", "s", "web"), definition, body("v1", "Namespace", "web")),
    ]
    steps = [(step.body["kind"], [kind for _, kind, _, _ in step.after]) for step in ordered(found)]
    assert steps == [
        ("Namespace", []),
        ("CustomResourceDefinition", []),
        ("Service", ["Namespace"]),
        ("Deployment", ["Namespace"]),
        ("Widget", ["CustomResourceDefinition"]),
        ("ServiceAccount", ["Namespace", "Deployment"]),
    ]


@pytest.mark.parametrize(
    ("annotations", "words"),
    [
        ({DEPENDS_ON: "/namespaces/x/A/b"}, "A x/a depends on A x/b, which the chart does not have"),
        ({DEPENDS_ON: "/namespaces/x/A/a"}, "objects of the chart wait for each other: A x/a"),
        ({DEPENDS_ON: "what ever"}, "'what ever', which names no object. Write GROUP/KIND/NAME or"),
        ({MUTATION: "[]"}, f"annotation {MUTATION} of A x/a {UNSUPPORTED}"),
    ],
)
def test_an_order_that_cannot_be_is_refused(annotations: Body, words: str) -> None:
    waiting = body("v1", "A", "a", "x")
    waiting["metadata"]["annotations"] = annotations
    with pytest.raises(Refusal, match=words):
        ordered([waiting])


def test_an_object_without_a_namespace_gets_one_where_its_kind_needs_one() -> None:
    definition = body("apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.x.example")
    definition["spec"] = {"group": "x.example", "names": {"kind": "Widget"}, "scope": "Namespaced"}
    known = {ObjectType("v1", "A"): True, ObjectType("apiextensions.k8s.io/v1", definition["kind"]): False}
    found = [
        body("v1", "A", "a"),
        body("v1", "A", "b", "own"),
        body("x.example/v1", "Widget", "w"),
        definition,
    ]
    placed, unplaced = placed_in("web", [*found, body("y.example/v1", "Y", "y")], known)
    assert [each["metadata"].get("namespace") for each in placed] == ["web", "own", "web", None, None]
    assert unplaced == ["y.example/v1, Kind=Y"]


Construct = Callable[..., Any]


@pytest.fixture
def construct(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Construct]:
    """Have a chart made, with a helm that renders MANIFEST; what it was told stands in `tmp_path`."""
    program = tmp_path / "helm"
    program.write_text(HELM.format(folder=tmp_path))
    program.chmod(0o755)
    (tmp_path / "manifest").write_text(MANIFEST)
    monkeypatch.setattr(helm, "OWN", program)
    with serving() as api, engine() as monitor:
        api.answers = lambda method, path: (200, DISCOVERY[path]) if path in DISCOVERY else None
        plugin = Plugin(kubeconfig=api.kubeconfig(tmp_path))

        def made(**said: object) -> tuple[Engine, list[str], provider_pb2.ConstructResponse]:
            request = provider_pb2.ConstructRequest(
                type=chart_inputs.TOKEN,
                name="web",
                inputs=struct({"chart": "./chart", **said}),
                monitorEndpoint=monitor.address,
            )
            return monitor, plugin.told.warned, plugin.provider.Construct(request, Context())

        yield made


def test_a_chart_becomes_resources_in_the_providers_namespace(construct: Construct) -> None:
    monitor, warned, answer = construct()
    component, *children = monitor.registered
    assert (component.token, component.name) == (chart_inputs.TOKEN, "web")
    assert {each.name: each.retained for each in children} == {"web:fate/key": False, "web:fate/kept": True}
    assert len(plain(answer.state)["resources"]) == 2, "the program may ask for them"
    assert warned == ["Using a deprecated Helm chart (chart)"]


def test_a_secret_value_is_on_no_command_line(construct: Construct, tmp_path: Path) -> None:
    monitor, _, _ = construct(values={"password": {SIGNATURE: SECRET, "value": "hunter2-hunter2"}})
    arguments = (tmp_path / "arguments").read_text()
    assert "hunter2" not in arguments, "every process of the machine may read it"
    assert "hunter2" in (tmp_path / "values").read_text()
    assert arguments.splitlines()[-3:] == ["--", "web", "./chart"]
    (key,) = (each for each in monitor.registered if each.name == "web:fate/key")
    assert key.properties["stringData"][SIGNATURE] == SECRET


def test_a_refusal_of_helm_is_told_without_what_is_secret(construct: Construct, tmp_path: Path) -> None:
    (tmp_path / "fails").touch()
    with pytest.raises(Refused) as refused:
        construct(values={"password": {SIGNATURE: OUTPUT, "value": "hunter2-hunter2", "secret": True}})
    assert str(refused.value) == "no [secret]"


def test_without_helm_the_remedy_is_told(
    construct: Construct, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helm, "OWN", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(Refused, match="Run `make helm`"):
        construct()


def test_another_component_is_refused_by_name() -> None:
    request = provider_pb2.ConstructRequest(type="kubernetes:yaml/v2:ConfigGroup")
    with pytest.raises(Refused, match=f"component kubernetes:yaml/v2:ConfigGroup {UNSUPPORTED}"):
        Plugin().provider.Construct(request, Context())


def body(api_version: str, kind: str, name: str, namespace: str = "") -> Body:
    place = {"namespace": namespace} if namespace else {}
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, **place}}
