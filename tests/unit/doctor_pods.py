"""Pods as an API server lists them: a running one, and the ways in which one may not run."""

from typing import Any

Tree = dict[str, Any]

MADE, STARTED, LATER = "2026-01-02T00:00:00Z", "2026-01-02T00:00:10Z", "2026-01-02T00:10:00Z"


def container(state: Tree, service: str = "gateway", **status: object) -> Tree:
    """Return the status of a container in a state, which is ready where it runs."""
    return {"name": service, "state": state, "ready": "running" in state, "restartCount": 0} | status


def running(since: str = STARTED) -> Tree:
    """Return the state of a container that runs."""
    return {"running": {"startedAt": since}}


def waiting(reason: str, message: str = "") -> Tree:
    """Return the state of a container that does not run yet, or not again yet."""
    return {"waiting": {"reason": reason} | ({"message": message} if message else {})}


def terminated(code: int, reason: str = "Error", **told: object) -> Tree:
    """Return the state of a container that ended."""
    return {"terminated": {"exitCode": code, "reason": reason} | told}


def condition(kind: str, value: str, message: str = "", since: str = MADE) -> Tree:
    """Return a condition of a pod."""
    return {"type": kind, "status": value, "message": message, "lastTransitionTime": since}


def pod(*containers: Tree, name: str = "gateway-1", phase: str = "Running", **status: object) -> Tree:
    """Return a pod with the statuses of its containers; a running, ready one where none is given."""
    told = list(containers) or [container(running())]
    return {
        "metadata": {"name": name, "creationTimestamp": MADE},
        "status": {"phase": phase, "containerStatuses": told, "conditions": []} | status,
    }


def unready(lost: str, started: bool = True) -> Tree:
    """Return a pod whose container runs, is not ready since `lost` and may have passed its startup probe."""
    since = condition("Ready", "False", "containers with unready status: [gateway]", lost)
    return pod(container(running(), ready=False, started=started), conditions=[since])
