"""Bad input at the real command line: a clear error, no traceback, and nothing made."""

import copy
import socket
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.federation.conftest import VALUES
from tests.project import Project, Stack

Change = Callable[[dict[str, Any]], object]


def party(values: dict[str, Any], index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = values["parties"][index]
    return found


REFUSED: dict[str, tuple[Change, tuple[str, ...]]] = {
    "unknown key": (lambda v: v.update(mirorr={}), ("fate:mirorr", "mirror")),
    "party id as a number": (lambda v: party(v).update(id=9999), ("fate:parties[0].id", 'id: "9999"')),
    "two parties with one id": (lambda v: party(v, 1).update(id="9999"), ("fate:parties[1].id", "9999")),
    "illegal engines": (
        lambda v: party(v).update(
            engines={"computing": "eggroll", "storage": "hdfs", "federation": "rabbitmq"}
        ),
        ("fate:parties[0].engines",),
    ),
    "a peer without a way to reach it": (
        lambda v: party(v).update(peers=[{"id": "10001"}]),
        ("fate:parties[0].peers[0]", "10001"),
    ),
    "a route back missing": (
        lambda v: (party(v).update(peers=[{"id": "10000"}]), party(v, 1).update(peers=[])),
        ("fate:parties[1].peers", "9999"),
    ),
    "a port twice": (
        lambda v: (party(v).update(api={"port": 9400}), party(v, 1).update(api={"port": 9400})),
        ("api", "9400"),
    ),
    "Docker not running": (
        lambda v: v.update(runtime={"kind": "docker", "host": "unix:///nowhere/docker.sock"}),
        ("no Docker engine runs at unix:///nowhere/docker.sock", "systemctl start docker"),
    ),
    "mirror not reachable": (
        lambda v: v.update(mirror={"kind": "external", "address": "localhost:1/fate"}),
        ("fate:mirror", "localhost:1 cannot be reached"),
    ),
    "a release that does not exist": (lambda v: v.update(release="9.9.9"), ("fate:release", "2.2.0")),
    "a release without a service": (
        lambda v: v.update(images={"from": "hub"}, mirror=None) or v.pop("mirror"),
        ("2.2.0", "gateway"),
    ),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Project.at(tmp_path_factory.mktemp("refused")).stack("refused", VALUES)
    yield stack
    stack.sweep()


def values() -> dict[str, Any]:
    changed: dict[str, Any] = copy.deepcopy(VALUES)
    changed["mirror"]["port"] = 5066
    return changed


def refusal(stack: Stack) -> str:
    ended = stack.pulumi("up", "--yes", "--skip-preview", check=False)
    told = ended.stdout + ended.stderr
    assert ended.returncode != 0, "what cannot work must not end well"
    assert "Traceback" not in told, told
    for kind in (["ps", "-aq"], ["volume", "ls", "-q"], ["network", "ls", "-q"]):
        label = f"label=fate.stack={stack.name}"
        made = subprocess.run(
            ["docker", *kind, "--filter", label], capture_output=True, text=True, check=True
        )
        assert made.stdout == "", f"{kind[0]}: something was made before the refusal"
    return told


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_with_its_place_and_the_way_out(refused: Stack, case: str) -> None:
    change, words = REFUSED[case]
    changed = values()
    change(changed)
    refused.write(changed)
    told = refusal(refused)
    for word in words:
        assert word in told, told


def test_a_port_taken_on_the_host_is_refused(refused: Stack) -> None:
    changed = values()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        party(changed)["api"] = {"port": taken.getsockname()[1]}
        refused.write(changed)
        told = refusal(refused)
    assert "fate:parties[0].api.port" in told
    assert "another program" in told


def test_a_volume_that_another_made_is_refused_and_stays_as_it_is(refused: Stack) -> None:
    refused.write(values())
    volume = "fate-refused-9999-database"
    subprocess.run(["docker", "volume", "create", volume], capture_output=True, check=True)
    try:
        told = refusal(refused)
    finally:
        subprocess.run(["docker", "volume", "rm", volume], capture_output=True, check=True)
    assert f"fate:parties[0]: unix:///var/run/docker.sock already has volume {volume}" in told
    assert "made by hand or by another program" in told


@pytest.mark.parametrize("secret", [None, "short"])
def test_a_secret_that_is_missing_or_too_short_is_refused_and_never_repeated(
    refused: Stack, secret: str | None
) -> None:
    key = refused.pulumi("config get", "fate:secret-key").stdout.strip()
    refused.write(values())
    refused.pulumi("config rm", "fate:secret-key")
    if secret:
        refused.pulumi("config set", "--secret", "fate:secret-key", secret)
    try:
        told = refusal(refused)
    finally:
        refused.pulumi("config set", "--secret", "fate:secret-key", key)
    assert "fate:secret-key" in told
    assert "pulumi config set --secret" in told
    assert f'"{secret}"' not in told, "a secret is not repeated, however bad"


def test_a_wrong_passphrase_is_refused(refused: Stack) -> None:
    environment = refused.project.environment | {"PULUMI_CONFIG_PASSPHRASE": "another one"}
    ended = subprocess.run(
        ["pulumi", "preview", "--stack", refused.name, "--non-interactive"],
        cwd=refused.project.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "incorrect passphrase" in ended.stdout + ended.stderr
