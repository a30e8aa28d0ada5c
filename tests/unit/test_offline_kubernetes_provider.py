"""The Kubernetes plugin's calls, on a small API server."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offline.protocol.status import FAILED
from offline.protocol.values import SECRET, SIGNATURE, UNKNOWN
from offline.protocol.wire import provider_pb2
from tests.unit.kubernetes_api import Body, KubernetesApi, serving
from tests.unit.kubernetes_plugin import Plugin, Refused, seen, struct, urn

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SECRETS = "kubernetes:core/v1:Secret"
PATH = "/api/v1/namespaces/fate/configmaps/web"
KIND = provider_pb2.PropertyDiff
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
PASSWORD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "web", "namespace": "fate"},
    "stringData": {SIGNATURE: SECRET, "value": {"password": "hunter2"}},
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
def plugin(api: KubernetesApi, tmp_path: Path) -> Plugin:
    return Plugin(kubeconfig=api.kubeconfig(tmp_path), enableConfigMapMutable="true")


def ready(body: Body) -> None:
    """Let a Deployment be ready at once."""
    if body["kind"] == "Deployment":
        count = body["spec"]["replicas"]
        body["status"] = {"observedGeneration": 1} | dict.fromkeys(
            ("replicas", "updatedReplicas", "availableReplicas"), count
        )


@pytest.mark.parametrize(
    ("token", "what"),
    [
        ("kubernetes:core/v1:ConfigMapList", "resource type kubernetes:core/v1:ConfigMapList"),
        ("kubernetes:apps/v1:DeploymentPatch", "resource type kubernetes:apps/v1:DeploymentPatch"),
        ("kubernetes:helm.sh/v3:Release", "resource type kubernetes:helm.sh/v3:Release"),
        ("kubernetes:yaml/v2:ConfigGroup", "resource type kubernetes:yaml/v2:ConfigGroup"),
        ("kubernetes:kustomize/v2:Directory", "resource type kubernetes:kustomize/v2:Directory"),
    ],
)
def test_what_is_no_object_is_refused_by_name(plugin: Plugin, token: str, what: str) -> None:
    with pytest.raises(Refused) as refused:
        plugin.checked(token, MAP)
    assert str(refused.value) == f"{what} is not supported by the offline plugin; install the official plugin"


def test_an_annotation_that_would_be_ignored_is_refused(plugin: Plugin) -> None:
    metadata = {**MAP["metadata"], "annotations": {"pulumi.com/waitFor": "x"}}
    failures = plugin.checked(CONFIG_MAP, {**MAP, "metadata": metadata}).failures
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


def test_a_changed_line_is_told_by_its_path(plugin: Plugin) -> None:
    plan = plugin.diff(CONFIG_MAP, MAP, {**MAP, "data": {"nginx.conf": "two\n"}})
    assert {path: d.kind for path, d in plan.detailedDiff.items()} == {'data["nginx.conf"]': KIND.UPDATE}
    assert not plan.deleteBeforeReplace


def test_a_map_that_is_not_mutable_is_replaced(api: KubernetesApi, tmp_path: Path) -> None:
    plan = Plugin(kubeconfig=api.kubeconfig(tmp_path)).diff(CONFIG_MAP, MAP, {**MAP, "data": {}})
    assert {path: d.kind for path, d in plan.detailedDiff.items()} == {
        'data["nginx.conf"]': KIND.DELETE_REPLACE
    }
    assert plan.deleteBeforeReplace, "two objects of one name cannot be"


def test_an_object_is_made_as_declared(plugin: Plugin, api: KubernetesApi) -> None:
    made = plugin.create(CONFIG_MAP, MAP)
    assert made.id == "fate/web"
    assert api.objects[PATH]["data"] == {"nginx.conf": "one\n"}
    outputs = seen(made)
    assert outputs["metadata"]["uid"] == "uid-1"
    assert "managedFields" not in outputs["metadata"], "half of every object is of no use to anyone"


def test_an_object_of_another_is_not_taken(plugin: Plugin, api: KubernetesApi) -> None:
    api.objects[PATH] = {"metadata": {"name": "web"}}
    for preview in (True, False):
        with pytest.raises(Refused, match="ConfigMap fate/web already exists, and is not of this stack"):
            plugin.create(CONFIG_MAP, MAP, preview)


def test_an_object_of_another_is_adopted_where_that_is_allowed(api: KubernetesApi, tmp_path: Path) -> None:
    api.objects[PATH] = {"metadata": {"name": "web"}, "data": {"other": "stays"}}
    Plugin(kubeconfig=api.kubeconfig(tmp_path), upsertExistingObjects="true").create(CONFIG_MAP, MAP)
    assert api.objects[PATH]["data"] == {"nginx.conf": "one\n", "other": "stays"}
    assert "force=true" in api.asked[-1]


def test_a_preview_asks_and_changes_nothing(plugin: Plugin, api: KubernetesApi) -> None:
    before = dict(api.objects)
    outputs = seen(plugin.create(CONFIG_MAP, MAP, preview=True))
    assert "dryRun=All" in api.asked[-1]
    assert api.objects == before
    assert outputs["data"] == MAP["data"]
    assert repr(outputs["metadata"]["uid"]) == "<known after up>", "the server makes one up for a dry run"


def test_a_preview_in_a_namespace_that_is_still_to_come_is_quiet(plugin: Plugin) -> None:
    values = {**MAP, "metadata": {"name": "web", "namespace": "later"}}
    assert seen(plugin.create(CONFIG_MAP, values, preview=True))["data"] == MAP["data"]
    assert plugin.told.warned == []


def test_a_preview_does_not_ask_about_what_is_not_known(plugin: Plugin, api: KubernetesApi) -> None:
    outputs = seen(plugin.create(CONFIG_MAP, {**MAP, "data": {"a": UNKNOWN}}, preview=True))
    assert repr(outputs["data"]["a"]) == "<known after up>"
    assert not [asked for asked in api.asked if asked.startswith("PATCH")]


def test_a_preview_warns_of_a_kind_that_is_not_there_yet(plugin: Plugin) -> None:
    route = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "web"}}
    plugin.create("kubernetes:gateway.networking.k8s.io/v1:HTTPRoute", route, preview=True)
    assert "the cluster has no kind HTTPRoute of gateway.networking.k8s.io/v1" in plugin.told.warned[0]


def test_what_a_replacement_will_delete_is_in_no_one_s_way(plugin: Plugin, api: KubernetesApi) -> None:
    plugin.create(CONFIG_MAP, MAP)
    new = {**MAP, "immutable": True}
    assert plugin.diff(CONFIG_MAP, {**MAP, "immutable": True}, {**MAP, "data": {}}).replaces
    plugin.create(CONFIG_MAP, new, preview=True)
    assert "dryRun" not in api.asked[-1], "the old object would answer for the new one"


def test_a_preview_tells_what_the_server_would_refuse(plugin: Plugin, api: KubernetesApi) -> None:
    words = 'Deployment.apps "web" is invalid: spec.selector: Invalid value: x: field is immutable'
    api.answers = lambda method, path: (422, {"message": words}) if method == "PATCH" else None
    with pytest.raises(Refused, match="field is immutable") as refused:
        plugin.update(DEPLOYMENT, WEB, WEB, preview=True)
    assert "Deployment fate/web: this cannot change in place" in str(refused.value)


def test_a_conflict_names_manager_and_field(plugin: Plugin, api: KubernetesApi) -> None:
    cause = {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "kubectl" using apps/v1',
        "field": ".spec.replicas",
    }
    answer = {"message": "Apply failed with 1 conflict", "details": {"causes": [cause]}}
    api.answers = lambda method, path: (409, answer) if method == "PATCH" else None
    with pytest.raises(Refused) as refused:
        plugin.update(DEPLOYMENT, WEB, WEB, preview=True)
    assert 'conflict with "kubectl" using apps/v1 at .spec.replicas' in str(refused.value)
    assert "enable_patch_force=True" in str(refused.value)


def test_fields_of_others_are_taken_where_that_is_allowed(api: KubernetesApi, tmp_path: Path) -> None:
    api.complete = ready
    Plugin(kubeconfig=api.kubeconfig(tmp_path), enablePatchForce="true").update(DEPLOYMENT, WEB, WEB)
    assert "force=true" in next(asked for asked in api.asked if asked.startswith("PATCH"))
    metadata = {**WEB["metadata"], "annotations": {"pulumi.com/patchForce": "true"}}
    api.asked.clear()
    Plugin(kubeconfig=api.kubeconfig(tmp_path)).update(DEPLOYMENT, WEB, {**WEB, "metadata": metadata})
    assert "force=true" in next(asked for asked in api.asked if asked.startswith("PATCH"))


def test_a_secret_is_marked_wherever_it_comes_back(plugin: Plugin, api: KubernetesApi) -> None:
    bare = {**PASSWORD, "stringData": {"password": "hunter2"}}
    inputs = plugin.checked(SECRETS, bare).inputs
    made = plugin.create(SECRETS, bare)
    seen_again = plugin.read(SECRETS, "fate/web", bare)
    imported = plugin.read(SECRETS, "fate/web")
    for values, field in [
        (inputs, "stringData"),
        (made.properties, "data"),
        (seen_again.properties, "data"),
        (seen_again.inputs, "stringData"),
        (imported.inputs, "data"),
        (imported.properties, "data"),
    ]:
        assert values.fields[field].struct_value.fields[SIGNATURE].string_value == SECRET
    assert api.objects["/api/v1/namespaces/fate/secrets/web"]["data"] == {
        "password": base64.b64encode(b"hunter2").decode()
    }, "a text that is left out later could not be taken away"


def test_what_kubectl_keeps_of_a_secret_comes_in_no_output(plugin: Plugin, api: KubernetesApi) -> None:
    plugin.create(SECRETS, PASSWORD)
    notes = {"kubectl.kubernetes.io/last-applied-configuration": '{"password":"hunter2"}'}
    api.objects["/api/v1/namespaces/fate/secrets/web"]["metadata"]["annotations"] = notes
    for answer in (plugin.read(SECRETS, "fate/web", PASSWORD), plugin.read(SECRETS, "fate/web")):
        assert "last-applied" not in str(answer)


@pytest.mark.parametrize("word", ["hunter2", base64.b64encode(b"hunter2").decode()])
def test_no_message_holds_a_secret(plugin: Plugin, api: KubernetesApi, word: str) -> None:
    api.answers = lambda method, path: (400, {"message": f"got {word}"}) if method == "PATCH" else None
    with pytest.raises(Refused) as refused:
        plugin.create(SECRETS, PASSWORD)
    assert str(refused.value) == "Secret fate/web: got [secret]"


def test_a_secret_among_others_stays_secret(plugin: Plugin, api: KubernetesApi) -> None:
    api.complete = ready
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": {SIGNATURE: SECRET, "value": "hunter2"}}]
    template = {"spec": {"containers": [{"name": "web", "env": env}]}}
    made = plugin.create(DEPLOYMENT, {**WEB, "spec": {**WEB["spec"], "template": template}})
    spec = made.properties.fields["spec"].struct_value.fields["template"].struct_value.fields["spec"]
    container = spec.struct_value.fields["containers"].list_value.values[0].struct_value
    variables = [each.struct_value.fields["value"] for each in container.fields["env"].list_value.values]
    assert variables[0].string_value == "1"
    assert variables[1].struct_value.fields[SIGNATURE].string_value == SECRET


def test_what_is_gone_is_gone(plugin: Plugin) -> None:
    assert plugin.read(CONFIG_MAP, "fate/web", MAP).id == ""
    plugin.delete(CONFIG_MAP, "fate/web", MAP)


def test_a_drift_is_seen_and_the_server_s_own_is_not(plugin: Plugin, api: KubernetesApi) -> None:
    api.complete = ready
    plugin.create(DEPLOYMENT, WEB)
    stored = api.objects["/apis/apps/v1/namespaces/fate/deployments/web"]
    stored["spec"] |= {"replicas": 3, "progressDeadlineSeconds": 600}
    answer = plugin.read(DEPLOYMENT, "fate/web", WEB)
    assert seen(answer, "inputs") == {**WEB, "spec": {**WEB["spec"], "replicas": 3}}


def test_an_object_can_be_imported(plugin: Plugin, api: KubernetesApi) -> None:
    api.complete = ready
    plugin.create(DEPLOYMENT, WEB)
    stored = api.objects["/apis/apps/v1/namespaces/fate/deployments/web"]
    stored["metadata"] |= {"resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z"}
    answer = plugin.read(DEPLOYMENT, "fate/web")
    assert seen(answer, "inputs") == WEB
    assert seen(answer)["metadata"]["resourceVersion"] == "7"


def test_an_object_that_does_not_become_ready_is_kept_and_repaired(
    plugin: Plugin, api: KubernetesApi
) -> None:
    api.objects["/api/v1/namespaces/fate/pods/web-1"] = failing_pod()
    api.logs = "\n".join(f"line {number}" for number in range(30))
    with pytest.raises(Refused) as refused:
        plugin.create(DEPLOYMENT, WEB, timeout=0.3)
    message, half = str(refused.value), refused.value.half
    assert "Deployment fate/web is not ready after 0.3 s" in message
    assert "web-1/web: CrashLoopBackOff: it ended with exit code 3 (Error)" in message
    assert "line 29" in message
    assert "line 9\n" not in message, "twenty lines, never more"
    assert half.id == "fate/web"
    plan = plugin.diff(DEPLOYMENT, WEB, WEB, **{FAILED: True})
    assert plan.changes == plan.DIFF_SOME
    assert not plan.replaces, "the next up goes on from here"
    metadata = {**WEB["metadata"], "annotations": {"pulumi.com/replaceUnready": "true"}}
    unready = {**WEB, "metadata": metadata}
    assert plugin.diff(DEPLOYMENT, unready, unready, **{FAILED: True}).replaces == [FAILED]


def test_an_object_that_was_repaired_by_hand_is_as_declared(plugin: Plugin, api: KubernetesApi) -> None:
    api.complete = ready
    plugin.create(DEPLOYMENT, WEB)
    outputs = {**WEB, FAILED: True}
    assert FAILED not in seen(plugin.read(DEPLOYMENT, "fate/web", WEB, outputs))
    api.objects["/apis/apps/v1/namespaces/fate/deployments/web"]["status"]["availableReplicas"] = 0
    assert seen(plugin.read(DEPLOYMENT, "fate/web", WEB, outputs))[FAILED] is True


def test_a_wait_ends_when_it_is_cancelled(plugin: Plugin) -> None:
    plugin.provider.Cancel(None, None)
    with pytest.raises(Refused, match="Deployment fate/web is not ready: cancelled") as refused:
        plugin.create(DEPLOYMENT, WEB)
    assert refused.value.half.id == "fate/web", "the state keeps what was made"


def test_what_was_made_is_kept_whatever_ends_the_wait(plugin: Plugin, api: KubernetesApi) -> None:
    words = {"message": "Unauthorized"}
    made = api.objects
    path = "/apis/apps/v1/namespaces/fate/deployments/web"
    api.answers = lambda method, asked: (401, words) if method == "GET" and path in made else None
    with pytest.raises(Refused, match="Log in again") as refused:
        plugin.create(DEPLOYMENT, WEB)
    assert refused.value.half.id == "fate/web"


def test_an_object_that_says_so_is_not_waited_for(plugin: Plugin) -> None:
    metadata = {**WEB["metadata"], "annotations": {"pulumi.com/skipAwait": "true"}}
    assert plugin.create(DEPLOYMENT, {**WEB, "metadata": metadata}).id == "fate/web"


def test_the_limit_of_a_wait_is_in_the_object_s_own_annotation(plugin: Plugin) -> None:
    metadata = {**WEB["metadata"], "annotations": {"pulumi.com/timeoutSeconds": "0"}}
    with pytest.raises(Refused, match="is not ready after 0 s"):
        plugin.create(DEPLOYMENT, {**WEB, "metadata": metadata})


def test_a_field_manager_of_the_official_plugin_is_kept(plugin: Plugin, api: KubernetesApi) -> None:
    outputs = plugin.update(CONFIG_MAP, {**MAP, "__fieldManager": "pulumi-kubernetes-1a2b3c4d"}, MAP)
    assert "fieldManager=pulumi-kubernetes-1a2b3c4d" in api.asked[-1]
    assert seen(outputs)["__fieldManager"] == "pulumi-kubernetes-1a2b3c4d"


def test_a_cluster_that_is_not_known_yet_is_not_guessed() -> None:
    plugin = Plugin(kubeconfig=UNKNOWN)
    nameless = {**MAP, "metadata": {"name": "web"}}
    assert seen(plugin.checked(CONFIG_MAP, nameless), "inputs") == nameless
    assert seen(plugin.create(CONFIG_MAP, nameless, preview=True))["data"] == MAP["data"]


def failing_pod() -> Body:
    crashing = {
        "name": "web",
        "ready": False,
        "restartCount": 3,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
        "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}},
    }
    return {
        "metadata": {"name": "web-1", "namespace": "fate", "uid": "p"},
        "status": {"containerStatuses": [crashing]},
    }
