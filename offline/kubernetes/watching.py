"""An object's states one after the other, as the API server tells them, until it is gone."""

import json
import math
import time
from collections.abc import Iterator

from clients.kubernetes.api_server import Live
from clients.kubernetes.failures import Refused
from offline.kubernetes.cluster import Cluster, Target
from offline.kubernetes.explained import NoCluster
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call

WATCH = 2
"""Seconds for which the API server is listened to at a time: so long may it take to notice a cancellation."""
AGAIN = 1.0
SHORTEST = 0.1
"""A connection that ends sooner is one that somebody cuts: then the object is looked at every second."""
PATIENCE = 60.0
"""Seconds for which a cluster may give no answer in the middle of a wait."""

AWAITED_UNLESS_SKIPPED = ("Deployment", "Namespace", "StatefulSet")
"""Kinds whose end is not waited for where `pulumi.com/skipAwait` says so; that of others is all the same."""


def watched(
    call: Call, cluster: Cluster, target: Target, limit: float, live: Live | None = None
) -> Iterator[Live | None]:
    """Yield an object at each change and every other second, nothing once it is gone; for so many seconds.

    `live` is the object as it was a moment ago, where that is known.
    """
    if live is not None:
        yield live
    answered = began = time.monotonic()
    end = began + limit
    while began < end:
        followed = live is not None
        try:
            for state in _told(cluster, target, live, end - began):
                live = state
                yield state
            if live is None:
                return
            answered = time.monotonic()
        except (Refused, NoCluster):
            if time.monotonic() - answered > PATIENCE:
                raise
            live = None
        hurried = followed and time.monotonic() - began < SHORTEST
        if call.cancelled.wait(AGAIN if hurried else 0.0):
            raise Refusal(f'Resource operation was cancelled for "{target.name}"')
        began = time.monotonic()


def wait_until_gone(call: Call, cluster: Cluster, target: Target, limit: float) -> None:
    """Wait until an object is gone."""
    finalizers: list[str] = []
    for live in watched(call, cluster, target, limit):
        if live is None:
            return
        finalizers = live["metadata"].get("finalizers") or []
    if finalizers:
        call.warn(f"finalizers might be preventing deletion ({', '.join(finalizers)})")
    raise Refusal("timed out waiting for the condition")


def _told(cluster: Cluster, target: Target, live: Live | None, left: float) -> Iterator[Live | None]:
    """Yield what becomes of an object in the next moments; as it is, where that is not known or stays so."""
    if live is None:
        yield cluster.live(target)
        return
    states = _states(cluster, target, live, left)
    yield next(states, live)
    yield from states


def _states(cluster: Cluster, target: Target, live: Live, left: float) -> Iterator[Live | None]:
    """Yield what becomes of an object in the next moments, nothing if it goes."""
    query = {
        "fieldSelector": f"metadata.name={target.name}",
        "resourceVersion": live["metadata"]["resourceVersion"],
        "timeoutSeconds": min(WATCH, math.ceil(left)),
    }
    for event in cluster.server.events(target.resource.path(target.namespace), query):
        if event["type"] == "ERROR":
            raise Refused(event["object"].get("code", 500), json.dumps(event["object"]).encode())
        yield None if event["type"] == "DELETED" else event["object"]
