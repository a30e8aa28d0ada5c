"""`fate preview` of a change of one line: the dev stack, and a stack of fifty parties."""

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bench.history import BASE, CORES, HEAD, history
from bench.pairs import Timed, medians, timed
from bench.peak import peak_bytes
from bench.project import CHECKOUT, NOT_INHERITED, run
from bench.stack_files import grown_to, values_in
from bench.verdicts import Measured, MeasuredFailedError

MANY = 50
LIMITS = {"the dev stack": 2.0, f"a stack of {MANY} parties": 10.0}
"""Seconds."""
MEMORY_LIMIT = 300.0
MEBIBYTE = 2**20
COMMAND = [sys.executable, "-m", "ops", "preview", "--base", BASE, "--head", HEAD, "--format", "markdown"]


def measure(rounds: int) -> list[Measured]:
    """Measure the whole command, as a workflow calls it; nothing but git and Python is asked."""
    values = values_in((CHECKOUT / "Pulumi.dev.yaml").read_text())
    stacks = zip(LIMITS, (values, grown_to(values, MANY)), strict=True)
    with ExitStack() as made:
        folders = {name: made.enter_context(history("dev", stack)) for name, stack in stacks}
        for folder in folders.values():
            _check(_previewed(folder))
        seconds = medians({name: _turn(folder) for name, folder in folders.items()}, rounds)
        peaks = {name: peak_bytes(COMMAND, folder, _environment()) for name, folder in folders.items()}
    return judged(seconds, peaks)


def judged(seconds: Mapping[str, float], peaks: Mapping[str, int]) -> list[Measured]:
    """Return the rows of what was timed and of the memory that it took."""
    times = [
        Measured(f"pull request of {name}", seconds[name], "s", limit=limit) for name, limit in LIMITS.items()
    ]
    return times + [
        Measured(
            f"memory for a pull request of {name}",
            peaks[name] / MEBIBYTE,
            "MiB",
            beside="children included",
            limit=MEMORY_LIMIT,
        )
        for name in LIMITS
    ]


def _turn(folder: Path) -> Timed:
    return lambda: timed(lambda: _previewed(folder))


def _previewed(folder: Path) -> str:
    return run(COMMAND, folder, _environment())


def _check(told: str) -> None:
    """Refuse to time a preview that misses the change: it would be too quick."""
    if f"cores: {CORES}" not in told:
        raise MeasuredFailedError("the preview does not tell the change", "Run fate preview by hand")


def _environment() -> Mapping[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
    return {**kept, "PYTHONPATH": str(CHECKOUT)}
