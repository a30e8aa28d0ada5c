"""How the cluster works and speaks: the machine's programs, a line for each thing that is done, faults.

Lines are in the manner of setup/say.sh.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class ClusterFault(Exception):
    """A reason why the cluster cannot do what was asked; `remedy` says what to do instead."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy


def program(name: str) -> str:
    """Return the path of a program that Debian installs."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")
    if not found:
        raise ClusterFault(f"there is no program {name}", "Run: make cluster (it installs it on Debian)")
    return found


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


def say(line: str) -> None:
    """Print one line of progress at once. Work goes on when nobody reads any more, as behind `head`."""
    try:
        print(f"==> {line}", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def timed(done: str) -> Iterator[None]:
    """Say `done`, and how many seconds it took, when the work inside has succeeded."""
    began = time.monotonic()
    yield
    say(f"{done} ({time.monotonic() - began:.1f} s)")


def _short(command: Sequence[str]) -> str:
    line = " ".join(command)
    return line if len(line) <= 100 else f"{line[:97]}..."
