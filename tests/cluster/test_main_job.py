"""What `pulumi up` of two parties on a real Kubernetes must hold, with real FATE jobs."""

import json
from functools import partial

import pytest

from tests.cluster.conftest import VALUES
from tests.cluster.kubectl import is_ready, kubectl, objects, pod_of, until
from tests.project import Stack

GUEST, HOST = "fate-pods-9999", "fate-pods-10000"
SERVICES = ("fateflow", "database", "broker", "gateway")


def in_fateflow(namespace: str, *command: str) -> str:
    return kubectl("exec", "--namespace", namespace, "statefulset/fateflow", "--", *command)


def jobs_of(namespace: str) -> set[str]:
    """Return the ids of the jobs that a party remembers."""
    ask = "busybox wget -qO- 'http://'$(hostname -i)':9380/v2/job/list/query?limit=100&page=1'"
    listed = in_fateflow(namespace, "sh", "-c", ask)
    return {job["job_id"] for job in json.loads(listed)["data"]["data"]}


def pods_by_service(namespace: str) -> dict[str, str]:
    """Return the id of each service's pod."""
    return {service: pod_of(service, namespace)["metadata"]["uid"] for service in SERVICES}


def passwords() -> set[str]:
    """Return every password, as its pod reads it."""
    found: set[str] = set()
    for namespace in (GUEST, HOST):
        for workload in ("statefulset/fateflow", "statefulset/database", "statefulset/broker"):
            command = ("sh", "-c", "for s in /run/secrets/*; do cat $s; echo; done")
            found |= set(kubectl("exec", "--namespace", namespace, workload, "--", *command).split())
    assert len(found) == 4, "each party has a database's and a broker's"
    return found


def with_cores(cores: int) -> dict[str, object]:
    conf = {"service_conf.yaml": {"computing": {"standalone": {"cores": cores}}}}
    first = {**VALUES["parties"][0], "services": {"fateflow": {"configuration": conf}}}
    return VALUES | {"parties": [first, VALUES["parties"][1]]}


def test_both_jobs_succeed(pods: Stack) -> None:
    ended = pods.doctor("--json", "--if-changed")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = json.loads(ended.stdout)
    assert {job["job"]: job["ok"] for job in told["jobs"]} == {"toy": True, "secureboost": True}
    assert jobs_of(GUEST), "FATE-Flow itself remembers them"


def test_the_second_preview_and_a_refresh_are_empty(pods: Stack) -> None:
    pods.pulumi("preview", "--diff", "--expect-no-changes")
    pods.pulumi("refresh", "--preview-only", "--diff", "--expect-no-changes")


def test_the_namespace_admits_restricted_pods_only(pods: Stack) -> None:
    root = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "root"}}
    root["spec"] = {"containers": [{"name": "root", "image": "scratch"}]}
    told = kubectl("create", "--namespace", GUEST, "--filename", "-", check=False, given=json.dumps(root))
    assert 'violates PodSecurity "restricted' in told, "or the level is only a label"


def test_a_changed_line_rolls_one_workload(pods: Stack) -> None:
    before = pods_by_service(GUEST)
    pods.write(with_cores(3))
    try:
        assert pods.steps() == {"party-9999-fateflow-files": "update", "party-9999-fateflow": "update"}
        shown = pods.pulumi("preview", "--diff").stdout
        assert "cores: 4 => 3" in shown, "the line itself is shown"
        assert "fate.files" in shown, "one annotation tells the pods"
        pods.up()
        assert "cores: 3" in in_fateflow(GUEST, "cat", "/data/projects/fate/fate_flow/conf/service_conf.yaml")
        after = pods_by_service(GUEST)
        assert {service for service in SERVICES if before[service] != after[service]} == {"fateflow"}
    finally:
        pods.write(VALUES)
        pods.up()


def test_a_rotation_shows_no_secret_and_the_federation_works_after_it(pods: Stack) -> None:
    before = passwords()
    pods.write(VALUES | {"rotation": {"database": 2, "broker": 2}})
    try:
        shown = pods.pulumi("preview", "--diff").stdout + pods.up()
        after = passwords()
        assert not before & after, "all of them are new"
        assert not [value for value in before | after if value in shown], "no secret in a preview or a log"
        assert pods.doctor("--jobs", "none").returncode == 0, "FATE-Flow logs in with the new ones"
    finally:
        pods.write(VALUES)
        pods.up()


def test_no_secret_stands_where_it_can_be_read(pods: Stack) -> None:
    values = passwords() | {pods.pulumi("config get", "fate:secret-key").stdout.strip()}
    kinds = "configmaps,pods,statefulsets,deployments,services,networkpolicies,events,persistentvolumeclaims"
    names = {ns: [p["metadata"]["name"] for p in objects("pods", ns)] for ns in (GUEST, HOST)}
    places = {
        "objects": "".join(kubectl("get", kinds, "--namespace", ns, "--output", "yaml") for ns in names),
        "logs": "".join(
            kubectl("logs", "--namespace", ns, pod) for ns, pods in names.items() for pod in pods
        ),
        "state": "".join(
            f.read_text() for f in (pods.project.folder / "state").rglob("*.json") if f.is_file()
        ),
        "stack file": pods.file.read_text(),
        "outputs": json.dumps(pods.outputs()),
        "doctor": pods.doctor("--jobs", "none").stdout,
    }
    assert [place for place, text in places.items() if any(value in text for value in values)] == []


def test_no_pod_has_a_token_or_can_write_its_root(pods: Stack) -> None:
    for workload in (
        "statefulset/fateflow",
        "statefulset/database",
        "statefulset/broker",
        "deployment/gateway",
    ):
        script = "ls /run/secrets/kubernetes.io 2>&1; touch /usr/written 2>&1; true"
        told = kubectl("exec", "--namespace", GUEST, workload, "--", "sh", "-c", script)
        assert "No such file" in told, f"{workload} has a token"
        assert "Read-only file system" in told, f"{workload} can write its root"


@pytest.mark.parametrize("services", [("database", "gateway"), ("fateflow", "broker")], ids=" and ".join)
def test_deleted_pods_come_back_with_their_history(pods: Stack, services: tuple[str, str]) -> None:
    """Never FATE-Flow's and its database's at once: it has to find the new one."""
    remembered = jobs_of(GUEST)
    gone = {service: pod_of(service, GUEST)["metadata"] for service in services}
    kubectl("delete", "pod", "--namespace", GUEST, *(pod["name"] for pod in gone.values()))
    for service, pod in gone.items():
        until(f"a new {service} is ready", partial(_replaced, service, pod["uid"]))
    assert jobs_of(GUEST) == remembered
    pods.pulumi("preview", "--refresh", "--expect-no-changes")


def _replaced(service: str, uid: str) -> bool:
    pod = pod_of(service, GUEST)
    return pod["metadata"]["uid"] != uid and is_ready(pod)


MEDDLING = {
    "party-9999-gateway": ("scale", "deployment/gateway", "--replicas", "3"),
    "party-9999-gateway-files": (
        "patch",
        "configmap/gateway",
        "--patch",
        '{"data": {"nginx.conf": "meddled"}}',
    ),
    "party-9999-gateway-service": ("delete", "service/gateway"),
    "party-9999-deny-all": ("label", "networkpolicy/deny-all", "fate.stack=other", "--overwrite"),
    "party-9999-database-policy": ("delete", "networkpolicy/database"),
}
"""What somebody does with kubectl, by the resource that it shows at."""


def test_meddling_is_named_and_repaired(pods: Stack) -> None:
    for meddling in MEDDLING.values():
        kubectl(*meddling, "--namespace", GUEST)
    assert set(pods.steps("--refresh")) == set(MEDDLING), "each of them, and nothing else"
    pods.up("--refresh")
    pods.pulumi("preview", "--refresh", "--expect-no-changes")


def test_data_outlives_destroy(pods: Stack) -> None:
    remembered = jobs_of(GUEST)
    assert remembered, "a party without jobs shows nothing"
    pods.pulumi("destroy", "--yes", "--skip-preview")
    assert objects("pods", GUEST) == []
    assert len(objects("persistentvolumeclaims", GUEST)) == 6, "claims are data"
    assert objects("secrets", GUEST) == [], "secrets are not"
    pods.up()
    assert jobs_of(GUEST) == remembered
    assert pods.doctor("--jobs", "none").returncode == 0
