"""What the Docker engine's failures mean, and what to do about each."""

import re

from offline.protocol.failures import Refusal

START = "Start it: `systemctl start docker`, or `make docker` in this checkout."
REMEDIES = (
    (
        r"Permission denied|PermissionError",
        "no permission on {host}. Join its group: `sudo usermod -aG docker $USER`, then log in again.",
    ),
    (
        r"FileNotFoundError|No such file or directory.*sock|Connection refused|ConnectionRefusedError",
        "no Docker engine answers at {host}. " + START,
    ),
    (
        r"Connection aborted|Connection reset|RemoteDisconnected|Read timed out|Name or service not known",
        "the Docker engine at {host} cannot be reached. Look whether it runs, and whether the way is open.",
    ),
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
        r"no basic auth credentials|authentication required|unauthorized|denied: ",
        "the registry wants a login. Give the provider `registry_auth` with the registry's address.",
    ),
    (
        r"container rootfs is marked read-only",
        "Unable to upload volume content: container rootfs is marked read-only. "
        "Leave out `read_only`, or bring the files in a volume.",
    ),
)


def explained(doing: str, host: str, failure: Exception) -> Refusal:
    """Return a failure with its meaning and its remedy; the engine's own words always stand in it."""
    words = str(getattr(failure, "explanation", None) or failure).strip()
    for pattern, remedy in REMEDIES:
        if re.search(pattern, f"{failure!r} {words}", re.IGNORECASE):
            return Refusal(f"{doing}: {remedy.format(host=host)}\nThe engine said: {words}")
    return Refusal(f"{doing}: {words}")
