"""The offline preview tells the operations that `pulumi preview` tells, for changes to every setting."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import docker
import pytest
from docker.errors import DockerException

from preview.as_json import as_json
from preview.command import previewed
from tests.declared.preview_changes import CHANGES
from tests.declared.preview_repository import ROOT, History, values
from tests.engine.plugin_project import pulumi
from tests.project import Project, Stack

NAME = "truth"
IGNORED = ("pulumi:pulumi:Stack", "pulumi:pulumi:StackReference")


@dataclass(frozen=True)
class Deployed:
    """A stack that is up as its first commit says, in a repository of its own."""

    history: History
    stack: Stack
    base: dict[str, Any]

    def foreseen(self) -> dict[str, str]:
        """Return the operations of the offline preview, by URN."""
        told = json.loads(as_json(previewed(self.history.folder, "main", "worktree", [NAME])))
        stack = told["stacks"][0]
        assert stack["head-failure"] == stack["base-failure"] == ""
        return {step["urn"]: step["operation"] for step in stack["steps"]}

    def real(self) -> dict[str, str]:
        """Return the operations of `pulumi preview`, by URN."""
        told = json.loads(self.stack.pulumi("preview", "--json").stdout)
        found: dict[str, str] = {}
        for step in told["steps"]:
            if step["urn"].split("::")[2].rpartition("$")[2] not in IGNORED:
                found[step["urn"]] = "replace" if "replace" in step["op"] else step["op"]
        return {urn: op for urn, op in found.items() if op not in ("same", "refresh", "read")}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    if pulumi() is None:
        pytest.skip("no pulumi: run `make pulumi`")
    try:
        docker.from_env().close()
    except DockerException as reason:
        pytest.skip(f"no Docker engine: {reason}")
    history = History.at(tmp_path_factory.mktemp("repository"))
    (history.folder / ".gitignore").write_text("/.venv\n/state\n__pycache__\n")
    (history.folder / ".venv").symlink_to(ROOT / ".venv")
    (history.folder / "state").mkdir()
    base = _base()
    stack = Project(history.folder).stack(NAME, base)
    history.commit("The base")
    try:
        stack.up()
        yield Deployed(history, stack, base)
    finally:
        history.git("reset", "--quiet", "--hard", "main")
        stack.destroy()


def _base() -> dict[str, Any]:
    base = values(mirror={"kind": "distribution", "port": 5077})
    for party, port in zip(base["parties"], (19480, 19481), strict=True):
        party["api"] = {"port": port}
    return base


@pytest.fixture
def unchanged(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    monkeypatch.setenv("FATE_PREFLIGHT", "off")
    yield deployed
    deployed.history.git("reset", "--quiet", "--hard", "main")


@pytest.mark.parametrize("name", CHANGES)
def test_the_offline_preview_tells_the_operations_of_the_real_one(unchanged: Deployed, name: str) -> None:
    change = CHANGES[name]
    unchanged.stack.write(change.changed(unchanged.base))
    change.rewrite(unchanged.history.folder)
    assert unchanged.foreseen() == unchanged.real()


def test_another_secret_key_is_foreseen_from_its_encrypted_text(unchanged: Deployed) -> None:
    unchanged.stack.pulumi("config set", "--secret", "fate:secret-key", "another-" + "k" * 32)
    assert unchanged.foreseen() == unchanged.real()
