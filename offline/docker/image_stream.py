"""What an engine tells while it builds, pulls or pushes: progress, a failure, a result."""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from offline.docker.explained import explained
from offline.protocol.resource import Call

KEPT = 15
WIDTH = 100
STEP = re.compile(r"Step \d+/\d+ : .*")


def followed(call: Call, doing: str, messages: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Show progress, refuse with the last lines when it fails, and return the results it tells."""
    last: deque[str] = deque(maxlen=KEPT)
    results: dict[str, Any] = {}
    for message in messages:
        if "error" in message:
            raise explained(doing, "\n".join([*last, str(message["error"]).strip()]))
        results.update(message.get("aux") or {})
        line = str(message.get("stream", "")).strip()
        if line:
            last.append(line)
        if STEP.fullmatch(line):
            call.progress(line[:WIDTH])
    return results
