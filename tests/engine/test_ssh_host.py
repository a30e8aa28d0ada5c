"""A party on an engine that is reached over ssh: a real sshd on loopback, with keys of its own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.federation.conftest import VALUES
from tests.project import Project, Stack

pytestmark = pytest.mark.skipif(
    not Path("/usr/sbin/sshd").exists(), reason="no sshd here: `make test` installs it where it is root"
)
ALONE = {"computing": "standalone", "storage": "standalone", "federation": "standalone"}


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """Start an sshd; return the engine's address, and ssh's options for it."""
    folder = tmp_path_factory.mktemp("sshd")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    port = free_port()
    Path("/run/sshd").mkdir(exist_ok=True)
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\n"
        f"AuthorizedKeysFile {folder}/authorized\n"
        "StrictModes no\nPermitRootLogin prohibit-password\nMaxStartups 100\nMaxSessions 100\n"
    )
    with subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", config], stderr=subprocess.DEVNULL) as server:
        wait_for(port)
        options = ["-i", f"{folder}/user", "-o", "StrictHostKeyChecking=no"]
        yield f"ssh://root@127.0.0.1:{port}", [*options, "-o", f"UserKnownHostsFile={folder}/known"]
        server.terminate()


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory, sshd: tuple[str, list[str]]) -> Iterator[Stack]:
    host, options = sshd
    party = {"id": "9999", "engines": ALONE, "database": "sqlite"}
    values = VALUES | {
        "runtime": {"kind": "docker", "host": host, "ssh-options": options},
        "mirror": {"kind": "distribution", "port": 5077},
        "parties": [party],
    }
    stack = Project.at(tmp_path_factory.mktemp("remote")).stack("remote", values)
    try:
        stack.up("--parallel", "4")
        yield stack
    finally:
        stack.destroy()


def test_a_party_comes_up_over_ssh_and_its_second_preview_is_empty(remote: Stack) -> None:
    remote.pulumi("preview", "--expect-no-changes")


def test_the_doctor_reaches_it_over_ssh(remote: Stack) -> None:
    ended = remote.doctor("--jobs", "none")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("sshd does not listen")
