"""What keeps a workload from being ready, in the words of its pods."""

from collections.abc import Iterator, Mapping
from typing import Any

from offline.kubernetes.cluster import Cluster
from offline.kubernetes.readiness import REVISION

Live = Mapping[str, Any]


def troubles(cluster: Cluster, live: Live) -> list[str]:
    """Return what the newest pods of a workload say."""
    owner = _newest(cluster, live) if live["kind"] == "Deployment" else live
    pods = _owned(cluster, "v1", "Pod", owner) if owner else []
    return [words for pod in pods if (words := of_pod(pod))]


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
