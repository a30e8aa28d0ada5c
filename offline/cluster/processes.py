"""The cluster's own processes: started in sessions of their own, and known again by a mark.

The mark stands in a process's environment, so that no stale pid is ever taken for a part. Containers do not
inherit it; containerd's shims do.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from offline.cluster.home import Home

MARK = "FATE_CLUSTER"
PROC = Path("/proc")
SHIM = "containerd-shim"
PARENT, SESSION = 1, 3


@dataclass(frozen=True)
class Process:
    """A running process of the cluster: which part it belongs to, and of which settings.

    `leads` is true for the part itself, false for a program that it called; a shim is neither.
    """

    pid: int
    home: str
    part: str
    settings: str
    shim: bool
    leads: bool


def every(proc: Path = PROC) -> list[Process]:
    """Return the processes of every cluster of this machine, in the order of their ids."""
    pids = sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdigit())
    return [found for pid in pids if (found := _process(proc / str(pid), pid))]


def of(home: Home) -> list[Process]:
    """Return the processes of the cluster at `home`."""
    return [process for process in every() if process.home == str(home.root)]


def parts(home: Home) -> dict[str, Process]:
    """Return the running parts by their names."""
    return {process.part: process for process in of(home) if process.leads and not process.shim}


def start(home: Home, part: str, command: Sequence[str], settings: str, extra: Mapping[str, str]) -> int:
    """Start a part that outlives this process; what it says goes to its log. Returns its pid."""
    home.logs.mkdir(parents=True, exist_ok=True)
    mark = {MARK: f"{home.root}|{part}|{settings}"}
    with (home.logs / f"{part}.log").open("ab") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={**os.environ, **extra, **mark},
            start_new_session=True,
        )
    # The part is meant to go on alone: nobody waits for it here.
    child.returncode = 0
    _until_marked(child.pid)
    return child.pid


def _until_marked(pid: int, patience: float = 10) -> None:
    """Wait until a new process shows its mark: on a busy disk its environment is there a moment later."""
    end = time.monotonic() + patience
    while alive(pid) and _process(PROC / str(pid), pid) is None and time.monotonic() < end:
        time.sleep(0.02)


def stop(pids: Iterable[int], *, patience: float = 10) -> None:
    """End processes: politely, and after `patience` seconds by force."""
    left = set(pids)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in left:
            _signal(pid, number)
        end = time.monotonic() + patience
        while (left := {pid for pid in left if alive(pid)}) and time.monotonic() < end:
            time.sleep(0.05)
        if not left:
            return


def alive(pid: int, proc: Path = PROC) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    try:
        state = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"


def descendants(roots: Iterable[int], proc: Path = PROC) -> set[int]:
    """Return every process below `roots`, without them."""
    children: dict[int, list[int]] = {}
    for entry in proc.iterdir():
        if entry.name.isdigit() and (parent := _stat(entry, PARENT)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting.extend(below)
    return found


def _process(folder: Path, pid: int) -> Process | None:
    try:
        environment = (folder / "environ").read_bytes().split(b"\0")
        program = (folder / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
    except OSError:
        return None
    prefix = f"{MARK}=".encode()
    mark = next((entry[len(prefix) :].decode() for entry in environment if entry.startswith(prefix)), "")
    if mark.count("|") < 2 or not alive(pid, folder.parent):
        return None
    home, part, settings = mark.rsplit("|", 2)
    shim = Path(program).name.startswith(SHIM)
    return Process(pid, home, part, settings, shim, leads=_stat(folder, SESSION) == pid)


def _stat(folder: Path, number: int) -> int | None:
    """Return a number of /proc/PID/stat, counted from the process's state, which is 0."""
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[number])
    except (OSError, IndexError, ValueError):
        return None


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
