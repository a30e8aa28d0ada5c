"""When an object does what it was made for. Pure functions of what the API server tells about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
    wanted, status = live["spec"].get("replicas", 1), _status(live)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    leaving = status.get("replicas", 0) - updated
    if _observed(live) and min(updated, available) >= wanted and leaving <= 0:
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
