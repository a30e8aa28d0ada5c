"""Two parties that Pulumi declares by a chart: what a party of native objects holds, they hold."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from offline.kubernetes.helm import helm_is_missing
from tests.charts import CHART
from tests.cluster.conftest import CLUSTER, ENGINES, OF_PODS, with_namespaces_removed
from tests.cluster.kubectl import kubectl, objects, pod_of
from tests.cluster.test_main_job import jobs_of
from tests.project import Project, Stack

pytestmark = pytest.mark.skipif(helm_is_missing() is not None, reason=str(helm_is_missing()))

GUEST = "fate-charted-9999"
PARTIES = ("9999", "10000")
SERVICES = ("fateflow", "database", "broker", "gateway")
ON_CLUSTER = {key: value for key, value in CLUSTER.items() if key != "start-limit"}
OWN = "own/fate-party"


def keys(**gateway: object) -> dict[str, Any]:
    """Return the stack, the first party's gateway with keys of its own."""
    own = {"services": {"gateway": gateway}} if gateway else {}
    return {
        "release": "2.2.0",
        "runtime": {**ON_CLUSTER, "chart": {"ref": "charts/fate-party"}},
        "images": {"from": "packages"},
        "mirror": OF_PODS,
        "parties": [{"id": "9999", "engines": ENGINES, **own}, {"id": "10000", "engines": ENGINES}],
    }


def of_chart(**chart: object) -> dict[str, Any]:
    """Return the stack with another chart, and one party: another's would only say that Pulumi has ended."""
    alone = {"id": "9999", "engines": ENGINES, "peers": []}
    return keys() | {"runtime": {**ON_CLUSTER, "chart": chart}, "parties": [alone]}


def steps(stack: Stack, *flags: str) -> dict[tuple[str, str], str]:
    """Return what a preview would do, by the kind of an object and its name."""
    told = json.loads(stack.pulumi("preview", "--json", *flags).stdout)
    made = [(step["urn"].split("::")[2].rpartition(":")[2], step) for step in told["steps"]]
    every = {(kind, step["urn"].rpartition("::")[2]): step["op"] for kind, step in made}
    return {place: op for place, op in every.items() if op not in ("same", "refresh", "read")}


def child(service: str) -> str:
    return f"party-9999:{GUEST}/{service}"


def pods_by_service() -> dict[str, str]:
    return {service: pod_of(service, GUEST)["metadata"]["uid"] for service in SERVICES}


@pytest.fixture(scope="module")
def foreseen() -> dict[tuple[str, str], str]:
    """Return what the first preview tells, once the stack is there."""
    return {}


@pytest.fixture(scope="module")
def charted(pods: Stack, project: Project, foreseen: dict[tuple[str, str], str]) -> Iterator[Stack]:
    """Bring the stack up, whose images the mirror of another has; each test leaves it as it found it."""
    with_namespaces_removed("charted")
    try:
        stack = project.stack("charted", keys())
        foreseen |= steps(stack)
        stack.up()
        yield stack
    finally:
        with_namespaces_removed("charted", wait=False)


@contextmanager
def changed(stack: Stack, values: dict[str, Any]) -> Iterator[None]:
    stack.write(values)
    try:
        yield
    finally:
        stack.write(keys())


def test_the_first_preview_shows_every_object(charted: Stack, foreseen: dict[tuple[str, str], str]) -> None:
    assert set(foreseen.values()) == {"create"}
    for service in SERVICES:
        workload = "Deployment" if service == "gateway" else "StatefulSet"
        for kind in (workload, "ConfigMap", "Service", "NetworkPolicy"):
            assert (kind, child(service)) in foreseen, f"{kind} {service} is missing in {[*foreseen]}"
    assert ("PersistentVolumeClaim", child("fateflow-jobs")) in foreseen
    assert ("Secret", "party-9999-database-secrets") in foreseen


def test_the_second_preview_and_a_refresh_are_empty(charted: Stack) -> None:
    charted.pulumi("preview", "--diff", "--expect-no-changes")
    charted.pulumi("refresh", "--preview-only", "--diff", "--expect-no-changes")


def test_a_job_runs_between_the_parties(charted: Stack) -> None:
    ended = charted.doctor("--jobs", "toy", "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert jobs_of(GUEST), "FATE-Flow itself remembers it"


def test_a_changed_line_is_that_line_and_rolls_one_workload(charted: Stack) -> None:
    before = pods_by_service()
    line = {"nginx.conf": {"proxy_read_timeout": "99s"}}
    with changed(charted, keys(configuration=line)):
        told = steps(charted)
        assert told == {("ConfigMap", child("gateway")): "update", ("Deployment", child("gateway")): "update"}
        assert "99s" in charted.pulumi("preview", "--diff").stdout, "the line itself is shown"
        charted.up()
        after = pods_by_service()
        assert [service for service in SERVICES if after[service] != before[service]] == ["gateway"]
    charted.up()


def test_drift_is_named_and_repaired(charted: Stack) -> None:
    kubectl("scale", "deployment/gateway", "--replicas", "2", "--namespace", GUEST)
    kubectl("delete", "networkpolicy", "broker", "--namespace", GUEST)
    kubectl("patch", "configmap", "gateway", "--namespace", GUEST, "--patch", '{"data": {"added": "1"}}')
    named = steps(charted, "--refresh")
    assert named[("Deployment", child("gateway"))] == "update"
    assert named[("NetworkPolicy", child("broker"))] == "create"
    charted.up("--refresh")
    assert objects("deployments", GUEST)[0]["spec"]["replicas"] == 1
    mended = charted.repair()
    assert mended.returncode == 0, mended.stdout + mended.stderr
    [held] = [each for each in objects("configmaps", GUEST) if each["metadata"]["name"] == "gateway"]
    assert "added" not in held["data"], "what Pulumi cannot see, the repair takes away"
    charted.pulumi("preview", "--refresh", "--expect-no-changes")


def test_no_secret_stands_where_it_can_be_read(charted: Stack) -> None:
    words = {charted.pulumi("config get", "fate:secret-key").stdout.strip()}
    for workload in ("statefulset/fateflow", "statefulset/database", "statefulset/broker"):
        shown = ("sh", "-c", "for s in /run/secrets/*; do cat $s; echo; done")
        words |= set(kubectl("exec", "--namespace", GUEST, workload, "--", *shown).split())
    assert len(words) == 3, "the key, a database's password and a broker's"
    with changed(charted, keys() | {"rotation": {"database": 2, "broker": 2}}):
        preview = charted.pulumi("preview", "--diff").stdout
    kinds = "configmaps,pods,statefulsets,deployments,services,networkpolicies,persistentvolumeclaims"
    state = (charted.project.folder / "state").rglob("*.json")
    places = {
        "preview": preview + charted.pulumi("preview", "--json").stdout,
        "state": "".join(file.read_text() for file in state if file.is_file()),
        "objects": kubectl("get", kinds, "--namespace", GUEST, "--output", "yaml"),
        "outputs": json.dumps(charted.outputs()),
    }
    assert [place for place, text in places.items() if any(word in text for word in words)] == []
    releases = [each for each in objects("secrets", GUEST) if each["type"].startswith("helm.sh/")]
    assert releases == [], "no release keeps values in the cluster"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a version that a registry has not": (
        {"ref": "oci://localhost:5056/charts/fate-party", "version": "9.9.9", "plain-http": True},
        "9.9.9",
    ),
    "values that a chart of the operator's own refuses": (
        {"ref": OWN, "values": {"services": {"gateway": {"replica": 2}}}},
        "additional properties 'replica' not allowed",
    ),
    "values that the chart here refuses": (
        {"values": {"services": {"gateway": {"replica": 2}}}},
        "fate:runtime.chart.values.services.gateway.replica: is no value of the chart",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_said_in_the_preview(charted: Stack, name: str) -> None:
    shutil.copytree(CHART, charted.project.folder / OWN, dirs_exist_ok=True)
    chart, words = REFUSED[name]
    with changed(charted, of_chart(**chart)):
        ended = charted.pulumi("preview", check=False)
    assert ended.returncode != 0
    assert words in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    charted.pulumi("preview", "--expect-no-changes")


def test_what_was_taken_away_comes_back_with_its_jobs(charted: Stack) -> None:
    remembered = jobs_of(GUEST)
    assert remembered, "the doctor's job has run"
    charted.pulumi("destroy", "--yes", "--skip-preview")
    claims = {each["metadata"]["name"] for each in objects("persistentvolumeclaims", GUEST)}
    assert "fateflow-jobs" in claims, "the claims stay"
    charted.up()
    assert jobs_of(GUEST) >= remembered
