"""How the cluster is: whether each part does its work, and what `status` tells of parts, node and pods."""

import socket
import time
from collections.abc import Callable
from http import HTTPStatus

from clients.failures import Unreachable
from clients.kubernetes.failures import KubernetesFailure
from clients.registry import answered
from offline.cluster import parts, processes
from offline.cluster.api import Api
from offline.cluster.commands import ClusterFault, say
from offline.cluster.layout import KUBELET_HEALTH_PORT, NODE, NODE_ADDRESS, Home

NODE_PATH = f"/api/v1/nodes/{NODE}"
NOT_WELL = 1


def show(home: Home) -> int:
    """Print the cluster's state. Returns 0 where all is well."""
    running = processes.parts(home)
    if not running:
        say("not running. Start it: make cluster")
        return NOT_WELL
    for name in parts.NAMES:
        found = running.get(name)
        said = f"process {found.pid}" if found else f"ended: {last_words(home, name)}"
        say(f"{name}: {said}")
    ready = _show_node(home)
    if len(running) < len(parts.NAMES) or not ready:
        say("start what has ended: make cluster")
        return NOT_WELL
    return 0


def takes_objects(api: Api) -> bool:
    """Say whether the API server is ready and has made the namespace that ours go to: it does so after."""
    try:
        return api.ready() and bool(api.get("/api/v1/namespaces/kube-system"))
    except KubernetesFailure:
        return False


def node_is_ready(api: Api) -> bool:
    """Say whether the node was reported to be ready, and its kubelet is well now: a report outlives it."""
    if not _kubelet_is_well():
        return False
    try:
        conditions = api.get(NODE_PATH)["status"].get("conditions", [])
    except KubernetesFailure:
        return False
    return any(found["type"] == "Ready" and found["status"] == "True" for found in conditions)


def has_account(api: Api) -> bool:
    """Say whether pods can be made: they need their namespace's default account."""
    try:
        api.get("/api/v1/namespaces/default/serviceaccounts/default")
    except KubernetesFailure:
        return False
    return True


def answers_names() -> bool:
    """Say whether CoreDNS takes questions."""
    try:
        socket.create_connection((NODE_ADDRESS, 53), 1).close()
    except OSError:
        return False
    return True


def wait_for(home: Home, part: str, condition: Callable[[], bool], *, limit: float) -> None:
    """Wait until a condition holds; a part that ends meanwhile, or takes longer, is a fault."""
    end = time.monotonic() + limit
    while not condition():
        if part not in processes.parts(home):
            raise ended(home, part)
        if time.monotonic() > end:
            raise ClusterFault(
                f"{part} is not ready after {limit:g} s: {last_words(home, part)}",
                f"Look at {home.logs}/{part}.log",
            )
        time.sleep(0.2)


def ended(home: Home, part: str) -> ClusterFault:
    """Return the fault of a part that runs no more."""
    return ClusterFault(f"{part} has ended: {last_words(home, part)}", f"Look at {home.logs}/{part}.log")


def last_words(home: Home, part: str) -> str:
    """Return the last line of a part's log."""
    lines = (home.logs / f"{part}.log").read_text(errors="replace").splitlines()
    return lines[-1][:200] if lines else "it has said nothing"


def _show_node(home: Home) -> bool:
    api = Api(home)
    try:
        pods = api.items("/api/v1/pods")
    except KubernetesFailure as fault:
        say(f"the API server does not answer: {fault}")
        return False
    ready = node_is_ready(api)
    phases = [pod.get("status", {}).get("phase") for pod in pods]
    say(
        f"node {NODE}: {'Ready' if ready else 'not ready'}; {phases.count('Running')} of {len(pods)} pods run"
    )
    return ready


def _kubelet_is_well() -> bool:
    try:
        health = f"http://127.0.0.1:{KUBELET_HEALTH_PORT}/healthz"
        with answered("GET", health, timeout=2, direct=True) as answer:
            return answer.status == HTTPStatus.OK
    except Unreachable:
        return False
