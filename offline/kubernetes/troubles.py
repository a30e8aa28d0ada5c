"""What keeps a workload from being ready: its pods' own words, their logs, and what could not be made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from offline.kubernetes.cluster import Cluster
from offline.kubernetes.explained import Answer

Live = Mapping[str, Any]
LOG_LINES = 20
GRAVE = {
    "CrashLoopBackOff": 0.0,
    "CreateContainerConfigError": 0.0,
    "CreateContainerError": 0.0,
    "ErrImageNeverPull": 0.0,
    "FailedCreate": 0.0,
    "ImagePull": 60.0,
    "InvalidImageName": 0.0,
    "ProvisioningFailed": 0.0,
    "RunContainerError": 0.0,
    "Unschedulable": 60.0,
}
"""Reasons of which the user is warned, after so many seconds of them."""
PULLING = ("ErrImagePull", "ImagePullBackOff")
UNTOLD = {"ContainersNotReady", "PodInitializing"}


@dataclass(frozen=True)
class Trouble:
    """What is the matter with one object, in a word and in its own words."""

    who: str
    reason: str
    words: str = ""

    def __str__(self) -> str:
        return f"{self.who}: {self.reason}" + (f": {self.words}" if self.words else "")


def troubles(cluster: Cluster, live: Live) -> list[Trouble]:
    """Return what keeps an object from being ready, pods first."""
    found = [trouble for pod in pods(cluster, live) for trouble in of_pod(pod)]
    return found or list(_events(cluster, live))


def pods(cluster: Cluster, live: Live) -> list[Live]:
    """Return the pods of a workload, newest first, without those that are on their way out."""
    if live["kind"] == "Pod":
        return [live]
    selector = (live.get("spec") or {}).get("selector")
    labels = selector.get("matchLabels") if isinstance(selector, Mapping) else None
    if not labels:
        return []
    chosen = ",".join(f"{name}={value}" for name, value in labels.items())
    listed = cluster.look("v1", "Pod", live["metadata"]["namespace"], labelSelector=chosen)
    items: list[Live] = listed["items"] if listed else []
    staying = [each for each in items if "deletionTimestamp" not in each["metadata"]]
    for each in staying:
        each |= {"apiVersion": "v1", "kind": "Pod"}  # type: ignore[operator] # a list leaves them away
    return sorted(staying, key=lambda each: str(each["metadata"].get("creationTimestamp")), reverse=True)


def of_pod(pod: Live) -> Iterator[Trouble]:
    """Yield what keeps one pod from being ready."""
    name, status = pod["metadata"]["name"], pod.get("status") or {}
    scheduled = _condition(status, "PodScheduled")
    if scheduled and scheduled["status"] == "False":
        yield Trouble(name, scheduled.get("reason", "Unschedulable"), scheduled.get("message", ""))
    for each in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        trouble = _of_container(name, each)
        if trouble and trouble.reason not in UNTOLD:
            yield trouble
    if status.get("phase") == "Failed" and status.get("reason"):
        yield Trouble(name, status["reason"], status.get("message", ""))


def last_words(cluster: Cluster, live: Live) -> str:
    """Return the end of the log of a container that fails; nothing where none does, or none may be seen."""
    for pod in pods(cluster, live):
        status = pod.get("status") or {}
        for each in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
            if _failing(each):
                lines = _log(cluster, pod, each)
                if lines:
                    who = f"{pod['metadata']['name']}/{each['name']}"
                    return f"\nThe log of {who} ends with:\n{lines}"
    return ""


def _failing(container: Live) -> bool:
    ended = _ended(container)
    return bool(ended and ended.get("exitCode")) or not container.get("ready", True)


def _log(cluster: Cluster, pod: Live, container: Live) -> str:
    metadata = pod["metadata"]
    path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/log"
    query: dict[str, str | int] = {"container": container["name"], "tailLines": LOG_LINES}
    state = container.get("state") or {}
    if "waiting" in state and container.get("restartCount", 0):
        query["previous"] = "true"
    try:
        return "\n".join(cluster.server.text(path, **query).strip().splitlines()[-LOG_LINES:])
    except Answer:
        return ""


def _of_container(pod: str, container: Live) -> Trouble | None:
    state, name = container.get("state") or {}, f"{pod}/{container['name']}"
    ended = _ended(container)
    if waiting := state.get("waiting"):
        reason = waiting.get("reason", "waiting")
        words = waiting.get("message", "")
        if ended and reason == "CrashLoopBackOff":
            words = f"it ended with exit code {ended.get('exitCode')} ({ended.get('reason', 'Error')})"
        return Trouble(name, reason, words)
    if ended and ended.get("exitCode") and not container.get("ready"):
        code, why = ended.get("exitCode"), ended.get("reason", "Error")
        return Trouble(name, why, f"it ended with exit code {code}")
    if "running" in state and not container.get("ready") and container.get("started", True):
        return Trouble(name, "runs, but is not ready yet")
    return None


def _ended(container: Live) -> Live | None:
    for state in (container.get("state"), container.get("lastState")):
        if state and state.get("terminated"):
            found: Live = state["terminated"]
            return found
    return None


def _condition(status: Live, kind: str) -> Live | None:
    return next((each for each in status.get("conditions") or () if each["type"] == kind), None)


def _events(cluster: Cluster, live: Live) -> Iterator[Trouble]:
    """Yield the last warning about an object, such as a quota that is used up."""
    metadata = live["metadata"]
    listed = cluster.look(
        "v1", "Event", metadata.get("namespace", ""), fieldSelector=f"involvedObject.uid={metadata['uid']}"
    )
    warnings = [each for each in (listed or {}).get("items", ()) if each.get("type") == "Warning"]
    warnings.sort(key=lambda each: str(each.get("lastTimestamp") or each.get("eventTime")))
    for each in warnings[-1:]:
        yield Trouble(metadata["name"], each.get("reason", "Warning"), each.get("message", ""))
