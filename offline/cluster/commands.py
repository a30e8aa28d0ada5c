"""Runs the machine's own programs, and tells what one of them said when it failed."""

import subprocess
from collections.abc import Sequence

from offline.cluster.fault import ClusterFault


def run(*command: str, text: str | None = None, limit: float = 60) -> str:
    """Return what a command prints; a command that fails is a fault with its last words."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=limit, check=False)
    except FileNotFoundError:
        raise ClusterFault(f"there is no program {command[0]}", "Run: make cluster") from None
    except subprocess.TimeoutExpired:
        raise ClusterFault(f"{_short(command)} has not ended after {limit:g} s") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        raise ClusterFault(f"{_short(command)}: {said}")
    return done.stdout


def succeeds(*command: str) -> bool:
    """Say whether a command ends well; what it prints is of no interest."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _short(command: Sequence[str]) -> str:
    line = " ".join(command)
    return line if len(line) <= 100 else f"{line[:97]}..."
