"""What `make down` says of the data that stays, whatever else stands in the stack's file."""

from pathlib import Path

import pytest
import yaml

from components.runtimes.ownership import Ownership
from config import DockerSettings
from setup import kept
from tests.unit.stack_values import DEV


def written(folder: Path, **more: object) -> None:
    keys = {f"fate:{key}": value for key, value in DEV.items()}
    (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": {**keys, **more}}))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    monkeypatch.setattr(kept, "_engines", lambda *_: [])
    monkeypatch.setattr(kept, "_clusters", lambda *_: [])
    monkeypatch.setattr(kept, "_secret_key_of_file", lambda _: "k" * 32)
    (tmp_path / "Pulumi.yaml").write_text("name: fate\n")
    return tmp_path


@pytest.mark.parametrize(
    "more",
    [
        {"docker:host": "unix:///var/run/docker.sock"},
        {"pulumi:disable-default-providers": ["docker"]},
        {"kubernetes:context": "x", "fate:secret-key": {"secure": "v1:a"}},
    ],
    ids=lambda more: next(iter(more)),
)
def test_keys_of_other_programs_are_passed_over(checkout: Path, more: dict[str, object]) -> None:
    written(checkout, **more)
    assert kept.main("dev") == 0


def test_a_stack_s_file_that_cannot_be_used_is_told_in_words(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(checkout, **{"fate:release": "1.0.0"})
    assert kept.main("dev") == 1
    told = capsys.readouterr().err
    assert "Pulumi.dev.yaml" in told
    assert "fate:release" in told


def test_a_stack_s_file_that_is_gone_is_told_in_words(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kept.main("dev") == 1
    assert "cannot be read" in capsys.readouterr().err


def test_an_engine_that_does_not_answer_is_named(tmp_path: Path) -> None:
    engine = DockerSettings(host=f"unix://{tmp_path}/none")
    with pytest.raises(kept.NoAnswer, match=r"none cannot be asked what it keeps: no Docker engine runs at"):
        list(kept._volumes(Ownership("fate", "dev", "9e8f1234"), engine))
