"""Waits for containers: until healthy, or until their work is done."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from offline.protocol.failures import Refusal
from offline.protocol.resource import Call

POLL = 0.2
TOLD_EVERY = 5.0
Inspect = Callable[[], Mapping[str, Any]]


def until_healthy(call: Call, name: str, limit: float, inspect: Inspect) -> Mapping[str, Any]:
    """Wait until the health check passes; refuse when it has not after `limit` seconds."""

    def healthy(seen: Mapping[str, Any]) -> bool:
        state = seen["State"]
        if not state.get("Health"):
            raise Refusal(f"container {name}: `wait` needs a healthcheck, and it has none. Declare one.")
        if not state["Running"]:
            raise Refusal(f"container {name} ended with exit code {state['ExitCode']} before it was healthy")
        return bool(state["Health"]["Status"] == "healthy")

    return _until(call, f"container {name}", "healthy", limit, inspect, healthy, _last_check)


def until_done(call: Call, name: str, inspect: Inspect) -> Mapping[str, Any]:
    """Wait until a short-lived container ends; refuse when it failed."""
    seen = _until(call, f"container {name}", "done", None, inspect, lambda seen: not seen["State"]["Running"])
    code = seen["State"]["ExitCode"]
    if code != 0:
        raise Refusal(f"container {name} ended with exit code {code}")
    return seen


def _until(
    call: Call,
    who: str,
    state: str,
    limit: float | None,
    inspect: Inspect,
    condition: Callable[[Mapping[str, Any]], bool],
    detail: Callable[[Mapping[str, Any]], str] = lambda seen: "",
) -> Mapping[str, Any]:
    began = told = time.monotonic()
    while not condition(seen := inspect()):
        now = time.monotonic()
        if limit is not None and now - began > limit:
            raise Refusal(f"{who} is not {state} after {limit:g} s{detail(seen)}")
        if now - told > TOLD_EVERY:
            call.progress(f"waiting until it is {state}, {now - began:.0f} s{detail(seen)}")
            told = now
        if call.cancelled.wait(POLL):
            raise Refusal(f"{who} is not {state}: cancelled")
    return seen


def _last_check(seen: Mapping[str, Any]) -> str:
    checks = seen["State"]["Health"].get("Log") or []
    if not checks:
        return "; no check has run yet"
    return f"; the last check gave {checks[-1]['ExitCode']}: {checks[-1]['Output'].strip() or 'nothing'}"
