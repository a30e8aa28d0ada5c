"""The most memory that a command and its children hold at one time."""

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.verdicts import CannotMeasureError, MeasuredFailedError

PROC = Path("/proc")
INTERVAL = 0.03
PROPORTIONAL = re.compile(r"^Pss: +(\d+) kB$", re.MULTILINE)


def peak_bytes(command: list[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Run a command, and return the largest sum of proportional set sizes that is seen.

    A page that several processes share is divided among them, so that the sum is what they take of the
    machine. Looking slows the command down: time it in another run.
    """
    if not (PROC / "self" / "smaps_rollup").exists():
        raise CannotMeasureError("this system has no /proc/PID/smaps_rollup", "Measure memory on Linux")
    nowhere = subprocess.DEVNULL
    most = 0
    with subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=nowhere, stdout=nowhere, stderr=nowhere
    ) as process:
        while process.poll() is None:
            most = max(most, sum(map(held_bytes, family(parents(), process.pid))))
            time.sleep(INTERVAL)
    if process.returncode != 0:
        raise MeasuredFailedError(f"{command[0]} ended with {process.returncode}", "Run it by hand")
    return most


def family(parents: Mapping[int, int], root: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield root
    for pid, parent in parents.items():
        if parent == root:
            yield from family(parents, pid)


def parents() -> dict[int, int]:
    """Return the parent of every process of the machine."""
    found = {}
    for file in PROC.glob("[0-9]*/stat"):
        try:
            # After the name, which may hold anything and ends with the last bracket: state, parent.
            found[int(file.parent.name)] = int(file.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return found


def held_bytes(pid: int) -> int:
    """Return a process's proportional set size; nothing where it has ended."""
    try:
        sizes = PROPORTIONAL.findall((PROC / str(pid) / "smaps_rollup").read_text())
    except OSError:
        return 0
    return 1024 * sum(map(int, sizes))
