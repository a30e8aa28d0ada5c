"""The wait until an object is ready: with progress, warnings, and at its end the reasons."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from offline.kubernetes import annotations
from offline.kubernetes.api_server import Live
from offline.kubernetes.cluster import Cluster, Target
from offline.kubernetes.explained import Unreachable
from offline.kubernetes.projection import visible
from offline.kubernetes.surroundings import standing
from offline.kubernetes.troubles import GRAVE, PULLING, Trouble, last_words, troubles
from offline.protocol.failures import Half, Refusal
from offline.protocol.resource import Call

FIRST_POLL = 0.1
POLL = 1.0
LOOK_CLOSER_EVERY = 3.0
PATIENCE = 60.0


@dataclass
class _Told:
    """What a user was told during one wait, and since when there is which trouble."""

    call: Call
    text: str = ""
    since: dict[tuple[str, str], float] = field(default_factory=dict)
    warned: set[tuple[str, str]] = field(default_factory=set)

    def progress(self, text: str) -> None:
        if text != self.text:
            self.call.progress(text)
            self.text = text

    def warn(self, found: Iterable[Trouble]) -> None:
        """Warn once of a trouble that does not go away by itself."""
        now = time.monotonic()
        for trouble in found:
            reason = "ImagePull" if trouble.reason in PULLING else trouble.reason
            key = trouble.who, reason
            begun = self.since.setdefault(key, now)
            if key not in self.warned and reason in GRAVE and now - begun >= GRAVE[reason]:
                self.warned.add(key)
                self.call.warn(str(trouble))


def wait(call: Call, cluster: Cluster, target: Target, live: Live, limit: float) -> Live:
    """Wait until an object is ready, and return it; one that does not become so is `Half` made."""
    if annotations.says(live, annotations.SKIP_AWAIT):
        return live
    try:
        return _until_ready(call, cluster, target, live, limit)
    except Half:
        raise
    except Refusal as failure:
        raise Half(str(failure), target.id, live) from failure


def _until_ready(call: Call, cluster: Cluster, target: Target, live: Live, limit: float) -> Live:
    began = answered = looked = time.monotonic()
    pause, told = FIRST_POLL, _Told(call)
    while True:
        now = time.monotonic()
        try:
            found = standing(cluster, live)
            if found.ready:
                return live
            if found.failed or now - began > limit:
                after = "" if found.failed else f" after {limit:g} s"
                raise _half(cluster, target, live, f"{target} is not ready{after}: {found.text}")
            if now - looked > LOOK_CLOSER_EVERY:
                _tell(cluster, live, found.text, told)
                looked = now
            elif not told.text:
                told.progress(found.text)
            answered = now
        except Unreachable:
            if now - answered > min(limit, PATIENCE):
                raise
        if call.cancelled.wait(pause):
            raise Refusal(f"{target} is not ready: cancelled")
        pause = min(pause * 1.5, POLL)
        live = _again(cluster, target, live)


def _tell(cluster: Cluster, live: Live, text: str, told: _Told) -> None:
    found = troubles(cluster, live)
    told.progress(f"{text}; {found[0]}" if found else text)
    told.warn(found)


def _again(cluster: Cluster, target: Target, live: Live) -> Live:
    try:
        found = cluster.live(target)
    except Unreachable:
        return live
    if found is None:
        raise Refusal(f"{target} was deleted while it was being made. Run `pulumi up --refresh`.")
    return found


def _half(cluster: Cluster, target: Target, live: Live, message: str) -> Half:
    lines = "".join(f"\n  {trouble}" for trouble in troubles(cluster, live))
    words = f"{message}{lines}{last_words(cluster, live)}\nThe next `pulumi up` goes on from here."
    return Half(words, target.id, visible(live))
