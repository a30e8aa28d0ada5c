"""A lock is released only if its run is gone for certain."""

import json
import os
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.repair.backend import FileBackend
from ops.repair.found import Kind
from ops.repair.locks import Held, dead_locks, held, locks_of
from ops.repair.processes import lives, orphans

NOW = datetime.now(UTC)


@pytest.fixture
def backend(tmp_path: Path) -> FileBackend:
    return FileBackend(tmp_path, "fate", "dev")


def lock(backend: FileBackend, **values: Any) -> Path:  # noqa: ANN401 - JSON
    """Write a lock as Pulumi does."""
    own = {"pid": os.getpid(), "username": "ann", "hostname": socket.gethostname()}
    backend.locks.mkdir(parents=True, exist_ok=True)
    file = backend.locks / "0b4d.json"
    file.write_text(json.dumps({**own, "timestamp": NOW.isoformat(), **values}))
    return file


def ended() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_lock_of_a_process_that_ended_is_released(backend: FileBackend) -> None:
    file = lock(backend, pid=ended())
    (dead,) = dead_locks(backend)
    assert dead.kind is Kind.LOCK
    assert "ann@" in dead.wrong, "it says whose it was"
    assert file.exists(), "to look changes nothing"
    dead.mend()
    assert not file.exists()


def test_a_lock_of_a_living_run_is_refused_and_its_holder_named(backend: FileBackend) -> None:
    lock(backend, timestamp=(NOW + timedelta(minutes=1)).isoformat())
    with pytest.raises(Held, match=rf"ann@.*pid {os.getpid()}.*kill -INT {os.getpid()}"):
        dead_locks(backend)


def test_a_lock_of_another_machine_is_refused_and_its_holder_named(backend: FileBackend) -> None:
    lock(backend, hostname="ci-7", pid=ended())
    with pytest.raises(Held, match=r"ann@ci-7 .*another machine.*pulumi cancel --stack dev --yes"):
        dead_locks(backend)


def test_a_process_that_started_later_only_has_the_number(backend: FileBackend) -> None:
    lock(backend, timestamp="2020-01-01T00:00:00.123456789+01:00")
    assert locks_of(backend)[0].pid == os.getpid(), "it can be read"
    assert len(dead_locks(backend)) == 1


def test_a_lock_that_was_never_written_is_released(backend: FileBackend) -> None:
    lock(backend).write_text("")
    assert "never written" in dead_locks(backend)[0].wrong


def test_without_locks_nothing_is_found(backend: FileBackend) -> None:
    assert dead_locks(backend) == []


def test_a_repair_holds_the_stack_as_a_run_does(backend: FileBackend) -> None:
    with held(backend):
        (own,) = locks_of(backend)
        assert own.pid == os.getpid()
        assert set(json.loads(own.file.read_text())) == {"pid", "username", "hostname", "timestamp"}, (
            "pulumi can read it, and names who holds the stack"
        )
    assert locks_of(backend) == []


def test_a_run_that_was_faster_is_not_disturbed(backend: FileBackend) -> None:
    file = lock(backend, timestamp=(NOW + timedelta(minutes=1)).isoformat())
    with pytest.raises(Held), held(backend):
        pytest.fail("it must not begin")
    assert [one.file for one in locks_of(backend)] == [file], "the other's lock stays, its own goes"


@pytest.mark.parametrize(
    "words",
    [
        ["pulumi-resource-docker"],
        ["python", "-P", "-m", "offline.docker"],
        ["python", "-P", "-m", "providers.harbor"],
    ],
)
def test_a_plugin_whose_pulumi_is_gone_is_found_in_its_folder_alone(tmp_path: Path, words: list[str]) -> None:
    plugin = tmp_path / words[0]
    plugin.write_text("#!/bin/sh\necho begun\nread line\n")
    plugin.chmod(0o755)
    process = subprocess.Popen(
        [plugin, *words[1:], "127.0.0.1:1"], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n", "its words are not in /proc at once"
        assert [(one.pid, one.name) for one in orphans(tmp_path)] == [(process.pid, words[-1])]
        assert list(orphans(tmp_path.parent)) == [], "another checkout's are left alone"
    finally:
        process.communicate()


def test_a_living_process_lives() -> None:
    assert lives(os.getpid(), datetime.now(UTC))
