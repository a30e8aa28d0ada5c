"""What befalls a party on Kubernetes while it works."""

import json
import random
import subprocess
import threading
from typing import Any

import pytest

from tests.cluster.conftest import VALUES
from tests.cluster.kubectl import is_ready, kubectl, objects, pod_of, until
from tests.killing import SEEDS, killed, repaired
from tests.project import Stack

GUEST = "fate-pods-9999"
COMMANDS = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"


def test_a_pod_that_goes_during_a_job_leaves_nothing_hanging(pods: Stack) -> None:
    ended: list[subprocess.CompletedProcess[str]] = []
    job = threading.Thread(target=lambda: ended.append(pods.doctor("--jobs", "secureboost", "--json")))
    job.start()
    until("PSI runs at the guest", lambda: "/psi_0/" in _commands_of_flow(), 300)
    kubectl("delete", "pod", "--namespace", GUEST, pod_of("fateflow", GUEST)["metadata"]["name"])
    job.join(timeout=700)
    assert not job.is_alive(), "the doctor ends within its own limit"
    told = json.loads(ended[0].stdout)
    assert told["jobs"] or ended[0].returncode == 1, "it says how it ended"
    until("FATE-Flow is ready again", lambda: is_ready(pod_of("fateflow", GUEST)))
    assert pods.doctor("--jobs", "toy").returncode == 0, "the next job succeeds"


def _commands_of_flow() -> str:
    inside = ("exec", "--namespace", GUEST, "statefulset/fateflow", "--")
    return kubectl(*inside, "sh", "-c", COMMANDS, check=False)


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
