"""The start script, run for real by this machine's sh."""

import subprocess
from pathlib import Path

import pytest

from components.services.start import START, started


def run(
    tmp_path: Path, source: str, secrets: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name, value in secrets.items():
        (folder / name).write_text(value)
    (tmp_path / "source").write_text(source)
    (tmp_path / "resolv.conf").write_text("search example\nnameserver 10.1.2.3\nnameserver 10.9.9.9\n")
    script = START.text.replace("/run/secrets", str(folder)).replace(
        "/etc/resolv.conf", str(tmp_path / "resolv.conf")
    )
    (tmp_path / "start.sh").write_text(script)
    target = tmp_path / "target"
    command = ["sh", str(tmp_path / "start.sh"), f"{tmp_path}/source={target}", "--", "echo", "started"]
    return subprocess.run(command, capture_output=True, text=True, check=False), target


def test_secrets_and_resolver_are_filled_in_and_the_command_runs(tmp_path: Path) -> None:
    source = "password: @@secret:database-password@@\nresolver @@resolver@@;\n"
    ended, target = run(tmp_path, source, {"database-password": "abc123", "broker-password": "def"})
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "started\n", "the command takes the script's place"
    assert target.read_text() == "password: abc123\nresolver 10.1.2.3;\n", "the first name server is the one"


def test_only_the_service_itself_can_read_a_file_with_secrets(tmp_path: Path) -> None:
    _, target = run(tmp_path, "@@secret:a@@\n", {"a": "1"})
    assert target.stat().st_mode & 0o077 == 0, "a filled file holds passwords"


def test_a_missing_secret_stops_the_start_and_is_named(tmp_path: Path) -> None:
    ended, _ = run(tmp_path, "x: @@secret:broker-password@@\n", {})
    assert ended.returncode == 78, "the service must not start with a placeholder for a password"
    assert "@@secret:broker-password@@" in ended.stderr, "the log says which one is missing"


def test_the_values_never_reach_a_command_line() -> None:
    for line in START.text.splitlines():
        if "cat " in line:
            assert line.lstrip().startswith("printf"), "printf is the shell's own: no process list shows it"


@pytest.mark.parametrize("filled", [{}, {"/a": "/b"}])
def test_the_command_line_names_files_not_values(filled: dict[str, str]) -> None:
    assert started(filled, ("nginx",))[-2:] == ("--", "nginx"), "what follows -- becomes the process"
