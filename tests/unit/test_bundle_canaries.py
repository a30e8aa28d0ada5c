"""Secrets beside a bundle, in logins, outputs and the environment, are neither in it nor in what is told."""

import base64
import json
import tarfile
from pathlib import Path

import pytest

from ops.__main__ import main
from tests.unit.bundle_scene import Scene, scene

CANARY = "CANARY"
ENVIRONMENT = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN", "AWS_SECRET_ACCESS_KEY")
SECRET_OUTPUTS = {
    "harbor-login": {"user": "admin", "password": f"{CANARY}-admin"},
    "harbor-robots": {"9999": {"user": "robot$fate+party-9999", "password": f"{CANARY}-robot"}},
}
LOGIN = f"ann:{CANARY}-login"


def logged_in(both: Scene, *hosts: str) -> None:
    login = {"auth": base64.b64encode(LOGIN.encode()).decode()}
    (both.folder / "config.json").write_text(json.dumps({"auths": dict.fromkeys(hosts, login)}))


def canaries(told: bytes) -> bool:
    return CANARY.encode() in told or base64.b64encode(LOGIN.encode()) in told


@pytest.mark.parametrize("tokens", [False, True], ids=["by password", "by token"])
def test_no_secret_is_in_a_bundle_its_list_or_what_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tokens: bool
) -> None:
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, f"{CANARY}-{name}")
    with scene(tmp_path, monkeypatch) as both:
        told = json.loads((tmp_path / "outputs.json").read_text())
        both.tell({**told, **SECRET_OUTPUTS})
        for side in (both.near, both.far):
            side.login, side.tokens = LOGIN, tokens
        logged_in(both, both.near.address)
        assert both.make() == 0, capfd.readouterr().err
        with tarfile.open(both.file) as tar:
            held = {each.name: tar.extractfile(each) for each in tar.getmembers() if each.isfile()}
            found = [name for name, file in held.items() if file and canaries(name.encode() + file.read())]
        assert not found, f"{found} carry a secret over the gap"
        assert len(held) > 10, "the bundle is none"
        assert main(["bundle", "list", str(both.file)]) == 0
        assert both.load() == 1, "nobody is logged in there"
        logged_in(both, both.near.address, both.far.address)
        assert both.load() == 0
    seen = capfd.readouterr()
    assert "docker login" in seen.err, "the refusal was told"
    assert not canaries((seen.out + seen.err).encode())
