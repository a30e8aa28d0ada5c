"""What the pods of one service tell of its state. Pure functions of pods as the API server lists them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ops.doctor.reach import State
from ops.doctor.symptoms import Symptom

Pod = Mapping[str, Any]

LABEL = "app.kubernetes.io/name"
ON_THE_WAY = frozenset({"ContainerCreating", "PodInitializing"})
WAITING = {
    "ErrImagePull": Symptom.IMAGE_NOT_PULLED,
    "ImagePullBackOff": Symptom.IMAGE_NOT_PULLED,
    "InvalidImageName": Symptom.IMAGE_NOT_PULLED,
    "ErrImageNeverPull": Symptom.IMAGE_NOT_PULLED,
    "RegistryUnavailable": Symptom.IMAGE_NOT_PULLED,
    "CrashLoopBackOff": Symptom.CRASHES,
}
CLAIM = re.compile(r"persistent ?volume|volume ?binding", re.IGNORECASE)
ENDED = {
    "OOMKilled": Symptom.MEMORY_EXCEEDED,
    "StartError": Symptom.CONTAINER_NOT_MADE,
    "ContainerCannotRun": Symptom.CONTAINER_NOT_MADE,
}
NOTE_LENGTH = 300


def living(pods: Iterable[Pod]) -> list[Pod]:
    """Return the pods that count: none that is being deleted, and none that ended while others live."""
    staying = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    return [pod for pod in staying if pod["status"].get("phase") not in ("Failed", "Succeeded")] or staying


def worst(pods: Sequence[Pod]) -> State:
    """Return the state of the pod that is worst off, with the newest start of them all."""
    states = [state(pod) for pod in pods]
    worst = min(states, key=_rank)
    return State(worst.running, worst.health, max(s.started for s in states), worst.note, worst.symptom)


def best(pods: Sequence[Pod]) -> Pod:
    """Return the pod that is best asked: a ready one if there is one, else the newest."""
    return max(pods, key=lambda pod: (_rank(state(pod)), pod["metadata"]["creationTimestamp"]))


def state(pod: Pod) -> State:
    """Return the state of one pod."""
    status = pod["status"]
    if status.get("phase") in ("Failed", "Succeeded"):
        return State(False, None, _started(pod), _ending(pod))
    if unscheduled := _condition(pod, "PodScheduled", "False"):
        return _unscheduled(pod, unscheduled)
    for container in _containers(pod):
        if hindered := _hindered(pod, container):
            return hindered
    containers = status.get("containerStatuses", ())
    if not containers or not all("running" in container["state"] for container in containers):
        return State(False, "starting", _started(pod), _way(pod))
    worst = min(containers, key=lambda container: bool(container.get("ready")))
    return State(True, _health(pod, worst), _started(pod), _note(pod, worst))


def _rank(state: State) -> int:
    """Return how well off a pod is, from 0 for one that does not run and will not by itself."""
    if not state.running:
        return 1 if state.health == "starting" else 0
    return {"unhealthy": 2, "starting": 3}.get(state.health or "", 4)


def _containers(pod: Pod) -> list[Mapping[str, Any]]:
    status = pod["status"]
    return [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]


def _unscheduled(pod: Pod, condition: Mapping[str, Any]) -> State:
    reason = str(condition.get("message") or condition.get("reason") or "")
    symptom = Symptom.CLAIM_UNBOUND if CLAIM.search(reason) else Symptom.UNSCHEDULABLE
    return State(False, None, _started(pod), _short(f"no node takes it: {reason}"), symptom)


def _hindered(pod: Pod, container: Mapping[str, Any]) -> State | None:
    """Return the state of a pod whose container waits in vain or ended badly, None of one on its way."""
    current = container["state"]
    if ended := current.get("terminated"):
        return _ended(pod, container, ended) if ended["exitCode"] != 0 else None
    waiting = current.get("waiting") or {}
    reason = waiting.get("reason", "")
    if not waiting or not reason or reason in ON_THE_WAY:
        return None
    if reason == "CrashLoopBackOff" and (last := container.get("lastState", {}).get("terminated")):
        return _ended(pod, container, last)
    note = _short(f"{container['name']}: {reason}: {waiting.get('message', '')}")
    return State(False, None, _started(pod), note, WAITING.get(reason, Symptom.CONTAINER_NOT_MADE))


def _ended(pod: Pod, container: Mapping[str, Any], ended: Mapping[str, Any]) -> State:
    ends = int(container.get("restartCount", 0)) + 1
    times = "once" if ends == 1 else f"{ends} times, at last"
    note = f"{container['name']} ended {times} with {_exit(ended)}"
    return State(False, None, _started(pod), note, ENDED.get(ended.get("reason", ""), Symptom.CRASHES))


def _exit(ended: Mapping[str, Any]) -> str:
    killed = ", killed for want of memory" if ended.get("reason") == "OOMKilled" else ""
    said = f": {_short(ended['message'])}" if ended.get("message") else ""
    return f"exit code {ended['exitCode']}{killed}{said}"


def _ending(pod: Pod) -> str:
    """Return why a pod ended for good: the node's reason, else how its container did."""
    status = pod["status"]
    if status.get("reason"):
        return _short(f"{status['reason']}: {status.get('message', '')}")
    ends = [c["state"]["terminated"] for c in _containers(pod) if "terminated" in c["state"]]
    return f"{status['phase']}, {_exit(ends[-1])}" if ends else str(status["phase"])


def _way(pod: Pod) -> str:
    waiting = [c["state"]["waiting"].get("reason", "") for c in _containers(pod) if "waiting" in c["state"]]
    return f"Pending, {waiting[0]}" if waiting else "Pending"


def _health(pod: Pod, container: Mapping[str, Any]) -> str:
    """Return `unhealthy` only for a container that was ready since its start, else `starting`."""
    if container.get("ready"):
        return "healthy"
    lost = _condition(pod, "Ready", "False")
    was_ready = lost and _moment(lost["lastTransitionTime"]) > _moment(
        container["state"]["running"]["startedAt"]
    )
    return "unhealthy" if was_ready and container.get("started", True) else "starting"


def _note(pod: Pod, container: Mapping[str, Any]) -> str:
    last = container.get("lastState", {}).get("terminated")
    unready = _condition(pod, "Ready", "False")
    notes = [str(unready["message"])] if unready and unready.get("message") else []
    if last:
        notes.append(f"ended before with {_exit(last)}, started anew {container['restartCount']} times")
    return _short("; ".join(notes))


def _condition(pod: Pod, kind: str, value: str) -> Mapping[str, Any] | None:
    conditions = pod["status"].get("conditions", ())
    return next((c for c in conditions if c["type"] == kind and c["status"] == value), None)


def _started(pod: Pod) -> datetime:
    starts = [c["state"]["running"]["startedAt"] for c in _containers(pod) if "running" in c["state"]]
    return max(map(_moment, starts or [pod["metadata"]["creationTimestamp"]]))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)


def _short(text: str) -> str:
    return " ".join(text.split())[:NOTE_LENGTH].rstrip(": ")
