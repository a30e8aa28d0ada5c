"""When an object does what it was made for. Pure functions of what the API server tells about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Live = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """Where an object stands: ready, or not and why; `failed` where no waiting will help."""

    ready: bool
    text: str = ""
    failed: bool = False


READY = Standing(True)


def deployment(live: Live) -> Standing:
    """Wait for all pods of the newest version, and for the old ones to leave."""
    spec, status = live["spec"], _status(live)
    wanted = spec.get("replicas", 1)
    if spec.get("paused"):
        return READY
    if not _observed(live):
        return Standing(False, "not looked at yet")
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    old = status.get("replicas", 0) - updated
    if updated < wanted or available < wanted:
        trouble = _condition(live, "ReplicaFailure") or _late(live)
        return Standing(False, f"{min(updated, available)} of {wanted} pods ready{_because(trouble)}")
    return Standing(False, f"{old} old pods still there") if old > 0 else READY


def stateful_set(live: Live) -> Standing:
    """Wait for all pods of the newest version; a partition or `OnDelete` keeps old ones on purpose."""
    spec, status = live["spec"], _status(live)
    wanted = spec.get("replicas", 1)
    if not _observed(live):
        return Standing(False, "not looked at yet")
    strategy = spec.get("updateStrategy") or {}
    partition = (strategy.get("rollingUpdate") or {}).get("partition", 0)
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    rolling = strategy.get("type") != "OnDelete"
    if ready < wanted or (rolling and updated < wanted - partition):
        return Standing(False, f"{min(ready, updated) if rolling else ready} of {wanted} pods ready")
    if rolling and not partition and wanted and status.get("currentRevision") != status.get("updateRevision"):
        return Standing(False, "the new revision is not the current one yet")
    return READY


def daemon_set(live: Live) -> Standing:
    """Wait for a pod of the newest version on every node that gets one."""
    status = _status(live)
    wanted = status.get("desiredNumberScheduled", 0)
    if not _observed(live):
        return Standing(False, "not looked at yet")
    rolling = (live["spec"].get("updateStrategy") or {}).get("type") != "OnDelete"
    updated = status.get("updatedNumberScheduled", 0) if rolling else wanted
    available = min(updated, status.get("numberAvailable", 0))
    return READY if available >= wanted else Standing(False, f"{available} of {wanted} pods ready")


def replica_set(live: Live) -> Standing:
    """Wait for all pods."""
    wanted, available = live["spec"].get("replicas", 1), _status(live).get("availableReplicas", 0)
    if _observed(live) and available >= wanted:
        return READY
    return Standing(
        False, f"{available} of {wanted} pods ready{_because(_condition(live, 'ReplicaFailure'))}"
    )


def job(live: Live) -> Standing:
    """Wait for the work to be done."""
    if failure := _condition(live, "Failed"):
        return Standing(False, f"the job failed{_because(failure)}", failed=True)
    if live["spec"].get("suspend") or _condition(live, "Complete"):
        return READY
    done, wanted = _status(live).get("succeeded", 0), live["spec"].get("completions", 1)
    return Standing(False, f"{done} of {wanted} done")


def pod(live: Live) -> Standing:
    """Wait for all containers to be ready, or to have ended well."""
    phase = _status(live).get("phase", "Pending")
    if phase == "Failed":
        return Standing(False, "the pod failed", failed=True)
    if phase == "Succeeded" or _condition(live, "Ready"):
        return READY
    return Standing(False, f"the pod is {phase}")


def ingress(live: Live) -> Standing:
    """Wait for an address."""
    return _addressed(live, "no ingress controller has given it an address yet")


def load_balancer(live: Live) -> Standing:
    """Wait for an address."""
    return _addressed(live, "no load balancer has given it an address yet")


def claim(live: Live) -> Standing:
    """Wait for a volume."""
    phase = _status(live).get("phase", "Pending")
    return Standing(phase == "Bound", f"the claim is {phase}", failed=phase == "Lost")


def definition(live: Live) -> Standing:
    """Wait until the API server knows the kind."""
    refused = _condition(live, "NamesAccepted", "False")
    if _condition(live, "Established"):
        return READY
    return Standing(False, f"the kind is not established{_because(refused)}")


def namespace(live: Live) -> Standing:
    """Wait until objects may be made there."""
    phase = _status(live).get("phase", "Active")
    return Standing(phase == "Active", f"the namespace is {phase}")


RULES: Mapping[tuple[str, str], Callable[[Live], Standing]] = {
    ("", "Namespace"): namespace,
    ("", "PersistentVolumeClaim"): claim,
    ("", "Pod"): pod,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): definition,
    ("apps", "DaemonSet"): daemon_set,
    ("apps", "Deployment"): deployment,
    ("apps", "ReplicaSet"): replica_set,
    ("apps", "StatefulSet"): stateful_set,
    ("batch", "Job"): job,
    ("networking.k8s.io", "Ingress"): ingress,
}


def standing(live: Live) -> Standing:
    """Return where an object stands by itself; one of a kind without a rule is ready at once."""
    rule = RULES.get((live["apiVersion"].rpartition("/")[0], live["kind"]))
    return rule(live) if rule else READY


def _status(live: Live) -> Mapping[str, Any]:
    found: Mapping[str, Any] = live.get("status") or {}
    return found


def _observed(live: Live) -> bool:
    seen: int = _status(live).get("observedGeneration", 0)
    return bool(seen >= live["metadata"].get("generation", 0))


def _condition(live: Live, kind: str, status: str = "True") -> Mapping[str, Any] | None:
    conditions = _status(live).get("conditions") or ()
    return next((each for each in conditions if each["type"] == kind and each["status"] == status), None)


def _late(live: Live) -> Mapping[str, Any] | None:
    """Return what a Deployment says when it has made no progress for too long."""
    return _condition(live, "Progressing", "False")


def _because(condition: Mapping[str, Any] | None) -> str:
    return f": {condition.get('message') or condition.get('reason')}" if condition else ""


def _addressed(live: Live, otherwise: str) -> Standing:
    given = (_status(live).get("loadBalancer") or {}).get("ingress")
    return READY if given else Standing(False, otherwise)
