"""`make base` and the stack are on one engine: the stack's, whatever the shell's."""

from pathlib import Path

import pytest
import yaml

from setup.engine import builder_of, main
from tests.declared.kubernetes_stacks import REGISTRY_IMAGE, stack
from tests.declared.program import stack_file

FAR = "ssh://fate@far.example"


def written(folder: Path, values: dict[str, object]) -> Path:
    file = folder / "Pulumi.trial.yaml"
    file.write_text(yaml.safe_dump({"config": {f"fate:{key}": value for key, value in values.items()}}))
    return file


def test_the_engine_that_builds_is_the_stack_s_own(tmp_path: Path) -> None:
    values = stack_file("dev")
    assert builder_of(written(tmp_path, values)).host == "unix:///var/run/docker.sock"
    values["runtime"] = {"kind": "docker", "host": FAR, "ssh-options": ["-i", "key"]}
    engine = builder_of(written(tmp_path, values))
    assert (engine.host, engine.ssh_options) == (FAR, ("-i", "key"))


def test_a_stack_on_a_cluster_is_built_for_by_its_builder(tmp_path: Path) -> None:
    mirror = {"kind": "distribution", "port": 30500, "image": REGISTRY_IMAGE, "builder": {"host": FAR}}
    assert builder_of(written(tmp_path, stack(mirror=mirror))).host == FAR


def test_a_stack_that_cannot_be_read_is_left_to_the_preview(tmp_path: Path) -> None:
    assert builder_of(tmp_path / "Pulumi.none.yaml").host == "unix:///var/run/docker.sock"


def test_the_shell_s_own_engine_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert main("dev") == 0
    assert capsys.readouterr().out == "unix:///var/run/docker.sock\n"
