"""A party on an engine that is reached over ssh: a real sshd on loopback, with keys of its own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.preflight.docker import Wanted, preflight
from components.preflight.mirror import Engine, check_held
from components.runtimes.ownership import Ownership
from components.services.service import Publication
from config import ConfigurationFault, DockerSettings
from tests.engine.tiny_registry import TinyRegistry
from tests.federation.conftest import VALUES
from tests.project import Project, Stack

OWNERSHIP = Ownership("fate", "dev", "9e8f1234")

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
        stack.sweep()


def test_a_party_comes_up_over_ssh_and_its_second_preview_is_empty(remote: Stack) -> None:
    remote.pulumi("preview", "--expect-no-changes")


def test_the_doctor_reaches_it_over_ssh(remote: Stack) -> None:
    ended = remote.doctor("--jobs", "none")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def engine_at(sshd: tuple[str, list[str]]) -> DockerSettings:
    host, options = sshd
    return DockerSettings.model_validate({"host": host, "ssh-options": options})


def test_a_port_that_a_program_of_the_other_machine_has_is_refused(sshd: tuple[str, list[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        opened = Publication("fateflow", 9380, taken.getsockname()[1], "127.0.0.1", "api.port")
        with pytest.raises(ConfigurationFault, match="another program has it"):
            preflight(
                engine_at(sshd), [Wanted("fate:parties[0].api.port", "fateflow", opened)], [], OWNERSHIP
            )


def test_an_engine_over_ssh_asks_the_registry_itself(sshd: tuple[str, list[str]]) -> None:
    registry = TinyRegistry()
    with pytest.raises(ConfigurationFault, match="lacks fate/nginx:1, the image of gateway"):
        check_held({"gateway": f"{registry.address}/fate/nginx:1"}, [Engine(engine_at(sshd))])
    registry.shutdown()
    registry.server_close()


def test_a_key_that_the_other_machine_does_not_know_is_told_in_ssh_s_words(
    sshd: tuple[str, list[str]], tmp_path: Path
) -> None:
    host, options = sshd
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    stranger = ["-i", f"{tmp_path}/key", "-o", "IdentitiesOnly=yes", *options[2:]]
    engine = DockerSettings.model_validate({"host": host, "ssh-options": stranger})
    with pytest.raises(ConfigurationFault, match=r"does not answer: .*Permission denied"):
        preflight(engine, [], [], OWNERSHIP)


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
