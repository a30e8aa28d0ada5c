"""Seconds, taken fairly, and the most memory that a command and its children hold at one time."""

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import psutil

from bench.verdicts import CannotMeasureError, MeasuredFailedError

SIZES = Path("/proc/self/smaps_rollup")
INTERVAL = 0.03

Timed = Callable[[], float]


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that `act` takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def medians(turns: Mapping[str, Timed], rounds: int) -> dict[str, float]:
    """Return the median seconds of each, after `rounds` rounds; every other round goes in reverse order.

    The things compared take turns, so that a busy minute of the machine falls on all of them.
    """
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(rounds):
        order = list(turns)[:: 1 if number % 2 == 0 else -1]
        for name in order:
            seconds[name].append(turns[name]())
    return {name: median(taken) for name, taken in seconds.items()}


def peak_bytes(command: list[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Run a command, and return the largest sum of proportional set sizes that is seen.

    A page that several processes share is divided among them, so that the sum is what they take of the
    machine. Looking slows the command down: time it in another run.
    """
    if not SIZES.exists():
        raise CannotMeasureError("this system has no /proc/PID/smaps_rollup", "Measure memory on Linux")
    nowhere = subprocess.DEVNULL
    most = 0
    with subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=nowhere, stdout=nowhere, stderr=nowhere
    ) as process:
        while process.poll() is None:
            most = max(most, sum(map(held_bytes, family(process.pid))))
            time.sleep(INTERVAL)
    if process.returncode != 0:
        raise MeasuredFailedError(f"{command[0]} ended with {process.returncode}", "Run it by hand")
    return most


def family(root: int) -> list[psutil.Process]:
    """Return a process and all below it; nothing where it has ended."""
    try:
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def held_bytes(process: psutil.Process) -> int:
    """Return a process's proportional set size; nothing where it has ended."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0
