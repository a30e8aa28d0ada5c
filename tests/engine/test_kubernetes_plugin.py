"""The offline Kubernetes plugin shows what the official one shows: real CLI, real cluster."""

import json
import time
from collections.abc import Callable, Iterator

import pytest

from tests.cluster.kubectl import cluster_is_missing, kubectl
from tests.engine.kubernetes_project import KubernetesProject, loaded_image, project, urn
from tests.engine.plugin_project import pulumi

Make = Callable[..., KubernetesProject]
AS_HERE = "enable_config_map_mutable enable_secret_mutable enable_patch_force upsert_existing_objects"
DEPLOYMENT = """
k8s.apps.v1.Deployment(
    "web", metadata=meta("web"), spec=workload(replicas=int(settings.get("replicas", 1))),
    opts=options(custom_timeouts=limit(settings.get("limit", 60))),
)
"""
STEADY = DEPLOYMENT.replace("spec=workload(", 'spec={"minReadySeconds": 3} | workload(')
"""Of a pod that runs for a moment and has no probe, Kubernetes says that it is ready."""
SERVICE = """
import hashlib

text = f"one\\n{settings.get('text', 'hello')}\\nthree\\n"
k8s.core.v1.ConfigMap("files", metadata=meta("files"), data={"a.conf": text, "b": "x"}, opts=options())
password = settings.get("password", "hunter2")
k8s.core.v1.Secret("key", metadata=meta("key"), string_data={"password": password}, opts=options())
volumes = [
    {"name": "files", "configMap": {"name": "files"}},
    {"name": "key", "secret": {"secretName": "key"}},
    {"name": "tmp", "emptyDir": {"sizeLimit": "1024Mi"}},
]
checksum = {"fate.io/config": hashlib.sha256(text.encode()).hexdigest()}
k8s.apps.v1.Deployment(
    "web", metadata=meta("web"), spec=workload(volumes=volumes, annotations=checksum), opts=options(),
)
k8s.core.v1.Service(
    "web", metadata=meta("web", annotations={"pulumi.com/skipAwait": "true"}),
    spec={"selector": {"app": "web"}, "ports": [{"port": 80}]}, opts=options(),
)
k8s.networking.v1.NetworkPolicy(
    "web", metadata=meta("web"),
    spec={
        "podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress", "Egress"], "egress": [],
        "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}],
    },
    opts=options(),
)
k8s.policy.v1.PodDisruptionBudget(
    "web", metadata=meta("web"), spec={"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    opts=options(),
)
rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]
k8s.rbac.v1.Role("web", metadata=meta("web"), rules=rules, opts=options())
k8s.rbac.v1.RoleBinding(
    "web", metadata=meta("web"),
    subjects=[{"kind": "ServiceAccount", "name": "default", "namespace": prefix}],
    role_ref={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web"}, opts=options(),
)
"""
CLAIM = """
k8s.storage.v1.StorageClass(
    "fixed", metadata={"name": f"{prefix}-fixed"}, provisioner="none.example/none",
    volume_binding_mode="WaitForFirstConsumer", allow_volume_expansion=False,
    opts=ResourceOptions(provider=provider),
)
k8s.core.v1.PersistentVolumeClaim(
    "kept", metadata=meta("kept"),
    spec={
        "accessModes": ["ReadWriteOnce"], "storageClassName": settings.get("class", f"{prefix}-fixed"),
        "resources": {"requests": {"storage": settings.get("size", "1Gi")}},
    },
    opts=options(retain_on_delete=True),
)
"""


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    if pulumi() is None:
        pytest.skip("no pulumi: run `make pulumi`")
    if reason := cluster_is_missing():
        pytest.skip(reason)
    yield from loaded_image()


@pytest.fixture(scope="module")
def make(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    made: list[KubernetesProject] = []

    def of(program: str, **settings: str) -> KubernetesProject:
        made.append(project(tmp_path_factory.mktemp("project"), program, image, **settings))
        return made[-1]

    yield of
    for each in made:
        kubectl("delete", "namespace", each.prefix, "--ignore-not-found", "--wait=false")
        kubectl("delete", "storageclass", f"{each.prefix}-fixed", "--ignore-not-found")


@pytest.fixture(scope="module")
def service(make: Make) -> KubernetesProject:
    """Return a running service, of a provider that is configured as this program does it."""
    found = make(SERVICE, provider=AS_HERE)
    found.made()
    return found


def test_a_second_preview_and_a_refresh_are_empty(service: KubernetesProject) -> None:
    assert service.changes() == {}, "nothing changed, so nothing may be shown"
    assert service.drift() == "", "the server's own additions are no drift"


def test_a_secret_is_in_no_state_and_in_no_preview(service: KubernetesProject) -> None:
    assert "hunter2" not in service.state()
    assert "aHVudGVyMg" not in service.state(), "nor in base64"
    with service.changed(password="correct horse"):
        shown = service.diff()
    assert "[secret]" in shown
    assert "horse" not in shown


def test_a_changed_line_is_shown_and_rolls_the_pods(service: KubernetesProject) -> None:
    before = service.pods()
    with service.changed(text="bye"):
        shown = service.diff()
        assert service.changes() == {"files": "update", "web": "update"}
        service.made()
        assert service.changes() == {}
    assert "- hello" in shown
    assert "+ bye" in shown
    assert "~ fate.io/config:" in shown
    after = service.pods()
    assert len(after) == 1, "the old pods are gone when `up` ends"
    assert after != before
    service.made()


def test_a_scaled_deployment_is_shown_and_repaired(service: KubernetesProject) -> None:
    service.kubectl("scale", "deployment", "web", "--replicas=3")
    assert "~ replicas: 3 => 1" in service.diff("--refresh")
    service.made("--refresh")
    assert service.live("deployment", "web")["spec"]["replicas"] == 1
    assert service.drift() == ""


def test_what_another_hand_added_to_a_list_of_ours_is_shown(service: KubernetesProject) -> None:
    patch = '[{"op": "add", "path": "/rules/0/verbs/-", "value": "watch"}]'
    service.kubectl("patch", "role", "web", "--type=json", f"--patch={patch}")
    assert service.changes("--refresh") == {"web": "update"}
    service.made("--refresh")
    assert service.live("role", "web")["rules"][0]["verbs"] == ["get", "list"]


def test_what_others_put_beside_ours_is_no_drift(service: KubernetesProject) -> None:
    service.kubectl("label", "configmap", "files", "other.example/label=x")
    service.kubectl("patch", "configmap", "files", '--patch={"data": {"c": "theirs"}}')
    assert service.drift() == ""
    assert service.changes() == {}


def test_a_deleted_map_is_made_again(service: KubernetesProject) -> None:
    service.kubectl("delete", "configmap", "files")
    assert service.changes("--refresh") == {"files": "create"}
    service.made("--refresh")
    assert service.live("configmap", "files")["data"]["b"] == "x"


def test_an_edited_map_is_shown_by_its_line(service: KubernetesProject) -> None:
    edited = json.dumps({"data": {"a.conf": "one\nedited\nthree\n"}})
    service.kubectl("patch", "configmap", "files", f"--patch={edited}")
    shown = service.diff("--refresh")
    assert "- edited" in shown
    assert "+ hello" in shown
    service.made("--refresh")


def test_a_rotated_secret_is_taken_over_and_an_old_key_leaves(service: KubernetesProject) -> None:
    with service.changed(password="correct horse"):
        service.made()
        assert service.live("secret", "key")["data"] == {"password": "Y29ycmVjdCBob3JzZQ=="}
        assert service.changes() == {}
    service.made()


def test_an_object_can_be_imported(make: Make, service: KubernetesProject) -> None:
    importer = make("")
    importer.environment["KUBECONFIG"] = importer.settings["kubeconfig"]
    answer = importer.run(
        *("import", "kubernetes:apps/v1:Deployment", "web", f"{service.prefix}/web"),
        *("--yes", "--stack", "t", "--generate-code=false", "--protect=false"),
    )
    assert answer.code == 0, answer.text
    deployment = json.loads(importer.state())["deployment"]["resources"][-1]
    assert deployment["inputs"]["spec"]["replicas"] == 1
    for name in ("managedFields", "uid", "resourceVersion"):
        assert name not in deployment["inputs"]["metadata"]
    assert "status" not in deployment["inputs"]


def test_a_destroy_leaves_nothing_and_is_no_wait_for_what_is_gone(make: Make) -> None:
    short = make(DEPLOYMENT)
    short.made()
    short.kubectl("delete", "deployment", "web", "--wait=false")
    answer = short.run("destroy", "--yes", "--skip-preview", "--stack", "t")
    assert answer.code == 0, answer.text
    assert kubectl("get", "namespace", short.prefix, "--ignore-not-found") == ""


def test_a_service_waits_for_a_pod_behind_it(make: Make) -> None:
    program = """
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    if settings.get("pods"):
        k8s.apps.v1.Deployment("pods", metadata=meta("web"), spec=workload(), opts=options())
    k8s.core.v1.Service("web", metadata=meta("web"), spec=spec, opts=options(custom_timeouts=limit(4)))
    """
    lonely = make(program)
    answer = lonely.up()
    assert "Service" in answer.text
    assert "is not ready after 4 s: no ready pod matches its selector" in answer.text
    with lonely.changed(pods="yes"):
        began = time.monotonic()
        lonely.made()
    assert time.monotonic() - began < 20


def test_maps_that_are_not_mutable_are_replaced(make: Make) -> None:
    program = """
    content = {"a": settings.get("text", "hello")}
    k8s.core.v1.ConfigMap("files", metadata=meta("files"), data=content, opts=options())
    k8s.core.v1.ConfigMap("other", data=content, opts=options())
    """
    fixed = make(program)
    fixed.made()
    before = fixed.kubectl("get", "configmaps", "--output=name")
    with fixed.changed(text="bye"):
        assert set(fixed.changes()) == {"files", "other"}
        shown = fixed.diff()
        fixed.made()
        assert fixed.changes() == {}
    assert "+-2 to replace" in shown
    assert fixed.live("configmap", "files")["data"] == {"a": "bye"}
    after = fixed.kubectl("get", "configmaps", "--output=name")
    assert "/other-" in before
    assert before != after, "a name that was made up is another one, so that the old object can stay a while"


def test_a_field_that_another_took_is_a_conflict_by_name(make: Make) -> None:
    scaled = make(DEPLOYMENT)
    scaled.made()
    scaled.kubectl("scale", "deployment", "web", "--replicas=2")
    answer = scaled.run("preview", "--stack", "t", "--refresh")
    assert answer.code != 0
    assert 'conflict with "kubectl"' in answer.text
    assert ".spec.replicas" in answer.text


def test_pods_that_never_become_ready_end_in_their_own_words_and_are_repaired(make: Make) -> None:
    crashing = make(STEADY, command="echo last words; exit 3", limit="12")
    answer = crashing.up()
    assert answer.code != 0
    assert "is not ready after 12 s: 0 of 1 pods ready" in answer.text
    assert "it ended with exit code 3" in answer.text
    assert "last words" in answer.text
    assert crashing.changes() == {"web": "update"}, "the state keeps what was made"
    with crashing.changed(command="sleep 600"):
        crashing.made()
        assert crashing.changes() == {}


def test_an_image_that_cannot_be_had_is_told(make: Make) -> None:
    absent = make(DEPLOYMENT, limit="8")
    with absent.changed(image="localhost:1/none/none:1"):
        answer = absent.up()
    assert answer.code != 0
    assert "localhost:1/none/none:1" in answer.text
    assert "ErrImagePull" in answer.text or "ImagePullBackOff" in answer.text


def test_a_quota_that_is_used_up_is_told(make: Make) -> None:
    program = """
    quota = k8s.core.v1.ResourceQuota(
        "quota", metadata=meta("quota"), spec={"hard": {"pods": "0"}}, opts=options(),
    )
    k8s.apps.v1.StatefulSet(
        "web", metadata=meta("web"), spec={**workload(), "serviceName": "web"},
        opts=options(quota, custom_timeouts=limit(5)),
    )
    """
    answer = make(program).up()
    assert answer.code != 0
    assert "exceeded quota" in answer.text


def test_a_pod_that_its_namespace_forbids_is_warned_of_in_the_preview(make: Make) -> None:
    program = """
    if settings.get("privileged"):
        restricted.update(privileged=True, allowPrivilegeEscalation=True)
        k8s.apps.v1.Deployment(
            "web", metadata=meta("web"), spec=workload(), opts=options(custom_timeouts=limit(4)),
        )
    """
    forbidden = make(program)
    forbidden.made()
    with forbidden.changed(privileged="yes"):
        assert "would violate PodSecurity" in forbidden.diff()
        assert "violates PodSecurity" in forbidden.up().text


def test_a_stateful_set_is_awaited_pod_by_pod(make: Make) -> None:
    program = """
    claim = {
        "accessModes": ["ReadWriteOnce"], "storageClassName": "local",
        "resources": {"requests": {"storage": "64Mi"}},
    }
    spec = {
        **workload(replicas=2), "serviceName": "web",
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
    }
    k8s.apps.v1.StatefulSet("web", metadata=meta("web"), spec=spec, opts=options())
    """
    stateful = make(program)
    stateful.made()
    assert stateful.live("statefulset", "web")["status"]["readyReplicas"] == 2
    assert stateful.changes() == {}
    assert stateful.drift() == ""
    with stateful.changed(command="sleep 601"):
        assert stateful.changes() == {"web": "update"}
        stateful.made()
    status = stateful.live("statefulset", "web")["status"]
    assert status["currentRevision"] == status["updateRevision"]


def test_a_claim_that_cannot_change_is_told_in_words(make: Make) -> None:
    fixed = make(CLAIM)
    fixed.made()
    assert fixed.changes() == {}, "its class waits for a pod, so nobody waits for the claim"
    with fixed.changed(size="2Gi"):
        answer = fixed.run("preview", "--diff", "--stack", "t")
        failing = fixed.up()
    for told in (answer, failing):
        assert told.code != 0
        assert "a claim can only grow, once it is bound" in told.text
        assert "PersistentVolumeClaimSpec{" not in told.text
    with fixed.changed(**{"class": "local"}):
        assert fixed.changes() == {"kept": "replace"}
        assert "+-1 to replace" in fixed.diff()


def test_what_was_retained_is_adopted_only_where_that_is_allowed(make: Make) -> None:
    kept = make(CLAIM)
    kept.made()
    uid = kept.live("persistentvolumeclaim", "kept")["metadata"]["uid"]
    forget = ("state", "delete", urn("kubernetes:core/v1:PersistentVolumeClaim", "kept"), "--yes")
    assert kept.run(*forget, "--stack", "t").code == 0
    answer = kept.up()
    assert answer.code != 0
    assert "already exists" in answer.text
    with kept.changed(provider=AS_HERE):
        kept.made()
    assert kept.live("persistentvolumeclaim", "kept")["metadata"]["uid"] == uid


def test_a_job_is_awaited_and_a_failed_one_is_told_with_its_log(make: Make) -> None:
    program = """
    template = pod(settings.get("command", "true"), restartPolicy="Never")
    spec = {"backoffLimit": 0, "template": template}
    k8s.batch.v1.Job("work", metadata=meta("work"), spec=spec, opts=options())
    """
    work = make(program)
    work.made()
    assert work.changes() == {}
    with work.changed(command="echo no luck; exit 4"):
        assert work.changes() == {"work": "replace"}
        answer = work.up()
    assert answer.code != 0
    assert "the job failed" in answer.text
    assert "no luck" in answer.text


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"context": "nowhere"}, "has no context 'nowhere'; it has 'fate-cluster'"),
        ({"kubeconfig": "/absent"}, "kubeconfig '/absent' does not exist"),
        ({"context": "fate-cluster-reader"}, "is forbidden: User"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_told_in_the_preview(
    make: Make, settings: dict[str, str], reason: str
) -> None:
    answer = make(DEPLOYMENT, **settings).run("preview", "--stack", "t")
    assert answer.code != 0
    assert reason in answer.text


def test_sixty_objects_are_previewed_at_once(make: Make) -> None:
    program = """
    for number in range(60):
        k8s.core.v1.ConfigMap(f"m{number}", metadata=meta(f"m{number}"), data={"a": "1"}, opts=options())
    """
    many = make(program, provider=AS_HERE)
    many.made()
    began = time.monotonic()
    assert many.changes() == {}
    assert time.monotonic() - began < 15, "on a loaded machine; 2 s on an idle one"
