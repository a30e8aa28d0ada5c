"""What befalls a party on Kubernetes while it works."""

import json
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.conftest import VALUES
from tests.cluster.kubectl import HOME, is_ready, kubectl, objects, pod_of, until
from tests.killing import SEEDS, killed, repaired
from tests.project import Stack

GUEST = "fate-pods-9999"


def test_a_pod_that_goes_during_a_job_leaves_nothing_hanging(pods: Stack) -> None:
    ended: list[subprocess.CompletedProcess[str]] = []
    job = threading.Thread(target=lambda: ended.append(pods.doctor("--jobs", "secureboost", "--json")))
    job.start()
    time.sleep(25)
    kubectl("delete", "pod", "--namespace", GUEST, pod_of("fateflow", GUEST)["metadata"]["name"])
    job.join(timeout=700)
    assert not job.is_alive(), "the doctor ends within its own limit"
    told = json.loads(ended[0].stdout)
    assert told["jobs"] or ended[0].returncode == 1, "it says how it ended"
    until("FATE-Flow is ready again", lambda: is_ready(pod_of("fateflow", GUEST)))
    assert pods.doctor("--jobs", "toy").returncode == 0, "the next job succeeds"


def test_a_kubelet_that_stops_and_starts_is_no_matter(pods: Stack) -> None:
    kubelet = _pid("kubelet")
    command = Path(f"/proc/{kubelet}/cmdline").read_bytes().split(b"\0")[:-1]
    os.kill(kubelet, signal.SIGTERM)
    until("the kubelet is gone", lambda: not Path(f"/proc/{kubelet}").exists(), 30)
    assert pods.doctor("--jobs", "none").returncode in (0, 1), "exec needs the kubelet: the doctor says so"
    subprocess.run(["make", "cluster"], cwd=HOME.parents[1], check=True, capture_output=True, timeout=300)
    assert Path(f"/proc/{_pid('kubelet')}/cmdline").read_bytes().split(b"\0")[:-1] == command
    until("all is well again", lambda: pods.doctor("--jobs", "none").returncode == 0, 180)
    pods.pulumi("preview", "--refresh", "--expect-no-changes")


ADDED = {
    f"Deployment gateway of namespace {GUEST} has": ["set", "env", "deployment/gateway", "ADDED=1"],
    f"ConfigMap gateway of namespace {GUEST} has": [
        *("patch", "configmap", "gateway", "--type", "merge", "--patch", '{"data": {"added": "1"}}')
    ],
    f"NetworkPolicy gateway of namespace {GUEST} has": [
        *("patch", "networkpolicy", "gateway", "--type", "json", "--patch"),
        '[{"op": "add", "path": "/spec/ingress/-", "value": {}}]',
    ],
}
"""What is added to objects, by what the doctor tells of it."""


def test_what_was_added_to_objects_is_named_and_taken_away(pods: Stack) -> None:
    for addition in ADDED.values():
        kubectl("--namespace", GUEST, *addition)
    told = pods.doctor("--jobs", "none", "--json")
    assert told.returncode == 1, "the doctor names it"
    (found,) = [
        check
        for check in json.loads(told.stdout)["checks"]
        if (check["party"], check["check"]) == ("9999", "as declared")
    ]
    assert not [shown for shown in ADDED if shown not in found["detail"]], found["detail"]
    assert "fate repair --stack pods" in found["remedy"], "and what mends it"
    assert "3 things repaired." in repaired(pods)
    until("all is well again", lambda: pods.doctor("--jobs", "none").returncode == 0, 180)
    pods.pulumi("preview", "--refresh", "--expect-no-changes")


KILLS: list[tuple[str, dict[str, Any], int]] = [
    ("destroy", VALUES, 40),
    ("up", VALUES, 60),
    ("up", VALUES | {"rotation": {"broker": 3}}, 8),
    ("up", VALUES | {"parties": VALUES["parties"][:1]}, 16),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_that_is_killed_at_any_moment_is_repaired_by_one_command(pods: Stack, seed: int) -> None:
    claims = _claims()
    moments = random.Random(seed)
    try:
        for number, (command, values, writes) in enumerate(KILLS, start=seed):
            pods.write(values)
            killed(pods, command, moments.randint(1, writes), alone=number % 2 == 0)
            repaired(pods)
            if command == "up":
                pods.up()
                pods.pulumi("preview", "--refresh", "--expect-no-changes")
        assert objects("secrets", "fate-pods-10000") == [], "no password outlives its party"
    finally:
        pods.write(VALUES)
        pods.up()
    assert _claims() == claims, "the same claims, so the same jobs and models"
    assert pods.doctor("--jobs", "none").returncode == 0


def _claims() -> set[str]:
    spaces = (GUEST, "fate-pods-10000")
    return {
        claim["metadata"]["uid"] for space in spaces for claim in objects("persistentvolumeclaims", space)
    }


def _pid(program: str) -> int:
    found = subprocess.run(["pgrep", "-xo", program], capture_output=True, text=True, check=True)
    return int(found.stdout)
