"""An engine on another machine is reached through the operator's own ssh client."""

from pathlib import Path

import pytest

from clients import ssh
from ops.doctor.docker_reach import client_of
from ops.doctor.symptoms import Ailment, Symptom

FORWARDS = """#!/usr/bin/env python3
import socket, sys, time
path = sys.argv[sys.argv.index("-L") + 1].split(":")[0]
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
time.sleep(60)
"""
REFUSES = "#!/bin/sh\necho 'fate@far: Permission denied (publickey).' >&2; exit 255\n"


def client(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a stand-in for ssh before the real one."""
    (folder / "ssh").write_text(script)
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    client_of.cache_clear()


def test_options_stand_before_the_machine() -> None:
    arguments = ssh.command("ssh://fate@far:22", ["-o", "A=b"], *ssh.DIAL)
    assert " ".join(arguments) == "ssh -o A=b -l fate -p 22 -- far docker system dial-stdio"


def test_user_port_options_and_socket_reach_the_client() -> None:
    command = ssh.tunnel_command("ssh://fate@far:2222/run/user/1/docker.sock", ["-i", "key"], Path("/tmp/s"))
    assert command[:3] == ["ssh", "-i", "key"], "the stack's own options come first, so they win"
    assert command[-6:] == ["-l", "fate", "-p", "2222", "--", "far"]
    assert "/tmp/s:/run/user/1/docker.sock" in command


def test_without_a_path_the_usual_socket_is_meant() -> None:
    command = ssh.tunnel_command("ssh://far", [], Path("/tmp/s"))
    assert "/tmp/s:/var/run/docker.sock" in command
    assert "-l" not in command, "ssh's own configuration chooses the user"


def test_a_tunnel_is_open_when_its_address_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path, FORWARDS, monkeypatch)
    address = ssh.tunnel("ssh://far", [])
    assert Path(address.removeprefix("unix://")).is_socket()


def test_what_ssh_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path, REFUSES, monkeypatch)
    with pytest.raises(Ailment, match="Permission denied") as raised:
        client_of("ssh://fate@far")
    assert raised.value.symptom is Symptom.NO_ENGINE


def test_without_an_ssh_client_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Ailment, match="no ssh command on this machine"):
        client_of("ssh://far")
