"""What is timed and weighed as a pull request's preview."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

from bench import gauges
from bench.project import CHECKOUT
from bench.pull_request import BASE, HEAD, LIMITS, changed, history, judged, sealed
from bench.stack_files import THROWAWAY_KEY, grown_to, stack_file, values_in
from bench.verdicts import MeasuredFailedError, Verdict
from config import load

DEV = values_in((CHECKOUT / "Pulumi.dev.yaml").read_text())
EATER = """
import subprocess, sys, time
held = bytearray(40 * 2**20)
if len(sys.argv) == 1:
    subprocess.run([sys.executable, "-c", open("eater.py").read(), "child"])
time.sleep(0.6)
"""


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_change_is_one_of_the_stack_file_alone_and_both_sides_are_committed() -> None:
    with history("dev", DEV) as folder:
        assert git(folder, "diff", "--name-only", BASE, HEAD).split() == ["Pulumi.dev.yaml"]
        assert git(folder, "status", "--short") == "", "the preview compares commits"
        assert git(folder, "ls-tree", "--name-only", BASE, "__main__.py").strip() == "__main__.py"
    assert not folder.exists(), "nothing of it stays"


def test_both_sides_are_stacks_that_the_program_takes() -> None:
    many = grown_to(DEV, 50)
    assert load(changed(DEV)) != load(DEV)
    assert len(load(changed(many)).parties) == 50


def test_the_repository_has_no_secret_that_could_be_read() -> None:
    text = sealed(stack_file(DEV))
    assert THROWAWAY_KEY not in text
    assert yaml.safe_load(text)["config"]["fate:secret-key"].keys() == {"secure"}


def test_time_and_memory_have_limits_of_their_own() -> None:
    dev, many = LIMITS
    rows = judged({dev: 1.9, many: 11.0}, {dev: 250 * 2**20, many: 301 * 2**20})
    assert [row.verdict for row in rows] == [Verdict.KEPT, Verdict.MISSED, Verdict.KEPT, Verdict.MISSED]
    assert [(row.unit, row.limit) for row in rows] == [("s", 2), ("s", 10), ("MiB", 300), ("MiB", 300)]


def test_children_and_their_children_belong_to_a_command_and_others_do_not() -> None:
    nested = ["sh", "-c", "sh -c 'sleep 60; true'; true"]
    with (
        subprocess.Popen(nested, start_new_session=True) as command,
        subprocess.Popen(["sleep", "60"]) as other,
    ):
        try:
            end = time.monotonic() + 10
            while len(found := [each.pid for each in gauges.family(command.pid)]) < 3:
                assert time.monotonic() < end, "a shell, its shell, and what that one runs"
            assert command.pid in found
            assert other.pid not in found
            assert sorted(found) == sorted(pid for pid in psutil.pids() if _session(pid) == command.pid)
        finally:
            os.killpg(command.pid, signal.SIGKILL)
            other.kill()


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def test_memory_is_what_a_command_and_its_child_hold_together(tmp_path: Path) -> None:
    (tmp_path / "eater.py").write_text(EATER)
    held = gauges.peak_bytes([sys.executable, "eater.py"], tmp_path, os.environ) / 2**20
    assert held > 80, "40 MiB each, at the same time"
    assert held < 200, "pages that both share must not count twice"


def test_a_command_that_fails_has_no_memory_worth_telling(tmp_path: Path) -> None:
    with pytest.raises(MeasuredFailedError, match="ended with 3"):
        gauges.peak_bytes([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, os.environ)


def test_a_process_that_has_ended_holds_nothing() -> None:
    ended = subprocess.Popen(["true"])
    process = psutil.Process(ended.pid)
    ended.wait()
    assert gauges.held_bytes(process) == 0
    assert gauges.family(ended.pid) == []
