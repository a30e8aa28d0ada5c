"""The start of a service whose files wait for secrets: `start.sh`, and the command line that calls it."""

from collections.abc import Mapping
from pathlib import Path

from components.services.service import File

OWN_ADDRESS = "$(cat /tmp/own-address)"
"""The address that start.sh wrote down, for a shell in the same container."""
START = File("/etc/fate/start.sh", Path(__file__).with_name("start.sh").read_text())


def started(
    filled: Mapping[str, str], command: tuple[str, ...], awaited: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return the command that fills each source of `filled` into its target and becomes `command`.

    First it waits for each `host:port` of `awaited`: a machine that boots starts all services at once.
    """
    copies = (f"{source}={target}" for source, target in filled.items())
    return ("sh", START.path, *awaited, *copies, "--", *command)
