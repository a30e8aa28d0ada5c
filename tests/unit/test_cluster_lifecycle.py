"""The whole way of a real cluster: up, used, healed, down without a trace.

It runs where FATE_CLUSTER_LIFECYCLE=yes asks for it: as root, with Go, and while no other cluster is here.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offline.cluster import network, processes
from offline.cluster.layout import CHECKOUT, CONTEXT, READER_CONTEXT, home

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("FATE_CLUSTER_LIFECYCLE") != "yes",
        reason="starts and stops a real cluster; FATE_CLUSTER_LIFECYCLE=yes asks for it",
    ),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start the cluster"),
]
DOCKERS = re.compile(r"\b(br-[0-9a-f]{12}|veth\w+)\b|DOCKER")


def _run(*command: str) -> str:
    return subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout


def _cluster(*words: str) -> str:
    return _run(sys.executable, "-m", "offline.cluster", *words)


def _kubectl(*words: str, context: str = CONTEXT) -> str:
    return _run(
        str(home().root / "bin" / "kubectl"),
        f"--kubeconfig={home().kubeconfig}",
        "--context",
        context,
        *words,
    )


def _rules() -> set[str]:
    """Return rules, chains of somebody's own, and policies: all but the frame of an empty table."""
    saved = [_run(f"{command}-save") for command in ("iptables", "ip6tables")]
    lines = {re.sub(r"\[\d+:\d+\]", "", line) for text in saved for line in text.splitlines()}
    return {line for line in lines if line.startswith("-A") or re.match(r":\S+ (-|DROP)", line)}


def _traces() -> set[str]:
    """Return everything that a cluster could leave on this machine, without what Docker does meanwhile."""
    links = {f"interface {link['ifname']}" for link in json.loads(_run("ip", "-json", "link"))}
    table = Path("/proc/self/mountinfo").read_text()
    points = {f"mount {line.split()[4]}" for line in table.splitlines() if "/docker/" not in line}
    groups = {f"cgroup {found}" for found in Path("/sys/fs/cgroup").glob("**/kubepods*")}
    switches = {f"{name}={(network.KERNEL / name).read_text().strip()}" for name in network.SWITCHES}
    marked = {f"process {found.pid}" for found in processes.every()}
    files = {f"file {found}" for folder in ("/var/log", "/var/lib") for found in Path(folder).iterdir()}
    rules = {f"rule {line}" for line in _rules()}
    return {
        trace
        for trace in links | points | groups | switches | marked | files | rules
        if not DOCKERS.search(trace)
    }


def test_a_cluster_comes_up_heals_and_goes_without_a_trace() -> None:
    if processes.every() or network.owner() is not None:
        pytest.skip("a cluster runs on this machine already")
    before = _traces()
    try:
        _cluster("up")
        _used()
        _healed()
        _again()
    finally:
        _cluster("down")
    left = _traces() - before
    assert left == set(), "down takes away all that up has made"
    assert not home().root.exists()


def _used() -> None:
    manifest = CHECKOUT / "tests" / "unit" / "cluster_trial.yaml"
    _kubectl("apply", "-f", str(manifest))
    _kubectl("wait", "--for=condition=Ready", "pod/trial", "--timeout=60s")
    with pytest.raises(subprocess.CalledProcessError):
        _kubectl("get", "pods", context=READER_CONTEXT)


def _healed() -> None:
    victim = processes.parts(home())["kube-scheduler"].pid
    processes.stop([victim])
    assert "kube-scheduler: started" in _cluster("up"), "a part that died is started again"
    _kubectl("get", "pod/trial")


def _again() -> None:
    pids = {part: found.pid for part, found in processes.parts(home()).items()}
    began = time.monotonic()
    said = _cluster("up")
    assert time.monotonic() - began < 3, "a second up has nothing to do"
    assert "is running" in said
    assert {part: found.pid for part, found in processes.parts(home()).items()} == pids
