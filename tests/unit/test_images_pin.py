"""`fate images pin`, against a registry that answers as distribution does."""

import base64
import json
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from clients import repository
from ops.__main__ import main
from tests.unit.stack_values import Values, eggroll, on_gpus, stack
from tests.unit.strict_registry import strict_registry

HELD = {
    "fate/federatedai/fateflow:2.2.0-release": "sha256:" + "1" * 64,
    "fate/federatedai/eggroll:3.2.0-release": "sha256:" + "2" * 64,
    "fate/federatedai/osx:2.2.0-release": "sha256:" + "3" * 64,
    "fate/library/mysql:8.0.28": "sha256:" + "4" * 64,
}


class Distribution(BaseHTTPRequestHandler):
    """Tells digests as the CNCF registry does, and no more."""

    held = HELD

    def do_HEAD(self) -> None:
        """Answer for a manifest."""
        repository, _, tag = self.path.removeprefix("/v2/").partition("/manifests/")
        digest = self.held.get(f"{repository}:{tag}")
        self.send_response(200 if digest else 404)
        if digest:
            self.send_header("Docker-Content-Digest", digest)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Distribution)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"localhost:{server.server_address[1]}/fate"
    server.shutdown()
    server.server_close()


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the command lines of Pulumi, which is not run."""
    calls: list[list[str]] = []

    def pulumi(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setattr(repository, "PAUSES", ())
    monkeypatch.setattr(subprocess, "run", pulumi)
    return calls


def write(values: Values) -> None:
    keys = {f"fate:{key}": value for key, value in values.items()}
    Path("Pulumi.bank.yaml").write_text(yaml.safe_dump({"config": keys}))


def at(address: str, **images: object) -> Values:
    return {**eggroll(images=images), "mirror": {"kind": "external", "address": address}}


def test_the_digest_of_each_official_image_is_written(address: str, written: list[list[str]]) -> None:
    write(at(address))
    assert main(["images", "pin", "--stack", "bank"]) == 0
    (command,) = written
    assert command[:6] == ["pulumi", "config", "set-all", "--stack", "bank", "--path"]
    assert [word for word in command if word.startswith("fate:")] == [
        f'fate:images.digests["{name.removeprefix("fate/").partition(":")[0]}"]={digest}'
        for name, digest in sorted(HELD.items())
    ]


def test_the_images_of_a_partys_algorithm_and_device_are_pinned_by_their_own_names(
    address: str, written: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {
        "fate/federatedai/fateflow-nn-gpu:2.0.0-release": "sha256:" + "1" * 64,
        "fate/federatedai/eggroll-nn-gpu:2.0.0-release": "sha256:" + "2" * 64,
        "fate/federatedai/osx:2.0.0-release": "sha256:" + "3" * 64,
        "fate/library/mysql:8.0.28": "sha256:" + "4" * 64,
    }
    monkeypatch.setattr(Distribution, "held", held)
    write(on_gpus() | {"mirror": {"kind": "external", "address": address}})
    assert main(["images", "pin", "--stack", "bank"]) == 0
    assert f'fate:images.digests["federatedai/eggroll-nn-gpu"]=sha256:{"2" * 64}' in written[0]


def test_what_harbor_copies_is_asked_of_where_it_copies_from(
    address: str, written: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {name.removeprefix("fate/"): digest for name, digest in HELD.items()}
    monkeypatch.setattr(Distribution, "held", held)
    upstream = {"url": f"http://{address.partition('/')[0]}"}
    mirror = {"kind": "harbor", "host": "harbor.bank.example", "replicate": {"from": upstream}}
    write({**eggroll(), "mirror": mirror})
    assert main(["images", "pin", "--stack", "bank"]) == 0, "Harbor has nothing yet, and wants a login"
    assert len([word for word in written[0] if word.startswith("fate:")]) == len(HELD)


def test_what_is_pinned_already_is_not_written_again(address: str, written: list[list[str]]) -> None:
    known = {name.removeprefix("fate/").partition(":")[0]: digest for name, digest in HELD.items()}
    write(at(address, digests=known))
    assert main(["images", "pin", "--stack", "bank"]) == 0
    assert written == []


def test_a_dry_run_writes_nothing(address: str, written: list[list[str]]) -> None:
    write(at(address))
    assert main(["images", "pin", "--stack", "bank", "--dry-run"]) == 0
    assert written == []


def test_an_image_that_the_registry_lacks_is_named(
    address: str,
    written: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Distribution, "held", {})
    write(at(address))
    assert main(["images", "pin", "--stack", "bank"]) == 1
    assert "federatedai/eggroll:3.2.0-release" in capsys.readouterr().err
    assert written == []


def test_a_registry_with_a_login_is_asked_by_that_of_docker(
    written: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with strict_registry() as held:
        held.login, held.tokens = "ann:Secret1x", True
        for name in HELD:
            repository_name, tag = name.split(":")
            held.hold(repository_name, tag)
        write(at(f"{held.address}/fate"))
        assert main(["images", "pin", "--stack", "bank"]) == 1
        told = capsys.readouterr().err
        assert f"docker login {held.address}" in " ".join(told.split())
        login = {"auth": base64.b64encode(held.login.encode()).decode()}
        (tmp_path / "config.json").write_text(json.dumps({"auths": {held.address: login}}))
        assert main(["images", "pin", "--stack", "bank"]) == 0
    assert len([word for word in written[0] if word.startswith("fate:")]) == len(HELD)


def test_a_registry_that_does_not_answer_is_told(
    written: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    write(at("localhost:1/fate"))
    assert main(["images", "pin", "--stack", "bank"]) == 1
    assert "http://localhost:1 cannot be asked for fate/federatedai/eggroll" in " ".join(
        capsys.readouterr().err.split()
    )


def test_images_that_are_built_here_are_not_pinned(
    written: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    write(stack())
    assert main(["images", "pin", "--stack", "bank"]) == 1
    assert "recipe's" in capsys.readouterr().err
    assert written == []
