"""When an object does what it was made for, and what keeps a workload from it in the words of its pods."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from offline.kubernetes.cluster import Cluster

Live = Mapping[str, Any]
REVISION = "deployment.kubernetes.io/revision"
NO_PODS = "Minimum number of live Pods was not attained"
TOO_FEW_PODS = "Minimum number of Pods to consider the application live was not attained"
NO_ROLLOUT = "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live"


@dataclass(frozen=True)
class Standing:
    """Where an object stands: ready, or not; what is told meanwhile, and at the end of the wait."""

    ready: bool
    progress: str = ""
    reasons: tuple[str, ...] = ()


READY = Standing(True)


def deployment(live: Live) -> Standing:
    """Wait for all pods of the newest version, and for the old ones to leave."""
    return _rolled_out(live, _observed(live))


def deployment_at_a_glance(live: Live) -> Standing:
    """Look at what a Deployment last told, be it of an earlier version of itself."""
    return _rolled_out(live, observed=True)


def _rolled_out(live: Live, observed: bool) -> Standing:
    wanted, status = live["spec"].get("replicas", 1), _status(live)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    leaving = status.get("replicas", 0) - updated
    if observed and min(updated, available) >= wanted and leaving <= 0:
        return READY
    progress = (
        f"Waiting for app ReplicaSet to be available ({min(updated, available)}/{wanted} Pods available)"
    )
    return Standing(False, progress, (*_conditions(live), _missing(live)))


def stateful_set(live: Live) -> Standing:
    """Wait for all pods, and for the newest version to be the current one."""
    spec, status = live["spec"], _status(live)
    wanted, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    by_hand = (spec.get("updateStrategy") or {}).get("type") == "OnDelete" and _generation(live) > 1
    counts = ("replicas", "readyReplicas", *(() if by_hand else ("currentReplicas",)))
    there = _observed(live) and all(status.get(name, 0) == wanted for name in counts)
    current, newest = status.get("currentRevision", ""), status.get("updateRevision", "")
    settled = by_hand or bool(current and current == newest)
    if there and settled:
        return READY
    counted = ready if settled else min(ready, status.get("updatedReplicas", 0))
    reasons = [] if there else [f"{counted} out of {wanted} replicas succeeded readiness checks"]
    if not settled:
        words = f'StatefulSet controller failed to advance from revision "{current}" to revision "{newest}"'
        reasons.append(words)
    return Standing(
        False, f"Waiting for StatefulSet to create Pods ({counted}/{wanted} Pods ready)", tuple(reasons)
    )


def ingress(live: Live) -> Standing:
    """Wait for an address."""
    words = "Ingress .status.loadBalancer field was not updated with a hostname/IP address."
    return READY if addressed(live) else Standing(False, "Waiting for an address", (words,))


RULES: Mapping[tuple[str, str], Callable[[Live], Standing]] = {
    ("apps/v1", "Deployment"): deployment,
    ("apps/v1", "StatefulSet"): stateful_set,
    ("networking.k8s.io/v1", "Ingress"): ingress,
}
"""When a wait for an object is over."""
GLANCES = {**RULES, ("apps/v1", "Deployment"): deployment_at_a_glance}
"""When an object that is looked at is called ready."""


def addressed(live: Live) -> bool:
    """Return whether a load balancer has given an address."""
    return bool((_status(live).get("loadBalancer") or {}).get("ingress"))


def _missing(live: Live) -> str:
    if not _condition(live, "Available", "True"):
        return NO_PODS
    first = (live["metadata"].get("annotations") or {}).get(REVISION) == "1"
    progressing = _condition(live, "Progressing", "True") or {}
    if first or progressing.get("reason") != "NewReplicaSetAvailable":
        return TOO_FEW_PODS
    return NO_ROLLOUT


def _conditions(live: Live) -> list[str]:
    """Return what a Deployment says for itself."""
    found = [_condition(live, kind, "False") for kind in ("Progressing", "Available")]
    return [f"[{each['reason']}] {each['message']}" for each in found if each]


def _status(live: Live) -> Mapping[str, Any]:
    found: Mapping[str, Any] = live.get("status") or {}
    return found


def _generation(live: Live) -> int:
    found: int = live["metadata"].get("generation", 0)
    return found


def _observed(live: Live) -> bool:
    seen: int = _status(live).get("observedGeneration", 0)
    return seen >= _generation(live)


def _condition(live: Live, kind: str, status: str) -> Mapping[str, Any] | None:
    conditions = _status(live).get("conditions") or ()
    return next((each for each in conditions if (each["type"], each["status"]) == (kind, status)), None)


def troubles(cluster: Cluster, live: Live) -> list[str]:
    """Return what the newest pods of a workload say."""
    owner = _newest(cluster, live) if live["kind"] == "Deployment" else live
    pods = _owned(cluster, "v1", "Pod", owner) if owner else []
    return [words for pod in pods if (words := of_pod(pod))]


def events(cluster: Cluster, live: Live) -> list[str]:
    """Return the warnings about an object itself, such as of a quota that is used up."""
    metadata = live["metadata"]
    about = f"involvedObject.uid={metadata['uid']},type=Warning"
    listed = cluster.look("v1", "Event", metadata["namespace"], fieldSelector=about)
    return [f"{each.get('reason')}: {each.get('message')}" for each in (listed or {}).get("items", ())]


def of_pod(pod: Live) -> str:
    """Return what keeps a pod from being ready; nothing where it is, or does not say."""
    status = pod.get("status") or {}
    for kind in ("PodScheduled", "Initialized", "Ready"):
        found = next((each for each in status.get("conditions") or () if each["type"] == kind), None)
        if found is None:
            return ""
        if found["status"] != "True" and not (kind == "Ready" and status.get("phase") == "Succeeded"):
            return "" if kind == "PodScheduled" else _words(pod, found)
    return ""


def _words(pod: Live, condition: Live) -> str:
    message = condition.get("message", "") if condition.get("reason") else ""
    containers = [
        words
        for each in pod["status"].get("containerStatuses") or ()
        if not each.get("ready")
        for words in _of_container(each)
    ]
    if not message and not containers:
        return ""
    return f"[Pod {_name(pod)}]: {message}" + "\n".join(containers)


def _of_container(container: Live) -> Iterator[str]:
    state = container.get("state") or {}
    if (waiting := state.get("waiting")) and waiting.get("reason") != "ContainerCreating":
        yield f"[{waiting.get('reason', '')}] {waiting.get('message', '')}"
    if (ended := state.get("terminated")) and ended.get("reason"):
        words = f'container "{container["name"]}" completed with exit code {ended.get("exitCode")}'
        yield f"[{ended['reason']}] {ended['message']}" if ended.get("message") else words
    if before := (container.get("lastState") or {}).get("terminated"):
        how = f"{before.get('reason', '')}: exit code {before.get('exitCode')}"
        yield f'container "{container["name"]}" terminated at {before.get("finishedAt")} ({how})'


def _newest(cluster: Cluster, live: Live) -> Live | None:
    revision = (live["metadata"].get("annotations") or {}).get(REVISION)
    owned = _owned(cluster, "apps/v1", "ReplicaSet", live)
    return next(
        (each for each in owned if each["metadata"].get("annotations", {}).get(REVISION) == revision), None
    )


def _owned(cluster: Cluster, api_version: str, kind: str, owner: Live) -> list[Live]:
    listed = cluster.look(api_version, kind, owner["metadata"]["namespace"])
    uid = owner["metadata"]["uid"]
    return [each for each in (listed or {}).get("items", ()) if uid in _owners(each)]


def _owners(live: Live) -> list[str]:
    return [each["uid"] for each in live["metadata"].get("ownerReferences") or ()]


def _name(pod: Live) -> str:
    namespace, name = pod["metadata"].get("namespace"), pod["metadata"]["name"]
    return name if namespace in (None, "", "default") else f"{namespace}/{name}"
