"""Runs of Pulumi that are killed, at moments that do not depend on how fast a machine is."""

import os
import signal
import subprocess
import time

from tests.project import Stack

LIMIT = 300
SEEDS = range(20, 20 + int(os.environ.get("FATE_KILL_ROUNDS", "1")))
"""One for each round of kills. One round is in every run; FATE_KILL_ROUNDS asks for more."""


def killed(stack: Stack, command: str, writes: int, alone: bool = False) -> None:
    """Begin a run and kill it after so many writes of its state; an `alone` one without its plugins.

    A run that needs fewer writes ends by itself.
    """
    file = stack.project.folder / "state" / ".pulumi" / "stacks" / "fate" / f"{stack.name}.json"
    run = subprocess.Popen(
        ["pulumi", command, "--yes", "--skip-preview", "--stack", stack.name, "--non-interactive"],
        cwd=stack.project.folder,
        env=stack.project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline, seen, last = time.monotonic() + LIMIT, 0, file.stat().st_mtime_ns
    while seen < writes and run.poll() is None and time.monotonic() < deadline:
        now = file.stat().st_mtime_ns
        seen, last = seen + (now != last), now
        time.sleep(0.001)
    if run.poll() is None:
        (os.kill if alone else os.killpg)(run.pid, signal.SIGKILL)
    run.wait()


def repaired(stack: Stack) -> str:
    """Repair a stack by the one command; return what it said."""
    ended = stack.repair()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
