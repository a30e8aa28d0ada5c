"""An object's states one after the other, as the API server tells them."""

import math
import time
from collections.abc import Iterator

from offline.kubernetes.api_server import Live
from offline.kubernetes.cluster import Cluster, Target
from offline.kubernetes.explained import Answer, Unreachable
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call

WATCH = 2
"""Seconds for which the API server is listened to at a time: so long may it take to notice a cancellation."""
AGAIN = 1.0
PATIENCE = 60.0
"""Seconds for which a cluster may give no answer in the middle of a wait."""


def watched(call: Call, cluster: Cluster, target: Target, limit: float) -> Iterator[Live | None]:
    """Yield an object as it is and at each change, nothing once it is gone; for so many seconds."""
    answered = time.monotonic()
    end = answered + limit
    live: Live | None = None
    while (now := time.monotonic()) < end:
        if call.cancelled.is_set():
            raise Refusal(f'Resource operation was cancelled for "{target.name}"')
        try:
            if live is None:
                live = cluster.live(target)
                yield live
            if live is None:
                return
            for state in _states(cluster, target, live, end - now):
                yield state
                if state is None:
                    return
                live = state
            answered = time.monotonic()
        except (Answer, Unreachable):
            if time.monotonic() - answered > PATIENCE:
                raise
            call.cancelled.wait(AGAIN)
            live = None


def _states(cluster: Cluster, target: Target, live: Live, left: float) -> Iterator[Live | None]:
    """Yield what becomes of an object in the next moments, nothing if it goes."""
    query = {
        "watch": "true",
        "fieldSelector": f"metadata.name={target.name}",
        "resourceVersion": live["metadata"]["resourceVersion"],
        "timeoutSeconds": min(WATCH, math.ceil(left)),
    }
    for event in cluster.server.events(target.resource.path(target.namespace), **query):
        if event["type"] == "ERROR":
            raise Answer(event["object"].get("code", 500), event["object"])
        yield None if event["type"] == "DELETED" else event["object"]
