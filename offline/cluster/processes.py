"""The cluster's own processes: started in sessions of their own, and known again by a mark.

The mark stands in a process's environment, so that no stale pid is ever taken for a part. Containers do not
inherit it; containerd's shims do.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from offline.cluster.layout import Home

MARK = "FATE_CLUSTER"
SHIM = "containerd-shim"


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


def every() -> list[Process]:
    """Return the processes of every cluster of this machine, in the order of their ids."""
    return [found for process in psutil.process_iter() if (found := _marked(process))]


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
    _until_marked(psutil.Process(child.pid))
    return child.pid


def _until_marked(process: psutil.Process, patience: float = 10) -> None:
    """Wait until a new process shows its mark: on a busy disk its environment is there a moment later."""
    end = time.monotonic() + patience
    while alive(process.pid) and _marked(process) is None and time.monotonic() < end:
        time.sleep(0.02)


def stop(pids: Iterable[int], *, patience: float = 10) -> None:
    """End processes: politely, and after `patience` seconds by force."""
    left = set(pids)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        end = time.monotonic() + patience
        while (left := set(filter(alive, left))) and time.monotonic() < end:
            time.sleep(0.05)
        if not left:
            return


def alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.Error:
        return False


def descendants(roots: Iterable[int]) -> set[int]:
    """Return every process below `roots`, without them."""
    found: set[int] = set()
    for root in roots:
        with suppress(psutil.Error):
            found.update(child.pid for child in psutil.Process(root).children(recursive=True))
    return found


def _marked(process: psutil.Process) -> Process | None:
    try:
        mark = process.environ().get(MARK, "")
        if mark.count("|") < 2 or not alive(process.pid):
            return None
        home, part, settings = mark.rsplit("|", 2)
        shim = Path(next(iter(process.cmdline()), "")).name.startswith(SHIM)
        leads = os.getsid(process.pid) == process.pid
    except (psutil.Error, ProcessLookupError):
        return None
    return Process(process.pid, home, part, settings, shim, leads)
