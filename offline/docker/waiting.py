"""Waits for containers: until healthy, or until their work is done."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from offline.protocol.failures import Refusal
from offline.protocol.resource import Call

POLL = 0.2
TOLD_EVERY = 5.0
Inspect = Callable[[], Mapping[str, Any]]


def until_healthy(call: Call, name: str, limit: float, inspect: Inspect) -> None:
    """Wait until the health check passes; refuse when it has not after `limit` seconds.

    A process that has ended is waited for as long, which is what the official plugin does.
    """

    def healthy(seen: Mapping[str, Any]) -> bool:
        if not seen["State"].get("Health"):
            raise Refusal(
                f"container {name}: you have supplied a 'wait' argument, but the container does not have a "
                "healthcheck defined. Declare one."
            )
        return bool(seen["State"]["Health"]["Status"] == "healthy")

    _until(call, f"container {name}", "in healthy state", limit, inspect, healthy, _last_check)


def until_done(call: Call, name: str, inspect: Inspect) -> None:
    """Wait until a short-lived container ends, well or not: its exit code is for others to judge."""
    _until(call, f"container {name}", "done", None, inspect, lambda seen: not seen["State"]["Running"])


def _until(
    call: Call,
    who: str,
    state: str,
    limit: float | None,
    inspect: Inspect,
    condition: Callable[[Mapping[str, Any]], bool],
    detail: Callable[[Mapping[str, Any]], str] = lambda seen: "",
) -> None:
    began = reported = time.monotonic()
    while not condition(seen := inspect()):
        now = time.monotonic()
        if limit is not None and now - began > limit:
            raise Refusal(f"{who} failed to be {state} after {limit:g} s{detail(seen)}")
        if now - reported > TOLD_EVERY:
            call.progress(f"waiting until it is {state}, {now - began:.0f} s{detail(seen)}")
            reported = now
        if call.cancelled.wait(POLL):
            raise Refusal(f"{who} failed to be {state}: cancelled")


def _last_check(seen: Mapping[str, Any]) -> str:
    if not seen["State"]["Running"]:
        return f"; it ended with exit code {seen['State']['ExitCode']}"
    checks = seen["State"]["Health"].get("Log") or []
    if not checks:
        return "; no check has run yet"
    return f"; the last check gave {checks[-1]['ExitCode']}: {checks[-1]['Output'].strip() or 'nothing'}"
