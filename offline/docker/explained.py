"""What a Docker engine tells while it works, what its failures mean, and what to do about each."""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from offline.protocol.failures import Refusal
from offline.protocol.resource import Call

KEPT = 15
WIDTH = 100
STEP = re.compile(r"Step \d+/\d+ : .*")
Rules = tuple[tuple[str, str], ...]

WAY: Rules = (
    (
        r"Permission denied|PermissionError",
        "no permission on {host}. Join its group: `sudo usermod -aG docker $USER`, then log in again.",
    ),
    (
        r"FileNotFoundError|No such file or directory|Connection refused|ConnectionRefusedError",
        "no Docker engine answers at {host}. Start it: `systemctl start docker`, or `make docker` here.",
    ),
    (
        r"",
        "the Docker engine at {host} cannot be reached. Look whether it runs, and whether the way is open.",
    ),
)
"""On the way to the engine."""

ANSWERS: Rules = (
    (
        r"no space left on device",
        "the disk of the Docker engine is full. `docker system df` shows with what; "
        "`docker image prune` frees what nothing uses.",
    ),
    (
        r"port is already allocated|address already in use",
        "the port is taken. `docker ps` and `ss -ltnp` show by whom; stop that, or publish another port.",
    ),
    (
        r"manifest unknown|manifest for .* not found|name unknown|repository does not exist",
        "the registry does not have it. Push it there, or name an image that it has.",
    ),
    (
        r"no basic auth credentials|authentication required|unauthorized|denied: ",
        "the registry wants a login. Give the provider `registry_auth` with the registry's address.",
    ),
    (
        r"server gave HTTP response to HTTPS client|certificate signed by unknown authority",
        "the engine does not trust the registry. Put its certificate into /etc/docker/certs.d, or its "
        "address into `insecure-registries` of /etc/docker/daemon.json.",
    ),
    (
        r"dial tcp|connection reset|no such host|i/o timeout|Client\.Timeout|TLS handshake",
        "the engine cannot reach the registry. Look whether it runs, and whether its address is right.",
    ),
    (
        r"container rootfs is marked read-only",
        "Unable to upload volume content: container rootfs is marked read-only. "
        "Leave out `read_only`, or bring the files in a volume.",
    ),
)
"""In the engine's own words."""


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


def unreachable(doing: str, host: str, failure: Exception) -> Refusal:
    """Return a failure on the way to the engine, with its meaning and its remedy."""
    return _explained(doing, f"{failure!r} {failure}", WAY, host, str(failure))


def explained(doing: str, words: str) -> Refusal:
    """Return what the engine answered, with its meaning and its remedy where they are known."""
    return _explained(doing, words, ANSWERS, "", words)


def _explained(doing: str, searched: str, rules: Rules, host: str, words: str) -> Refusal:
    for pattern, remedy in rules:
        if re.search(pattern, searched, re.IGNORECASE):
            return Refusal(f"{doing}: {remedy.format(host=host)}\nIn its own words: {words.strip()}")
    return Refusal(f"{doing}: {words.strip()}")
