"""A part is known by its mark, and ended with what it has started."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline.cluster import processes
from offline.cluster.layout import Home

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")
CALLER = (sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '60'])")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    place = Home(tmp_path)
    yield place
    processes.stop([process.pid for process in processes.of(place)], patience=0.2)


def _started(home: Home, part: str, command: tuple[str, ...] = SLEEPER, settings: str = "s1") -> int:
    pid = processes.start(home, part, command, settings, {})
    _until(lambda: part in processes.parts(home))
    return pid


def _until(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "this did not come to pass in 10 s"
        time.sleep(0.02)


def test_a_part_is_found_by_its_name_and_settings(home: Home) -> None:
    pid = _started(home, "etcd", settings="abc")
    found = processes.parts(home)["etcd"]
    assert (found.pid, found.settings, found.home) == (pid, "abc", str(home.root))


def test_a_cluster_of_another_home_is_not_ours(home: Home, tmp_path: Path) -> None:
    _started(home, "etcd")
    assert processes.of(Home(tmp_path / "elsewhere")) == []


def test_a_program_that_a_part_calls_is_not_taken_for_the_part(home: Home) -> None:
    pid = _started(home, "kubelet", CALLER)
    _until(lambda: len(processes.of(home)) == 2)
    assert processes.parts(home)["kubelet"].pid == pid, "the caller is the part"
    assert len(processes.descendants([pid])) == 1


def test_a_stopped_part_is_gone(home: Home) -> None:
    processes.stop([_started(home, "etcd")])
    assert processes.of(home) == []


def test_a_part_that_does_not_listen_is_ended_by_force(home: Home) -> None:
    pid = _started(home, "etcd", STUBBORN)
    _until(lambda: "deaf" in (home.logs / "etcd.log").read_text())
    began = time.monotonic()
    processes.stop([pid], patience=0.3)
    assert not processes.alive(pid)
    assert time.monotonic() - began >= 0.3, "it was asked first, and had its time"


def test_what_a_part_says_goes_to_its_log(home: Home) -> None:
    processes.start(home, "etcd", (sys.executable, "-c", "print('a word')"), "s", {})
    _until(lambda: (home.logs / "etcd.log").read_text() == "a word\n")
