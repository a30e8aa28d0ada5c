"""The wait until an object is gone, and what keeps it."""

import time

from offline.kubernetes.api_server import Live
from offline.kubernetes.cluster import Cluster, Target
from offline.kubernetes.explained import Unreachable
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call

FIRST_POLL = 0.1
POLL = 1.0
PATIENCE = 60.0


def wait(call: Call, cluster: Cluster, target: Target, found: Live | None, limit: float) -> None:
    """Wait until an object, or the one that was found there, is gone; another of its name may follow."""
    began, pause, told = time.monotonic(), FIRST_POLL, ""
    uid = found["metadata"].get("uid") if found else None
    while True:
        try:
            live = cluster.live(target)
        except Unreachable:
            if time.monotonic() - began > min(limit, PATIENCE):
                raise
            live = found
        if live is None or (uid and live["metadata"].get("uid") != uid):
            return
        uid, found = live["metadata"].get("uid"), live
        keeps = _keeps(live)
        if time.monotonic() - began > limit:
            raise Refusal(f"{target} is not gone after {limit:g} s{keeps}")
        if keeps != told:
            call.progress(f"deleting{keeps}")
            told = keeps
        if call.cancelled.wait(pause):
            raise Refusal(f"{target} is not gone yet{keeps}: cancelled")
        pause = min(pause * 1.5, POLL)


def _keeps(live: Live) -> str:
    """Return what still keeps an object, in words."""
    conditions = (live.get("status") or {}).get("conditions") or ()
    told = [
        each["message"]
        for each in conditions
        if each.get("status") == "True" and each["type"].startswith("Namespace") and each.get("message")
    ]
    finalizers = live["metadata"].get("finalizers") or []
    if told:
        return ": " + "; ".join(told)
    return f": its finalizers still work: {', '.join(finalizers)}" if finalizers else ""
