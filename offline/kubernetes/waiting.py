"""The wait until an object is ready, and at its end the reasons why it is not."""

import time
from collections.abc import Sequence

from diff.values import Plain
from offline.kubernetes import annotations, claims, services
from offline.kubernetes.api_server import Live
from offline.kubernetes.cluster import Cluster, Target
from offline.kubernetes.readiness import GLANCES, RULES, Standing
from offline.kubernetes.troubles import events, troubles
from offline.kubernetes.watching import watched
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call


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
    if kind == ("v1", "Service") and not (state := services.State(cluster, live)).works:
        raise NotReady(words, live, state.reasons)


def _until_ready(call: Call, cluster: Cluster, target: Target, live: Live, limit: float) -> Live:
    generation, found = live["metadata"].get("generation", 0), Standing(False)
    told: set[str] = set()
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
            if words not in told:
                told.add(words)
                call.progress(words)
    raise _late(target, live, _reasons(cluster, live, found))


def _claim(call: Call, cluster: Cluster, target: Target, live: Live, before: Live | None) -> Live:
    for state in watched(call, cluster, target, claims.LIMIT, live):
        if state is not None and claims.stands(cluster, state, is_new=before is None):
            return state
    raise _late(target, live, ())


def _service(call: Call, cluster: Cluster, target: Target, live: Live, limit: float) -> Live:
    began = time.monotonic()
    state = services.State(cluster, live)
    while not state.settled:
        if time.monotonic() - began > limit:
            if state.works:
                break
            raise _late(target, state.live, state.reasons)
        if call.cancelled.wait(services.POLL):
            raise Refusal(f'Resource operation was cancelled for "{target.name}"')
        state.look(cluster.live(target))
    return state.live


def _late(target: Target, live: Live, reasons: Sequence[str]) -> NotReady:
    return NotReady(f"'{target.name}' timed out waiting to be Ready", live, reasons)


def _reasons(cluster: Cluster, live: Live, found: Standing) -> list[str]:
    return [*found.reasons, *troubles(cluster, live)]
