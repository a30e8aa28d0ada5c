"""The end of what a failed job wrote, without any secret."""

from __future__ import annotations

import glob
import os

from ops.doctor.inside.party import HOME, without_secrets

ERRORS = ("*/*/*/root/ERROR", "*/*/*/component/ERROR", "*/*/ERROR", "fate_flow_schedule_error.log")
OUTPUTS = ("*/*/*/stdout/task_entrypoint", "*/*/*/stdout/component_define", "*/*/*/stdout/task_execute")
LINES = 40


def main(job: str) -> dict[str, str]:
    """Return the last lines of a job's error logs by their paths below `logs/`; else of its tasks' output."""
    return _tails(job, ERRORS) or _tails(job, OUTPUTS)


def _tails(job: str, places: tuple[str, ...]) -> dict[str, str]:
    root = os.path.join(HOME, "logs")
    files = [file for place in places for file in sorted(glob.glob(os.path.join(root, job, place)))]
    tails = {os.path.relpath(file, root): _tail(file) for file in files}
    return {file: tail for file, tail in tails.items() if tail}


def _tail(file: str) -> str:
    with open(file, errors="replace") as opened:
        lines = [line.rstrip() for line in opened if line.strip()]
    return without_secrets("\n".join(lines[-LINES:]))
