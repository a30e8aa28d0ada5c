"""When a Service is called ready: ten seconds after its endpoints changed, if none of them is unready."""

import time

from offline.kubernetes.api_server import Live
from offline.kubernetes.cluster import Cluster
from offline.kubernetes.readiness import addressed

SETTLING = 10.0
POLL = 0.5
NO_PODS = (
    "Service does not target any Pods. Selected Pods may not be ready, or "
    "field '.spec.selector' may not match labels on any Pods"
)
NO_ADDRESS = "Service was not allocated an IP address; does your cloud provider support this?"


class State:
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
