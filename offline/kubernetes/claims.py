"""When a claim is as far as it gets without a pod."""

from offline.kubernetes.api_server import Live
from offline.kubernetes.cluster import Cluster

LIMIT = 300.0
"""Seconds, whatever a stack says."""


def stands(cluster: Cluster, live: Live, is_new: bool) -> bool:
    """Return whether a claim is bound, or waits for its first pod."""
    phase = (live.get("status") or {}).get("phase")
    if not is_new and phase == "Bound":
        return True
    name = live["spec"].get("storageClassName")
    chosen = cluster.look("storage.k8s.io/v1", "StorageClass", "", name) if name else None
    if chosen and chosen.get("volumeBindingMode") == "WaitForFirstConsumer":
        return phase == "Pending"
    return phase == "Bound"
