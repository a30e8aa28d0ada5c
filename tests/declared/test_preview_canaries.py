"""Secrets planted on both sides of a change, in files and the environment, are in no form of the preview."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.__main__ import main, parser
from ops.preview.cli import FORMATS, previewed, written
from tests.declared.preview_repository import CLUSTER, ENGINES, History, values

CANARY = "CANARY"
ENVIRONMENT = (
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_ACCESS_TOKEN",
    "GITHUB_TOKEN",
    "DOCKER_AUTH_CONFIG",
    "AWS_SECRET_ACCESS_KEY",
)
PRYING = f"""
import os, sys
print(os.environ)
print(os.environ, file=sys.stderr)
os.write(2, str(os.environ).encode())
found = [name for name in {ENVIRONMENT!r} if name in os.environ]
if found:
    raise RuntimeError(str(os.environ))
"""


STORE = {
    "kind": "mysql",
    "host": "db.example.org",
    "database": "models",
    "user": "fate",
    "password": {"secret": "models"},
}


def encrypted(side: str, place: str) -> dict[str, str]:
    return {"secure": f"v1:{CANARY}-{side}-{place}:{CANARY}"}


def plain(side: str, place: str) -> str:
    return f"{CANARY}-{side}-{place}"


def stacks(side: str) -> dict[str, dict[str, Any]]:
    """Return stacks that hold canaries: those that run, and those that are refused with a reason."""
    peer = {"id": "7", "host": "fate.example.org", "gateway-port": 9300}
    external = {"kind": "external", "address": "r.example.org"}
    return {
        "runs": values(rotation={"database": 2 if side == "head" else 1}),
        "plain-key": values(),
        "given": values(
            parties=[_party(**{"model-store": STORE})], secrets={"models": encrypted(side, "given")}
        ),
        "given-plain": values(secrets={"models": plain(side, "given")}),
        "given-in-place": values(
            parties=[_party(**{"model-store": {**STORE, "password": plain(side, "store")}})],
        ),
        "peer-password": values(parties=[_party(peers=[{**peer, "password": plain(side, "peer")}])]),
        "peer-secret": values(parties=[_party(peers=[{**peer, "password": encrypted(side, "peer")}])]),
        "mirror-login": values(mirror={**external, "password": plain(side, "mirror")}),
        "mirror-address": values(mirror={**external, "address": _address(side)}),
        "image-prefix": values(images={"from": "registry", "prefix": f"{_address(side)}/fate"}),
        "host": values(runtime={"kind": "docker", "host": f"ssh://{_address(side)}"}),
        "harbor": _harbor(side),
        "harbor-plain": _harbor(side, plain(side, "upstream")),
        "harbor-upstream": _harbor(side, url=f"https://{_address(side)}"),
        "harbor-elsewhere": values(
            images={"from": "hub"},
            mirror={**external, "address": "r.example.org/fate", "harbor": {"password": {"secret": "admin"}}},
            secrets={"admin": encrypted(side, "admin")},
        )
        | {"release": "2.0.0"},
        "chart-login": values(runtime={**CLUSTER, "chart": {"ref": f"oci://{_address(side)}/fate-party"}}),
        "unknown-key": values(**{"registry-password": plain(side, "unknown")}),
    }


def plant(history: History, side: str) -> None:
    """Write the stack files of one side."""
    for name, keys in stacks(side).items():
        content = {
            "encryptionsalt": f"v1:{plain(side, 'salt')}",
            "encryptedkey": plain(side, "encryptedkey"),
            "config": {
                **{f"fate:{key}": value for key, value in keys.items()},
                "fate:secret-key": (plain if name == "plain-key" else encrypted)(side, "key"),
                "docker:registryAuth": [
                    {"address": "r.example.org", "username": "u", "password": encrypted(side, "login")},
                    {"address": "q.example.org", "username": "u", "password": plain(side, "login")},
                ],
            },
        }
        (history.folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    torn = f"config:\n  fate:secret-key: {{secure: v1:{plain(side, 'torn')}\n  fate:mirror: }}\n"
    for file in ("Pulumi.torn.yaml", "Pulumi.twice.yaml", "Pulumi.twice.yml"):
        (history.folder / file).write_text(torn)


def _harbor(side: str, password: object = None, url: str = "https://hub.example.org") -> dict[str, Any]:
    """Return a stack with a Harbor that copies from an upstream with a login."""
    login = {"user": "ann", "password": password or {"secret": "upstream"}}
    mirror = {"kind": "harbor", "host": "harbor.example.org", "replicate": {"from": {"url": url, **login}}}
    made = values(images={"from": "hub"}, mirror=mirror, secrets={"upstream": encrypted(side, "upstream")})
    return {**made, "release": "2.0.0"}


def _address(side: str) -> str:
    return f"user:{plain(side, 'address')}@r.example.org"


def _party(**keys: object) -> dict[str, object]:
    return {"id": "9999", "engines": ENGINES, "expose": {"host": "172.17.0.1", "bind": "172.17.0.1"}, **keys}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    made = History.at(tmp_path_factory.mktemp("repository"))
    program = made.folder / "__main__.py"
    program.write_text(program.read_text() + PRYING)
    plant(made, "base")
    made.commit("The base")
    plant(made, "head")
    return made


def test_no_form_of_a_preview_tells_a_canary(
    history: History, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, f"{CANARY}-environment-{name}")
    report = previewed(history.folder, "main", "worktree", ())
    by_name = {stack.name: stack for stack in report.stacks}
    assert not by_name["runs"].after_failure, "what the program looked for was not there"
    assert not by_name["given"].after_failure
    assert by_name["given-plain"].after_failure
    assert by_name["given-in-place"].after_failure
    assert by_name["peer-password"].after_failure
    assert by_name["torn"].before_failure
    assert not by_name["harbor"].after_failure
    assert not by_name["harbor-elsewhere"].after_failure
    for name in ("harbor-plain", "harbor-upstream", "chart-login"):
        assert by_name[name].after_failure, f"{name} is to be refused, and its reason told"
    for form in FORMATS:
        told = written(report, parser({"preview"}).parse_args(["preview", "--format", form]))
        assert "another secret" in told, "that a secret changes is told"
        assert _canaries(told) == [], form
    seen = capfd.readouterr()
    assert _canaries(seen.out + seen.err) == [], "nothing that the program wrote comes through"


def test_a_refusal_tells_no_canary_either(
    history: History, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", CANARY)
    monkeypatch.chdir(history.folder)
    assert main(["preview", "--head", "worktree", "--stack", "nowhere"]) == 2
    assert main(["preview", "--base", "nowhere"]) == 2
    seen = capfd.readouterr()
    assert _canaries(seen.out + seen.err) == []


def _canaries(text: str) -> list[str]:
    return sorted(set(re.findall(rf"{CANARY}[\w-]*", text)))
