"""What Pulumi itself makes of the Kubernetes plugin's answers: real CLI, real cluster.

Which answers those are, tests/conformance/ holds against the official plugin.
"""

import json
from collections.abc import Callable, Iterator

import pytest

from offline.cluster.layout import PAUSE_IMAGE
from offline.kubernetes.helm import helm_is_missing
from tests.cluster.kubectl import cluster_is_missing, kubectl, used
from tests.engine.kubernetes_project import KubernetesProject, project
from tests.engine.plugin_project import pulumi

Make = Callable[..., KubernetesProject]
AS_HERE = "enable_config_map_mutable enable_secret_mutable enable_patch_force upsert_existing_objects"
DEPLOYMENT = """
k8s.apps.v1.Deployment(
    "web", metadata=meta("web"), spec=workload(),
    opts=options(custom_timeouts=limit(settings.get("limit", 60))),
)
"""
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
k8s.core.v1.PersistentVolumeClaim(
    "kept", metadata=meta("kept"),
    spec={"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "64Mi"}}},
    opts=options(retain_on_delete=True),
)
"""
CHART = """
chart = k8s.helm.v4.Chart(
    "web", chart="./chart", namespace=prefix, opts=options(),
    values={"text": settings.get("text", "hello"), "password": Output.secret("hunter2")},
)
k8s.core.v1.ConfigMap("after", metadata=meta("after"), opts=options(chart))
"""
CHART_FILES = {
    "Chart.yaml": "{apiVersion: v2, name: web, version: 1.0.0}",
    "templates/objects.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: files}
data:
  a.conf: |
    one
    {{ .Values.text }}
    three
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {password: {{ .Values.password }}}
""",
}
UNREADY = {
    "op": "add",
    "path": "/spec/template/spec/containers/0/readinessProbe",
    "value": {"tcpSocket": {"port": 9}},
}


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    if pulumi() is None:
        pytest.skip("no pulumi: run `make pulumi`")
    if reason := cluster_is_missing():
        pytest.skip(reason)
    made: list[KubernetesProject] = []

    def of(program: str, **settings: str) -> KubernetesProject:
        made.append(project(tmp_path_factory.mktemp("project"), program, **settings))
        return made[-1]

    with used():
        yield of
    for each in made:
        kubectl("delete", "namespace", each.prefix, "--ignore-not-found", "--wait=false")


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


def test_pods_that_are_not_ready_are_an_update_without_content(service: KubernetesProject) -> None:
    service.made()
    service.kubectl("patch", "deployment", "web", "--type=json", f"--patch={json.dumps([UNREADY])}")
    waited = "--for=jsonpath={.status.unavailableReplicas}=1"
    service.kubectl("wait", "deployment/web", waited, "--timeout=30s")
    assert service.changes("--refresh") == {"web": "update"}
    service.made("--refresh")
    assert service.changes("--refresh") == {}
    container = service.live("deployment", "web")["spec"]["template"]["spec"]["containers"][0]
    assert "readinessProbe" not in container, "an update takes away what kubectl added"


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


def test_pods_that_never_become_ready_end_in_their_own_words_and_are_repaired(make: Make) -> None:
    failing = make(DEPLOYMENT, limit="8", image="localhost:1/none/none:1")
    answer = failing.up()
    assert answer.code != 0
    assert "'web' timed out waiting to be Ready" in answer.text
    assert "containers with unready status: [main]" in answer.text
    assert failing.changes() == {"web": "update"}, "the state keeps what was made"
    with failing.changed(image=PAUSE_IMAGE):
        failing.made()
        assert failing.changes() == {}


def test_a_destroy_leaves_nothing_and_is_no_wait_for_what_is_gone(make: Make) -> None:
    short = make(DEPLOYMENT)
    short.made()
    short.kubectl("delete", "deployment", "web", "--wait=false")
    answer = short.run("destroy", "--yes", "--skip-preview", "--stack", "t")
    assert answer.code == 0, answer.text
    assert kubectl("get", "namespace", short.prefix, "--ignore-not-found") == ""


def test_a_chart_is_previewed_and_repaired_object_by_object(make: Make) -> None:
    if reason := helm_is_missing():
        pytest.skip(reason)
    found = make(CHART, provider=AS_HERE)
    (found.folder / "chart/templates").mkdir(parents=True)
    for name, text in CHART_FILES.items():
        (found.folder / "chart" / name).write_text(text)
    found.made()
    assert found.changes("--refresh") == {}, "nothing changed, so nothing may be shown"
    assert "hunter2" not in found.state()
    files, key = (f"web:{found.prefix}/{name}" for name in ("files", "key"))
    with found.changed(text="bye"):
        assert found.changes() == {files: "update"}, "an object's diff is its own"
        shown = found.diff()
    assert "- hello" in shown
    assert "+ bye" in shown
    found.kubectl("patch", "configmap", "files", "--type=merge", '--patch={"data":{"a.conf":"drifted"}}')
    found.kubectl("delete", "secret", "key")
    assert found.changes("--refresh") == {files: "update", key: "create"}
    found.made("--refresh")
    assert found.changes("--refresh") == {}, "a drift is repaired by `up --refresh`"


def test_a_cluster_that_cannot_be_used_is_told_by_up(make: Make) -> None:
    nowhere = make(DEPLOYMENT, context="nowhere")
    assert nowhere.run("preview", "--stack", "t").code == 0, "as with the official plugin: nobody is asked"
    answer = nowhere.up()
    assert answer.code != 0
    assert "configured Kubernetes cluster is unreachable" in answer.text
    assert "has no context 'nowhere'; it has 'fate-cluster'" in answer.text
