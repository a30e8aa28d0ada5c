"""What a bundle has beside images: wheels and Pulumi's files, and the reason for what it has not."""

from pathlib import Path

import pytest

from ops.bundle.pulumi_files import pulumi_files
from ops.bundle.wheels import wheels
from tests.unit.bundle_scene import fake_pip

DOCKER, KUBERNETES = "resource-docker-v5.1.0", "resource-kubernetes-v4.32.0"
STAND_IN = b'#!/usr/bin/env bash\nPYTHONPATH=/x exec /x/.venv/bin/python -P -m offline.docker "$@"\n'
OFFICIAL = b"\x7fELF" + bytes(99)


def place(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(0o755)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_the_official_programs_are_taken_as_files(home: Path) -> None:
    for program in ("pulumi", "pulumi-language-python"):
        place(home / "bin" / program, OFFICIAL)
    place(home / "home/plugins" / DOCKER / "pulumi-resource-docker", OFFICIAL)
    place(home / "user/.pulumi/plugins" / KUBERNETES / "pulumi-resource-kubernetes", OFFICIAL)
    (home / "home/plugins" / DOCKER / "LICENSE").write_text("Apache")
    entries, absent = pulumi_files()
    assert {name: entry.mode for name, entry in entries.items()} == {
        "pulumi/bin/pulumi": 0o755,
        "pulumi/bin/pulumi-language-python": 0o755,
        f"pulumi/plugins/{DOCKER}/LICENSE": 0o644,
        f"pulumi/plugins/{DOCKER}/pulumi-resource-docker": 0o755,
        f"pulumi/plugins/{KUBERNETES}/pulumi-resource-kubernetes": 0o755,
    }
    assert b"".join(entries["pulumi/bin/pulumi"].content(0)) == OFFICIAL
    assert absent == []


def test_what_stands_in_for_an_official_program_is_left_and_named(home: Path) -> None:
    place(home / "bin/pulumi", OFFICIAL)
    place(home / "bin/pulumi-language-python", STAND_IN)
    place(home / "home/plugins" / DOCKER / "pulumi-resource-docker", STAND_IN)
    entries, absent = pulumi_files()
    assert list(entries) == ["pulumi/bin/pulumi"]
    assert [each.what for each in absent] == ["the CLI", "plugin docker", "plugin kubernetes"]


def test_no_pulumi_at_all_is_named(home: Path) -> None:
    entries, absent = pulumi_files()
    assert entries == {}
    assert absent[0].why == "pulumi is not on the PATH"


def test_wheels_come_by_their_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = fake_pip(tmp_path, monkeypatch, 'touch "$folder/one-1.0-py3-none-any.whl"')
    entries, absent = wheels(tmp_path / "dev.tar")
    assert list(entries) == ["wheels/one-1.0-py3-none-any.whl"]
    assert absent == []
    assert "--require-hashes" in seen.read_text()


def test_wheels_that_cannot_be_had_are_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_pip(tmp_path, monkeypatch, "echo 'ERROR: No matching distribution found for one==1.0' >&2; exit 1")
    entries, absent = wheels(tmp_path / "dev.tar")
    assert entries == {}
    assert absent[0].why == "ERROR: No matching distribution found for one==1.0"
