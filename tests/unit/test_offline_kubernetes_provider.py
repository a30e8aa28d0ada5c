"""The Kubernetes plugin's calls, on a small API server."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from diff.values import SECRET, SIGNATURE, UNKNOWN, plain
from protocol.wire import provider_pb2
from tests.unit.kubernetes_api import Body, KubernetesApi, serving
from tests.unit.kubernetes_plugin import Plugin, Refused, seen, struct, urn

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SECRETS = "kubernetes:core/v1:Secret"
PATH = "/api/v1/namespaces/fate/configmaps/web"
DiffResponse = provider_pb2.DiffResponse
MAP: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "web", "namespace": "fate"},
    "data": {"nginx.conf": "one\n"},
}
WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "fate"},
    "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": {"spec": {}}},
}
HUNTER = base64.b64encode(b"hunter2").decode()
PASSWORD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "web", "namespace": "fate"},
    "data": {SIGNATURE: SECRET, "value": {"password": HUNTER}},
}


@pytest.fixture(scope="module")
def serve() -> Iterator[KubernetesApi]:
    with serving() as api:
        yield api


@pytest.fixture
def api(serve: KubernetesApi) -> KubernetesApi:
    address = serve.address
    serve.__init__()  # type: ignore[misc] # every test finds it empty
    serve.address = address
    return serve


@pytest.fixture
def taking(api: KubernetesApi, tmp_path: Path) -> Plugin:
    """Return a plugin that takes over what is there, as this program has it."""
    return Plugin(kubeconfig=api.kubeconfig(tmp_path), upsertExistingObjects="true")


@pytest.fixture
def plugin(api: KubernetesApi, tmp_path: Path) -> Plugin:
    return Plugin(kubeconfig=api.kubeconfig(tmp_path), enableConfigMapMutable="true")


def ready(body: Body) -> None:
    """Let a Deployment be ready at once."""
    if body["kind"] == "Deployment":
        count = body["spec"]["replicas"]
        body["status"] = {"observedGeneration": 1} | dict.fromkeys(
            ("replicas", "updatedReplicas", "availableReplicas"), count
        )


def annotated(body: Body, **annotations: str) -> Body:
    notes = {f"pulumi.com/{name}": value for name, value in annotations.items()}
    return {**body, "metadata": {**body["metadata"], "annotations": notes}}


@pytest.mark.parametrize(
    "token",
    [
        "kubernetes:core/v1:ConfigMapList",
        "kubernetes:apps/v1:DeploymentPatch",
        "kubernetes:batch/v1:Job",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
        "kubernetes:helm.sh/v3:Release",
        "kubernetes:yaml/v2:ConfigGroup",
        "kubernetes:kustomize/v2:Directory",
    ],
)
def test_what_the_program_never_declares_is_refused_by_name(plugin: Plugin, token: str) -> None:
    with pytest.raises(Refused) as refused:
        plugin.checked(token, MAP)
    words = f"resource type {token} is not supported by the offline plugin; install the official plugin"
    assert str(refused.value) == words


def test_an_annotation_that_would_be_ignored_is_refused(plugin: Plugin) -> None:
    failures = plugin.checked(CONFIG_MAP, annotated(MAP, waitFor="x")).failures
    assert "annotation pulumi.com/waitFor is not supported" in failures[0].reason


def test_a_provider_option_that_would_be_ignored_is_refused(plugin: Plugin) -> None:
    request = provider_pb2.CheckRequest(
        urn=urn("pulumi:providers:kubernetes"), news=struct({"deleteUnreachable": "true", "context": "x"})
    )
    failures = plugin.provider.CheckConfig(request, None).failures
    assert [f.property for f in failures] == ["deleteUnreachable"]
    assert "property deleteUnreachable of the kubernetes provider is not supported" in failures[0].reason


def test_client_side_apply_is_refused(api: KubernetesApi) -> None:
    with pytest.raises(Refused, match="enableServerSideApply false"):
        Plugin(enableServerSideApply="false")


def test_a_name_that_is_not_given_is_made_up_once(plugin: Plugin) -> None:
    nameless = {**MAP, "metadata": {}}
    first = seen(plugin.checked(CONFIG_MAP, nameless), "inputs")
    assert first["metadata"]["name"] == "web-1234567"
    assert first["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    again = plugin.checked(
        CONFIG_MAP, nameless, {**first, "metadata": {**first["metadata"], "name": "web-old"}}
    )
    assert seen(again, "inputs")["metadata"]["name"] == "web-old"


def test_the_namespace_is_the_context_s_where_none_is_given(plugin: Plugin) -> None:
    inputs = seen(plugin.checked(CONFIG_MAP, {**MAP, "metadata": {"name": "web"}}), "inputs")
    assert inputs["metadata"]["namespace"] == "fate"
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}
    inputs = seen(plugin.checked("kubernetes:core/v1:Namespace", place), "inputs")
    assert "namespace" not in inputs["metadata"], "a Namespace is in none"


def test_the_state_is_one_that_the_official_plugin_can_go_on_from(plugin: Plugin, api: KubernetesApi) -> None:
    outputs = seen(plugin.create(CONFIG_MAP, MAP))
    assert outputs["__inputs"] == MAP, "it would take all that is declared as added, and replace the object"
    assert outputs["__initialApiVersion"] == "v1"
    assert re.fullmatch(r"pulumi-kubernetes-[0-9a-f]{8}", outputs["__fieldManager"])
    assert outputs["metadata"]["uid"] == api.objects[PATH]["metadata"]["uid"]


def test_a_field_manager_is_an_object_s_own_and_kept(taking: Plugin, api: KubernetesApi) -> None:
    manager = seen(taking.create(CONFIG_MAP, MAP))["__fieldManager"]
    assert f"fieldManager={manager}" in api.asked[-1]
    outputs = taking.update(CONFIG_MAP, {**MAP, "__fieldManager": manager}, MAP)
    assert f"fieldManager={manager}" in api.asked[-1]
    assert seen(outputs)["__fieldManager"] == manager


def test_an_update_takes_over_what_was_made_without_an_apply(plugin: Plugin, api: KubernetesApi) -> None:
    manager = seen(plugin.create(CONFIG_MAP, MAP))["__fieldManager"]
    plugin.update(CONFIG_MAP, {**MAP, "__fieldManager": manager}, MAP, preview=True)
    assert [asked.partition(" ")[0] for asked in api.asked] == ["POST", "GET", "PATCH"]
    assert "force=true" in api.asked[-1], "in a preview, whose fields they are is not changed"
    plugin.update(CONFIG_MAP, {**MAP, "__fieldManager": manager}, MAP)
    assert [asked.partition(" ")[0] for asked in api.asked[3:]] == ["GET", "PATCH", "PATCH"]
    assert "force=false" in api.asked[-1]


def test_a_preview_asks_and_changes_nothing(taking: Plugin, api: KubernetesApi) -> None:
    before = dict(api.objects)
    outputs = seen(taking.create(CONFIG_MAP, MAP, preview=True))
    assert "dryRun=All" in api.asked[-1]
    assert "force=true" in api.asked[-1]
    assert api.objects == before
    assert outputs["data"] == MAP["data"]
    assert "status" not in outputs


def test_a_preview_in_a_namespace_that_is_still_to_come_asks_once(plugin: Plugin, api: KubernetesApi) -> None:
    for name in ("one", "two"):
        values = {**MAP, "metadata": {"name": name, "namespace": "later"}}
        assert seen(plugin.create(CONFIG_MAP, values, preview=True)) == values
    assert len(api.asked) == 1
    assert plugin.told.warned == []


def test_a_preview_does_not_ask_about_what_is_not_known(plugin: Plugin, api: KubernetesApi) -> None:
    outputs = seen(plugin.create(CONFIG_MAP, {**MAP, "data": {"a": UNKNOWN}}, preview=True))
    assert repr(outputs["data"]["a"]) == "<known after up>"
    assert api.asked == []


def test_a_preview_is_silent_of_a_kind_that_is_not_there_yet(plugin: Plugin) -> None:
    route = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "web"}}
    assert (
        seen(plugin.create("kubernetes:gateway.networking.k8s.io/v1:HTTPRoute", route, preview=True)) == route
    )


def test_a_preview_of_what_cannot_change_in_place_asks_for_another_name(
    taking: Plugin, api: KubernetesApi
) -> None:
    words = {"message": "spec.selector: Invalid value: field is immutable"}
    api.answers = lambda method, path: (422, words) if "/deployments/web?" in path else None
    outputs = seen(taking.create(DEPLOYMENT, WEB, preview=True))
    assert re.fullmatch(r"web[0-9a-f]{5}", outputs["metadata"]["name"])


@pytest.mark.parametrize("code", [403])
def test_what_may_not_be_asked_is_found_out_by_up(taking: Plugin, api: KubernetesApi, code: int) -> None:
    api.complete = ready
    taking.create(DEPLOYMENT, WEB)
    forbidden = {"message": "User cannot patch"}
    api.answers = lambda method, path: (code, forbidden) if method == "PATCH" else None
    assert seen(taking.create(CONFIG_MAP, MAP, preview=True)) == MAP
    assert seen(taking.update(DEPLOYMENT, WEB, WEB, preview=True)) == WEB
    with pytest.raises(
        Refused, match="was not successfully created by the Kubernetes API server: User cannot"
    ):
        taking.create(CONFIG_MAP, MAP)


def test_a_conflict_names_manager_and_field(taking: Plugin, api: KubernetesApi) -> None:
    taking.create(CONFIG_MAP, MAP)
    words = 'Apply failed with 1 conflict: conflict with "x" using v1: .data.a'
    api.answers = lambda method, path: (409, {"message": words}) if method == "PATCH" else None
    with pytest.raises(Refused, match="server-side apply field conflict detected") as refused:
        taking.update(CONFIG_MAP, MAP, MAP, preview=True)
    assert words in str(refused.value)


def test_fields_of_others_are_taken_where_that_is_allowed(api: KubernetesApi, tmp_path: Path) -> None:
    forcing = Plugin(kubeconfig=api.kubeconfig(tmp_path), enablePatchForce="true")
    forcing.create(CONFIG_MAP, MAP)
    forcing.update(CONFIG_MAP, MAP, MAP)
    assert "force=true" in api.asked[-1]
    Plugin(kubeconfig=api.kubeconfig(tmp_path)).update(CONFIG_MAP, MAP, annotated(MAP, patchForce="true"))
    assert "force=true" in api.asked[-1]


def test_a_secret_is_marked_wherever_it_comes_back(plugin: Plugin, api: KubernetesApi) -> None:
    bare = {**PASSWORD, "data": {"password": HUNTER}}
    made = plugin.create(SECRETS, bare)
    seen_again, imported = plugin.read(SECRETS, "fate/web", bare), plugin.read(SECRETS, "fate/web")
    for values in (
        plugin.checked(SECRETS, bare).inputs,
        *(each.properties for each in (made, seen_again, imported)),
        *(each.inputs for each in (seen_again, imported)),
    ):
        assert values.fields["data"].struct_value.fields[SIGNATURE].string_value == SECRET
    kept = seen_again.properties.fields["__inputs"].struct_value
    assert kept.fields["data"].struct_value.fields[SIGNATURE].string_value == SECRET


@pytest.mark.parametrize("word", ["hunter2", HUNTER])
def test_no_message_holds_a_secret(plugin: Plugin, api: KubernetesApi, word: str) -> None:
    api.answers = lambda method, path: (400, {"message": f"got {word}"}) if method == "POST" else None
    with pytest.raises(Refused, match=r"API server: got \[secret\]"):
        plugin.create(SECRETS, PASSWORD)


def test_one_secret_hides_the_whole_list_that_it_is_in(plugin: Plugin, api: KubernetesApi) -> None:
    api.complete = ready
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": {SIGNATURE: SECRET, "value": "hunter2"}}]
    template = {"spec": {"hostname": "a", "containers": [{"name": "web", "env": env}]}}
    made = plugin.create(DEPLOYMENT, {**WEB, "spec": {**WEB["spec"], "template": template}})
    spec = made.properties.fields["spec"].struct_value.fields["template"].struct_value.fields["spec"]
    fields = spec.struct_value.fields
    assert fields["containers"].struct_value.fields[SIGNATURE].string_value == SECRET
    assert fields["hostname"].string_value == "a"


def test_what_is_gone_is_gone(plugin: Plugin) -> None:
    assert plugin.read(CONFIG_MAP, "fate/web", MAP).id == ""
    plugin.delete(CONFIG_MAP, "fate/web", MAP)


def test_what_was_ignored_is_no_change(plugin: Plugin) -> None:
    new = {**MAP, "metadata": {**MAP["metadata"], "labels": {"a": "b"}}}
    assert plugin.diff(CONFIG_MAP, MAP, new, ("metadata.labels",)).changes == DiffResponse.DIFF_NONE
    assert plugin.diff(CONFIG_MAP, MAP, new, ("metadata.annotations",)).changes == DiffResponse.DIFF_SOME


def test_an_object_can_be_imported(plugin: Plugin, api: KubernetesApi) -> None:
    api.complete = ready
    plugin.create(DEPLOYMENT, WEB)
    answer = plugin.read(DEPLOYMENT, "fate/web")
    assert seen(answer, "inputs") == WEB
    assert seen(answer)["metadata"]["resourceVersion"] == "1"


def test_an_object_that_does_not_become_ready_is_kept(plugin: Plugin, api: KubernetesApi) -> None:
    with pytest.raises(Refused) as refused:
        plugin.create(DEPLOYMENT, WEB, timeout=0.3)
    assert "'web' timed out waiting to be Ready" in str(refused.value)
    half = refused.value.half
    assert half.id == "fate/web"
    assert "Minimum number of live Pods was not attained" in half.reasons
    assert plain(half.properties)["__inputs"] == WEB


def test_an_object_that_is_not_ready_is_told_when_it_is_looked_at(plugin: Plugin, api: KubernetesApi) -> None:
    api.complete = ready
    plugin.create(DEPLOYMENT, WEB)
    assert plugin.read(DEPLOYMENT, "fate/web", WEB).id == "fate/web"
    api.objects["/apis/apps/v1/namespaces/fate/deployments/web"]["status"]["availableReplicas"] = 0
    with pytest.raises(Refused, match="'web' was created but failed to initialize") as refused:
        plugin.read(DEPLOYMENT, "fate/web", WEB)
    assert plain(refused.value.half.inputs) == WEB
    assert plugin.read(DEPLOYMENT, "fate/web").id == "fate/web", "an import does not ask"


def test_a_wait_ends_when_it_is_cancelled(plugin: Plugin) -> None:
    plugin.provider.Cancel(None, None)
    with pytest.raises(Refused, match='Resource operation was cancelled for "web"'):
        plugin.create(DEPLOYMENT, WEB)


@pytest.mark.parametrize("kind", [CONFIG_MAP, DEPLOYMENT])
def test_an_object_that_says_so_is_not_waited_for(plugin: Plugin, kind: str) -> None:
    body = annotated(WEB if kind == DEPLOYMENT else MAP, skipAwait="true")
    assert plugin.create(kind, body).id == "fate/web"


def test_the_limit_of_a_wait_is_in_the_object_s_own_annotation(plugin: Plugin) -> None:
    with pytest.raises(Refused, match="timed out waiting"):
        plugin.create(DEPLOYMENT, annotated(WEB, timeoutSeconds="0"))


def test_a_cluster_that_is_not_known_yet_is_not_guessed() -> None:
    plugin = Plugin(kubeconfig=UNKNOWN)
    nameless = {**MAP, "metadata": {"name": "web"}}
    assert seen(plugin.checked(CONFIG_MAP, nameless), "inputs") == nameless
    assert seen(plugin.create(CONFIG_MAP, nameless, preview=True)) == nameless


def test_a_cluster_that_cannot_be_reached_is_told_by_up(tmp_path: Path) -> None:
    plugin = Plugin(kubeconfig=KubernetesApi().kubeconfig(tmp_path), context="nowhere")
    assert seen(plugin.checked(CONFIG_MAP, MAP), "inputs") == MAP
    assert seen(plugin.create(CONFIG_MAP, MAP, preview=True)) == MAP
    with pytest.raises(Refused, match=r"cluster is unreachable: .* no context 'nowhere'"):
        plugin.create(CONFIG_MAP, MAP)
    with pytest.raises(Refused, match="PULUMI_K8S_DELETE_UNREACHABLE"):
        plugin.read(CONFIG_MAP, "fate/web", MAP)
