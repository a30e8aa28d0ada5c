"""The wait until an object is gone."""

from offline.kubernetes.cluster import Cluster, Target
from offline.kubernetes.watching import watched
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call

SKIPPED = ("Deployment", "Namespace", "StatefulSet")
"""Kinds whose `pulumi.com/skipAwait` counts here too; others are awaited all the same."""


def wait(call: Call, cluster: Cluster, target: Target, limit: float) -> None:
    """Wait until an object is gone."""
    finalizers: list[str] = []
    for live in watched(call, cluster, target, limit):
        if live is None:
            return
        finalizers = live["metadata"].get("finalizers") or []
    if finalizers:
        call.warn(f"finalizers might be preventing deletion ({', '.join(finalizers)})")
    raise Refusal("timed out waiting for the condition")
