"""The way to a Docker engine, and what is said when it fails."""

import asyncio
import json
import traceback
from pathlib import Path

import pytest
from pulumi import RunError

from diff.values import UNKNOWN
from offline import language_host
from offline.docker.configuration import configured, registry_of_image
from offline.docker.engine import DockerEngine
from offline.docker.explained import explained, unreachable
from offline.protocol.failures import Refusal


def test_a_configuration_may_come_as_json() -> None:
    auth = json.dumps([{"address": "https://hub.example/v2", "username": "u", "password": "p"}])
    found = configured({"host": "ssh://a@b", "sshOpts": '["-i", "key"]', "registryAuth": auth})
    assert found.ssh_options == ("-i", "key")
    assert found.logins["hub.example"].username == "u"
    assert "p'" not in repr(found.logins), "a password is in no message"


def test_a_host_that_is_not_known_yet_is_not_guessed() -> None:
    assert configured({"host": UNKNOWN}).host == ""


def test_a_host_without_a_way_is_refused() -> None:
    with pytest.raises(
        Refusal, match=r"'far.example': no way to reach it\. Write unix:// or tcp:// or ssh://"
    ):
        configured({"host": "far.example"})


def test_a_host_without_a_machine_is_refused() -> None:
    engine = DockerEngine(configured({"host": "ssh://"}))
    with (
        pytest.raises(Refusal, match=r"'ssh://' names no machine\. Write ssh://user@machine"),
        engine.api(""),
    ):
        pass


def test_a_machine_without_ssh_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    engine = DockerEngine(configured({"host": "ssh://far"}))
    told = r"'ssh://far': there is no ssh command here. Install an ssh client."
    with pytest.raises(Refusal, match=told), engine.api("network net"):
        pass


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("busybox", "docker.io"),
        ("fate/nginx:1", "docker.io"),
        ("localhost:5000/fate/nginx:1", "localhost:5000"),
        ("hub.example/x@sha256:1", "hub.example"),
    ],
)
def test_the_registry_of_an_image_is_read_from_its_name(image: str, registry: str) -> None:
    assert registry_of_image(image) == registry


@pytest.mark.parametrize(
    ("failure", "remedy"),
    [
        (PermissionError(13, "Permission denied"), "usermod -aG docker"),
        (FileNotFoundError(2, "No such file or directory"), "systemctl start docker"),
        (OSError("Connection reset"), "whether the way is open"),
    ],
)
def test_an_engine_that_cannot_be_reached_is_told_with_the_remedy(failure: Exception, remedy: str) -> None:
    told = str(unreachable("network net", "unix:///x", failure))
    assert told.startswith("network net: ")
    assert remedy in told


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("write /var/lib/docker: no space left on device", "docker system df"),
        ("Bind for 127.0.0.1:80 failed: port is already allocated", "publish another port"),
        ("manifest for localhost:5000/x not found: manifest unknown", "the registry does not have it"),
        ("dial tcp 127.0.0.1:5000: connect: connection refused", "cannot reach the registry"),
        ("something else", "image x: something else"),
    ],
)
def test_what_the_engine_says_is_told_with_the_remedy(words: str, remedy: str) -> None:
    told = str(explained("image x", words))
    assert remedy in told
    assert words in told, "the engine's own words are never lost"


def test_an_error_keeps_only_the_frames_of_the_project(tmp_path: Path) -> None:
    program = tmp_path / "__main__.py"
    program.write_text("import json\njson.loads('{')\n")
    with pytest.raises(ValueError, match="property name") as failure:
        language_host.run(program)
    told = language_host.traceback_of(failure.value, str(tmp_path))
    assert "json/decoder.py" in "".join(traceback.format_exception(failure.value))
    assert "line 2, in <module>" in told
    assert "json/decoder.py" not in told
    assert told.endswith("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")


def test_a_program_that_the_engine_ended_shows_no_traceback_beside_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ended(program: object) -> None:
        raise Exception("resource monitor shut down while waiting on step's done channel")

    monkeypatch.setattr(language_host, "run_in_stack", ended)
    with pytest.raises(RunError, match="the engine ended the program") as failure:
        asyncio.run(language_host.run_cleanly(lambda: None))
    assert "Traceback" not in str(failure.value)
