"""A node whose kubelet stops and starts. Nobody else may use the cluster meanwhile (tests/conftest.py)."""

import os
import signal
import subprocess
from pathlib import Path

from tests.cluster.kubectl import HOME, until, used
from tests.project import Stack


def test_a_kubelet_that_stops_and_starts_is_no_matter(pods: Stack) -> None:
    with used(alone=True):
        kubelet = _pid("kubelet")
        command = Path(f"/proc/{kubelet}/cmdline").read_bytes().split(b"\0")[:-1]
        os.kill(kubelet, signal.SIGTERM)
        until("the kubelet is gone", lambda: not Path(f"/proc/{kubelet}").exists(), 30)
        seen = pods.doctor("--jobs", "none").returncode
        subprocess.run(["make", "cluster"], cwd=HOME.parents[1], check=True, capture_output=True, timeout=300)
        assert Path(f"/proc/{_pid('kubelet')}/cmdline").read_bytes().split(b"\0")[:-1] == command
        until("all is well again", lambda: pods.doctor("--jobs", "none").returncode == 0, 180)
    assert seen in (0, 1), "exec needs the kubelet: the doctor says so"
    pods.pulumi("preview", "--refresh", "--expect-no-changes")


def _pid(program: str) -> int:
    found = subprocess.run(["pgrep", "-xo", program], capture_output=True, text=True, check=True)
    return int(found.stdout)
