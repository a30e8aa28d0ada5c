"""The offline preview tells the operations that `pulumi preview` tells, for changes to every setting."""

import copy
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException

from preview.as_json import as_json
from preview.command import previewed
from tests.cluster.conftest import CLUSTER, with_namespaces_removed
from tests.cluster.kubectl import cluster_is_missing
from tests.declared.preview_changes import CHANGES, CLUSTER_CHANGES, Change
from tests.declared.preview_repository import ROOT, History, values
from tests.engine.plugin_project import pulumi
from tests.project import Project, Stack

NOT_OURS = ("pulumi:pulumi:Stack", "pulumi:pulumi:StackReference")
UNMOVED = ("same", "refresh", "read")


@dataclass(frozen=True)
class Deployed:
    """A stack that is up as its first commit says, in a repository of its own."""

    history: History
    stack: Stack
    base: dict[str, Any]

    def make(self, change: Change) -> None:
        """Change the stack's file and the program's."""
        self.stack.write(change.changed(self.base))
        change.rewrite(self.history.folder)

    def foreseen(self) -> dict[str, str]:
        """Return the operations of the offline preview, by URN."""
        told = json.loads(as_json(previewed(self.history.folder, "main", "worktree", [self.stack.name])))
        stack = told["stacks"][0]
        assert stack["head-failure"] == stack["base-failure"] == ""
        return {step["urn"]: step["operation"] for step in stack["steps"]}

    def real(self) -> dict[str, str]:
        """Return the operations of `pulumi preview`, by URN."""
        found: dict[str, str] = {}
        for step in json.loads(self._previewed())["steps"]:
            if step["urn"].split("::")[2].rpartition("$")[2] not in NOT_OURS:
                found[step["urn"]] = "replace" if "replace" in step["op"] else step["op"]
        return {urn: operation for urn, operation in found.items() if operation not in UNMOVED}

    def _previewed(self) -> str:
        ended = subprocess.run(
            ["pulumi", "preview", "--json", "--non-interactive", "--stack", self.stack.name],
            cwd=self.history.folder,
            env=self.stack.project.environment | {"FATE_PREFLIGHT": "off"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
        return ended.stdout


@contextmanager
def up(folder: Path, name: str, base: dict[str, Any]) -> Iterator[Deployed]:
    """Deploy a stack from a repository of its own, and take it away."""
    history = History.at(folder)
    (folder / ".gitignore").write_text("/.venv\n/state\n__pycache__\n")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "state").mkdir()
    stack = Project(folder).stack(name, base)
    history.commit("The base")
    try:
        stack.up()
        yield Deployed(history, stack, base)
    finally:
        history.git("reset", "--quiet", "--hard", "main")
        stack.destroy()


@pytest.fixture(scope="module")
def on_docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    _needs_docker()
    base = values(mirror={"kind": "distribution", "port": 5077})
    for party, port in zip(base["parties"], (19480, 19481), strict=True):
        party["api"] = {"port": port}
    with up(tmp_path_factory.mktemp("docker"), "truth", base) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def on_kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    _needs_docker()
    missing = cluster_is_missing()
    if missing:
        pytest.skip(missing)
    base = values(mirror={"kind": "distribution", "port": 5079, "address": "localhost:5079"})
    for party in base["parties"]:
        del party["api"]
        party["runtime"] = copy.deepcopy(CLUSTER)
    with_namespaces_removed("truth-pods")
    try:
        with up(tmp_path_factory.mktemp("kubernetes"), "truth-pods", base) as deployed:
            yield deployed
    finally:
        with_namespaces_removed("truth-pods")


def _needs_docker() -> None:
    if pulumi() is None:
        pytest.skip("no pulumi: run `make pulumi`")
    try:
        docker.from_env().close()
    except DockerException as reason:
        pytest.skip(f"no Docker engine: {reason}")


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_on_docker_is_foreseen_as_the_engine_sees_it(on_docker: Deployed, name: str) -> None:
    on_docker.history.git("reset", "--quiet", "--hard", "main")
    on_docker.make(CHANGES[name])
    assert on_docker.foreseen() == on_docker.real()


def test_another_secret_key_is_foreseen_from_its_encrypted_text(on_docker: Deployed) -> None:
    on_docker.history.git("reset", "--quiet", "--hard", "main")
    on_docker.stack.pulumi("config set", "--secret", "fate:secret-key", "another-" + "k" * 32)
    assert on_docker.foreseen() == on_docker.real()


@pytest.mark.parametrize("name", CLUSTER_CHANGES)
def test_a_change_on_kubernetes_is_foreseen_as_the_engine_sees_it(on_kubernetes: Deployed, name: str) -> None:
    on_kubernetes.history.git("reset", "--quiet", "--hard", "main")
    on_kubernetes.make(CLUSTER_CHANGES[name])
    assert on_kubernetes.foreseen() == on_kubernetes.real()
