"""A star on a real Kubernetes: two parties with Pulsar that meet the exchange alone, with a real FATE job."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from config import PartySettings
from config.catalogue import claim_name
from tests.cluster.conftest import CLUSTER, OF_PODS, VALUES, on_the_cluster
from tests.cluster.kubectl import is_ready, kubectl, pod_of, until
from tests.project import Project, Stack

ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "pulsar"}
PARTY = PartySettings.model_validate({"id": "9999", "engines": ENGINES})
CLAIMS = [claim_name(kind, volume) for kind in PARTY.service_names for volume in PARTY.volumes_of(kind)]
RUNTIME = {**CLUSTER, "storage": {"size": dict.fromkeys(CLAIMS, "1Gi")}}
STAR: dict[str, Any] = {
    **VALUES,
    "runtime": RUNTIME,
    "mirror": OF_PODS,
    "exchange": {"kind": "gateway"},
    "parties": [
        {"id": "9999", "engines": ENGINES, "exchange": {"pulsar-at": 5701}},
        {"id": "10000", "engines": ENGINES, "exchange": {"pulsar-at": 5702}},
    ],
}
GUEST, HOST, MIDDLE = "fate-star-pods-9999", "fate-star-pods-10000", "fate-star-pods-exchange"


@pytest.fixture(scope="module")
def star(project: Project, pods: Stack) -> Iterator[Stack]:
    """Bring a star up beside the stack `pods`, from whose mirror it pulls."""
    del pods
    with on_the_cluster(project, "star-pods", STAR) as stack:
        yield stack


def reaches(namespace: str, workload: str, host: str, port: int) -> bool:
    knock = f"busybox nc -w 3 {host} {port} -e true && echo opens || echo silent"
    return "opens" in kubectl("exec", "--namespace", namespace, workload, "--", "sh", "-c", knock)


def test_a_job_passes_through_the_exchange(star: Stack) -> None:
    ended = star.doctor("--json", "--jobs", "toy")
    told = json.loads(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [job["ok"] for job in told["jobs"]] == [True]
    asked = {check["check"] for check in told["checks"] if check["party"] == "exchange"}
    assert {"relay", "gateway of 9999", "pulsar of 9999", "gateway of 10000", "pulsar of 10000"} <= asked


@pytest.mark.parametrize(("service", "port"), [("gateway", 9300), ("pulsar", 6650)])
def test_a_party_reaches_the_exchange_and_no_other_party(star: Stack, service: str, port: int) -> None:
    workload = {"gateway": "deployment/gateway", "pulsar": "statefulset/pulsar"}[service]
    exchange = f"relay.{MIDDLE}.svc.cluster.local"
    assert reaches(GUEST, workload, exchange, 9300 if service == "gateway" else 5702), "the knock works"
    assert not reaches(GUEST, workload, f"{service}.{HOST}.svc.cluster.local", port)


def test_the_second_preview_is_empty_after_a_refresh(star: Stack) -> None:
    star.pulumi("preview", "--refresh", "--diff", "--expect-no-changes")


def test_an_exchange_that_is_deleted_comes_back_and_jobs_pass(star: Stack) -> None:
    gone = pod_of("relay", MIDDLE)["metadata"]
    kubectl("delete", "pod", "--namespace", MIDDLE, gone["name"])
    until("a new exchange is ready", partial(_replaced, gone["uid"]))
    assert star.doctor("--jobs", "toy").returncode == 0


def _replaced(uid: str) -> bool:
    pod = pod_of("relay", MIDDLE)
    return pod["metadata"]["uid"] != uid and is_ready(pod)
