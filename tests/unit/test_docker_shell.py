"""A stack that names no engine has the same one in every shell; where a shell has another, that is told."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from components.preflight.docker import preflight
from components.preflight.docker_shell import host_of_this_shell, warnings
from components.runtimes.ownership import Ownership
from config import ConfigurationFault, DockerSettings, load
from tests.declared.kubernetes_stacks import REGISTRY_IMAGE, stack
from tests.declared.program import stack_file

OWNERSHIP = Ownership("fate", "dev", "9e8f1234")

COLIMA = "unix:///home/me/.colima/default/docker.sock"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def dev(**runtime: str) -> dict[str, Any]:
    values = stack_file("party-9999")
    values["runtime"] = {"kind": "docker", **runtime}
    return values


def told(values: dict[str, Any]) -> list[str]:
    return list(warnings(load(values)))


def with_context(folder: Path, name: str, host: str) -> None:
    place = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    place.mkdir(parents=True)
    meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
    (place / "meta.json").write_text(json.dumps(meta))


def test_a_shell_without_an_engine_of_its_own_is_told_nothing() -> None:
    assert host_of_this_shell() is None
    assert told(dev()) == []


def test_an_engine_of_the_shell_is_not_followed_but_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", COLIMA)
    (warning,) = told(dev())
    assert load(dev()).runtime == DockerSettings(), "the stack runs where it runs in every shell"
    assert f"fate:runtime.host: this shell's docker command goes to {COLIMA}" in warning
    assert f"Write host: {COLIMA}" in warning


def test_a_stack_that_names_its_engine_needs_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", COLIMA)
    assert told(dev(host="unix:///var/run/docker.sock")) == []


def test_two_names_of_one_socket_are_one_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "docker.sock").symlink_to("/var/run/docker.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    assert told(dev()) == []


def test_an_open_port_is_no_engine_for_a_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.7:2375")
    assert "Write host: ssh://user@host" in told(dev())[0]


def test_the_context_of_the_docker_command_is_told_too(home: Path) -> None:
    with_context(home, "colima", COLIMA)
    (home / "config.json").write_text(json.dumps({"currentContext": "colima"}))
    assert host_of_this_shell() == COLIMA


def test_a_context_of_the_environment_goes_before_the_one_in_use(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_context(home, "far", "ssh://fate@far.example")
    (home / "config.json").write_text(json.dumps({"currentContext": "colima"}))
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    assert host_of_this_shell() == "ssh://fate@far.example"
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    assert host_of_this_shell() is None


@pytest.mark.parametrize("content", ["", "[]", '{"currentContext": 5}', '{"currentContext": "nowhere"}'])
def test_what_cannot_be_read_of_the_docker_command_says_nothing(home: Path, content: str) -> None:
    (home / "config.json").write_text(content)
    assert host_of_this_shell() is None


def test_the_engine_that_builds_for_a_cluster_is_told_by_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", COLIMA)
    (warning,) = told(stack(mirror={"kind": "distribution", "port": 30500, "image": REGISTRY_IMAGE}))
    assert warning.startswith("fate:mirror.builder.host: ")


def test_where_no_engine_runs_the_one_of_this_shell_is_offered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", COLIMA)
    missing = DockerSettings.model_construct(
        host=f"unix://{tmp_path}/none", ssh_options=(), _fields_set=set()
    )
    with pytest.raises(ConfigurationFault) as refused:
        preflight(missing, [], [], OWNERSHIP)
    assert f"this shell's docker command goes to {COLIMA}: write host: {COLIMA}" in str(refused.value)
