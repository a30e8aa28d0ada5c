"""Chart, flat program and hollow node say what the plan says; a missing cluster is told."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import flat, growth, helm, hollow, kubernetes, preview, up
from bench.__main__ import attempted
from bench.flat import NotFlatError
from bench.helm import chart
from bench.saved_plan import SEALED, UNKNOWN, Resource
from bench.stack_files import grown_to, in_a_ring
from bench.verdicts import CannotMeasureError, MeasuredFailedError, NotMeasured, Verdict
from config import KubernetesSettings, load
from offline.cluster.layout import Home

ADDRESS = "localhost:40000/fate-bench"
SECRET = {**SEALED, "plaintext": json.dumps({"password": "aGVsbG8="})}
TEXTS = st.dictionaries(st.text(), st.text() | st.sampled_from(["{{", "{{{{ x }}", "{{/* }}", "${{"]))


def an_object(name: str, kind: str, module: str, needs: tuple[str, ...] = (), **inputs: Any) -> Resource:  # noqa: ANN401 - any input
    about = {"apiVersion": module.partition(":")[2], "kind": kind, "metadata": {"name": name}}
    return Resource(name, kind, name, {**about, **inputs}, needs, module=module)


FILES = an_object("files", "ConfigMap", "kubernetes:core/v1", data={"nginx.conf": "a{{b}}\n"})
HELD = an_object("held", "Secret", "kubernetes:core/v1", ("files",), data=SECRET)
POLICY = an_object("policy", "NetworkPolicy", "kubernetes:networking.k8s.io/v1", spec={"podSelector": {}})


def rendered(template: str) -> Any:  # noqa: ANN401 - any object
    """Return what Helm makes of a template whose only actions are escapes."""
    return json.loads(template.replace('{{"{{"}}', "{{"))


def test_an_object_of_the_chart_is_the_declared_one_with_its_secret() -> None:
    files = chart([FILES, HELD])
    assert rendered(files["templates/000.yaml"]) == FILES.inputs
    assert rendered(files["templates/001.yaml"])["data"] == {"password": "aGVsbG8="}


@given(TEXTS)
def test_no_text_of_an_object_is_an_action_of_helms(texts: dict[str, str]) -> None:
    template = chart([an_object("any", "ConfigMap", "kubernetes:core/v1", data=texts)])["templates/000.yaml"]
    assert "{{" not in template.replace('{{"{{"}}', "")
    assert rendered(template)["data"] == texts


def test_what_only_up_will_know_is_in_no_chart_and_no_flat_program() -> None:
    late = an_object("late", "Service", "kubernetes:core/v1", spec={"clusterIP": UNKNOWN})
    with pytest.raises(MeasuredFailedError, match="a part of late"):
        chart([late])
    with pytest.raises(NotFlatError, match="a part of late"):
        flat.kubernetes_program([late], "c", "k")


def test_the_flat_program_is_literal_calls_that_python_can_read() -> None:
    text = flat.kubernetes_program([FILES, HELD, POLICY], "fate-cluster", "/kubeconfig")
    compile(text, "flat", "exec")
    assert "r0 = kubernetes.core.v1.ConfigMap(" in text
    assert "r2 = kubernetes.networking.v1.NetworkPolicy(" in text
    assert "data=Output.secret({'password': 'aGVsbG8='})" in text, "a secret stays one, or it would be faster"
    assert "depends_on=[r0]" in text
    assert "api_version" not in text, "the class says it"


def test_the_images_to_give_to_the_node_are_those_of_all_workloads_once_each() -> None:
    def workload(name: str, image: str) -> Resource:
        template = {"spec": {"containers": [{"name": name, "image": image}]}}
        return an_object(name, "Deployment", "kubernetes:apps/v1", spec={"template": template})

    plan = [FILES, POLICY, workload("b", "x/b:1"), workload("a", "x/a:1"), workload("c", "x/b:1")]
    assert up.image_names(plan) == ["x/a:1", "x/b:1"]


def test_the_node_keeps_no_name_of_what_it_was_given_and_every_other() -> None:
    digest = f"sha256:{'a' * 64}"
    given = [f"{ADDRESS}/nginx:1.2", f"{ADDRESS}/nginx@{digest}"]
    others = [digest, "localhost:5001/fate/nginx:1.2", f"localhost:5001/fate/nginx@{digest}"]
    assert kubernetes.names_of([f"{ADDRESS}/nginx:1.2"], [*others, *given]) == given


def test_the_stack_is_two_parties_wholly_in_the_cluster_whose_images_lie_there() -> None:
    settings = load(kubernetes.on_the_cluster(ADDRESS))
    assert isinstance(settings.runtime, KubernetesSettings), "Docker would be a provider that helm has not"
    assert [type(party.runtime) for party in settings.parties] == [KubernetesSettings, KubernetesSettings]


@given(st.integers(min_value=2, max_value=60))
def test_in_a_ring_a_party_has_two_peers_at_most_and_each_of_them_has_it(number: int) -> None:
    stack = in_a_ring(grown_to(kubernetes.on_the_cluster(ADDRESS), number))
    peers = {party["id"]: {peer["id"] for peer in party["peers"]} for party in stack["parties"]}
    assert all(1 <= len(found) <= 2 and own not in found for own, found in peers.items())
    assert all(own in peers[peer] for own, found in peers.items() for peer in found)


def test_every_pod_of_a_growing_stack_goes_to_the_hollow_node_and_no_other_pod_does() -> None:
    settings = load(growth.ring(ADDRESS, 10))
    node = hollow.node()
    for party in settings.parties:
        assert isinstance(party.runtime, KubernetesSettings)
        scheduling = party.runtime.scheduling
        assert scheduling.node_selector.items() <= node["metadata"]["labels"].items()
        assert [(t.key, t.effect) for t in scheduling.tolerations] == [(hollow.NAME, "NoSchedule")]
    assert node["spec"]["taints"] == [{"key": hollow.NAME, "effect": "NoSchedule"}]


def test_a_pod_that_the_hollow_node_has_started_is_ready() -> None:
    placed = {"spec": {"containers": [{"name": "a", "image": "x/a:1"}]}, "status": {"phase": "Pending"}}
    started = hollow.started(placed, "2026-01-01T00:00:00Z")["status"]
    assert {"type": "Ready", "status": "True"}.items() <= started["conditions"][-1].items()
    assert all(each["ready"] for each in started["containerStatuses"])


@pytest.mark.parametrize("benchmark", [preview, up, growth])
def test_without_a_cluster_nothing_is_measured_and_the_remedy_told(
    benchmark: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes, "HOME", Home(tmp_path))
    told = [NotMeasured("any", Verdict.NOT_MEASURED, "there is no cluster", "Run make cluster")]
    assert attempted("any", lambda: benchmark.measure_on_kubernetes(1)) == told


def test_without_helm_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm, "PROGRAM", tmp_path / "helm")
    with pytest.raises(CannotMeasureError, match=r"setup/helm\.sh"):
        helm.require()
