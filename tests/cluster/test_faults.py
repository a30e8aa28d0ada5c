"""What befalls a party on Kubernetes while it works."""

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from tests.cluster.kubectl import HOME, is_ready, kubectl, pod_of, until
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
    assert pods.doctor("--jobs", "toy").returncode == 0
    pods.pulumi("preview", "--refresh", "--expect-no-changes")


def _pid(program: str) -> int:
    found = subprocess.run(["pgrep", "-xo", program], capture_output=True, text=True, check=True)
    return int(found.stdout)
