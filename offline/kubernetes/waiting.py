"""The wait until an object is ready, and at its end the reasons why it is not."""

import time
from collections.abc import Sequence

from clients.kubernetes.api_server import Live
from diff.values import Plain
from offline.kubernetes import annotations
from offline.kubernetes.cluster import Cluster, Target
from offline.kubernetes.readiness import GLANCES, RULES, Standing, addressed, events, troubles
from offline.kubernetes.watching import watched
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call

CLAIM_LIMIT = 300.0
"""Seconds, whatever a stack says."""
SETTLING = 10.0
"""Seconds after which a Service is ready whose endpoints did not change, if none of them is unready."""
POLL = 0.5
NO_PODS = (
    "Service does not target any Pods. Selected Pods may not be ready, or "
    "field '.spec.selector' may not match labels on any Pods"
)
NO_ADDRESS = "Service was not allocated an IP address; does your cloud provider support this?"


class NotReady(Exception):
    """An object that is there, but not ready: as it was seen last, and why."""

    def __init__(self, words: str, live: Live, reasons: Sequence[str]) -> None:
        super().__init__(words)
        self.live = live
        self.reasons = reasons


def wait(
    call: Call,
    cluster: Cluster,
    target: Target,
    inputs: Plain,
    live: Live,
    limit: float,
    before: Live | None = None,
) -> Live:
    """Wait until an object is ready, and return it."""
    kind = live["apiVersion"], live["kind"]
    if annotations.says(inputs, annotations.SKIP_AWAIT):
        return live
    if kind in RULES:
        return _until_ready(call, cluster, target, live, limit)
    if kind == ("v1", "PersistentVolumeClaim"):
        return _claim(call, cluster, target, live, before)
    if kind == ("v1", "Service"):
        return _service(call, cluster, target, live, limit)
    return live


def checked(cluster: Cluster, inputs: Plain, live: Live) -> None:
    """Raise NotReady where an object is not ready at this moment."""
    kind = live["apiVersion"], live["kind"]
    if annotations.says(inputs, annotations.SKIP_AWAIT):
        return
    words = f"Resource '{live['metadata']['name']}' was created but failed to initialize"
    if kind in GLANCES and not (found := GLANCES[kind](live)).ready:
        raise NotReady(words, live, _reasons(cluster, live, found))
    if kind == ("v1", "Service") and not (state := ServiceState(cluster, live)).works:
        raise NotReady(words, live, state.reasons)


class ServiceState:
    """A Service and its endpoints, looked at again and again."""

    def __init__(self, cluster: Cluster, live: Live) -> None:
        self._cluster = cluster
        self._version = ""
        self._since = time.monotonic()
        self.live = live
        self.look(live)

    def look(self, live: Live | None) -> None:
        """Take the Service as it is now, and look at its endpoints."""
        metadata = self.live["metadata"]
        self.live = live or self.live
        found = self._cluster.look("v1", "Endpoints", metadata["namespace"], metadata["name"]) or {}
        subsets = found.get("subsets") or ()
        self._ready = any(each.get("addresses") for each in subsets)
        self._unready = any(each.get("notReadyAddresses") for each in subsets)
        version = found.get("metadata", {}).get("resourceVersion", "")
        if version != self._version:
            self._version, self._since = version, time.monotonic()

    @property
    def works(self) -> bool:
        """Return whether it is ready but for the time that its endpoints need to settle."""
        balanced = self.live["spec"].get("type") == "LoadBalancer"
        return (not balanced or addressed(self.live)) and not (self._has_pods and self._unready)

    @property
    def settled(self) -> bool:
        """Return whether it is ready."""
        if not self._has_pods:
            return self.works
        seen = bool(self._version) and time.monotonic() - self._since >= SETTLING
        return self.works and seen

    @property
    def reasons(self) -> list[str]:
        """Return why it is not ready."""
        found = [NO_PODS] if self._has_pods and not self._ready else []
        balanced = self.live["spec"].get("type") == "LoadBalancer"
        return found + ([NO_ADDRESS] if balanced and not addressed(self.live) else [])

    @property
    def _has_pods(self) -> bool:
        spec = self.live["spec"]
        external, headless = spec.get("type") == "ExternalName", spec.get("clusterIP") == "None"
        return bool(spec.get("selector")) and not external and not headless


def claim_stands(cluster: Cluster, live: Live, is_new: bool) -> bool:
    """Return whether a claim is bound, or waits for its first pod."""
    phase = (live.get("status") or {}).get("phase")
    if not is_new and phase == "Bound":
        return True
    name = live["spec"].get("storageClassName")
    chosen = cluster.look("storage.k8s.io/v1", "StorageClass", "", name) if name else None
    if chosen and chosen.get("volumeBindingMode") == "WaitForFirstConsumer":
        return phase == "Pending"
    return phase == "Bound"


def _until_ready(call: Call, cluster: Cluster, target: Target, live: Live, limit: float) -> Live:
    generation, found = live["metadata"].get("generation", 0), Standing(False)
    shown: set[str] = set()
    for state in watched(call, cluster, target, limit, live):
        if state is None:
            continue
        live = state
        if live["metadata"].get("generation", 0) < generation:
            continue
        found = RULES[live["apiVersion"], live["kind"]](live)
        if found.ready:
            return live
        for words in (found.progress, *events(cluster, live)):
            if words not in shown:
                shown.add(words)
                call.progress(words)
    raise _late(target, live, _reasons(cluster, live, found))


def _claim(call: Call, cluster: Cluster, target: Target, live: Live, before: Live | None) -> Live:
    for state in watched(call, cluster, target, CLAIM_LIMIT, live):
        if state is not None and claim_stands(cluster, state, is_new=before is None):
            return state
    raise _late(target, live, ())


def _service(call: Call, cluster: Cluster, target: Target, live: Live, limit: float) -> Live:
    began = time.monotonic()
    state = ServiceState(cluster, live)
    while not state.settled:
        if time.monotonic() - began > limit:
            if state.works:
                break
            raise _late(target, state.live, state.reasons)
        if call.cancelled.wait(POLL):
            raise Refusal(f'Resource operation was cancelled for "{target.name}"')
        state.look(cluster.live(target))
    return state.live


def _late(target: Target, live: Live, reasons: Sequence[str]) -> NotReady:
    return NotReady(f"'{target.name}' timed out waiting to be Ready", live, reasons)


def _reasons(cluster: Cluster, live: Live, found: Standing) -> list[str]:
    return [*found.reasons, *troubles(cluster, live)]
