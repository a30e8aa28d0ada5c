"""The test cluster of this checkout, as its operator sees it."""

import fcntl
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".local" / "cluster"
KUBECONFIG = HOME / "kubeconfig"
CONTEXT = "fate-cluster"


def cluster_is_missing() -> str | None:
    """Return why there is no cluster to test on; None where one answers."""
    if not KUBECONFIG.exists():
        return "no cluster: make cluster (root on Debian, with Go)"
    ready = _run("get", "--raw", "/readyz")
    return None if ready.returncode == 0 else f"the cluster does not answer: {ready.stderr.strip()}"


@contextmanager
def used(alone: bool = False) -> Iterator[None]:
    """Use the cluster beside the other processes of this run, or `alone`: then wait until they do not."""
    with (HOME / "used.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def kubectl(*arguments: str, check: bool = True, given: str | None = None) -> str:
    """Run kubectl on the test cluster and return what it printed."""
    ended = _run(*arguments, given=given)
    if check and ended.returncode != 0:
        raise AssertionError(f"kubectl {' '.join(arguments)}: {ended.stdout}{ended.stderr}")
    return ended.stdout + ("" if check else ended.stderr)


def objects(kind: str, namespace: str) -> list[Any]:
    """Return the objects of a kind in a namespace."""
    listed: list[Any] = json.loads(kubectl("get", kind, "--namespace", namespace, "--output", "json"))[
        "items"
    ]
    return listed


def pod_of(service: str, namespace: str) -> Any:  # noqa: ANN401 - JSON
    """Return the newest pod of a service."""
    pods = [
        p for p in objects("pods", namespace) if p["metadata"]["labels"]["app.kubernetes.io/name"] == service
    ]
    return max(pods, key=lambda pod: pod["metadata"]["creationTimestamp"])


def is_ready(pod: Any) -> bool:  # noqa: ANN401 - JSON
    """Tell whether a pod is ready."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def until(what: str, condition: Callable[[], bool], limit: float = 120) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit:g} s: {what}")
        time.sleep(1)


def _run(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [
        str(HOME / "bin" / "kubectl"),
        "--kubeconfig",
        str(KUBECONFIG),
        "--context",
        CONTEXT,
        *arguments,
    ]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=300, check=False)
