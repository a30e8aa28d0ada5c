"""A stack's one secret where a checkout keeps it, and every other secret refused by its place."""

from pathlib import Path

import pytest
import yaml

from config import ConfigurationFault, check_secrets, kept_secret_key
from config.secret_key import KEPT
from ops.__main__ import main
from tests.unit.stack_values import DEV

SEALED = {"secure": "v1:nonce:text"}
TOKEN = "fate:parties[0].services.fateflow.environment.TOKEN"


def stack_file(folder: Path, **more: object) -> Path:
    keys = {f"fate:{key}": value for key, value in DEV.items()}
    party = {**DEV["parties"][0], "services": {"fateflow": {"environment": {"TOKEN": SEALED}}}}
    config = {**keys, "fate:parties": [party], "fate:secret-key": SEALED, "docker:host": "tcp://x", **more}
    file = folder / "Pulumi.dev.yaml"
    file.write_text(yaml.safe_dump({"config": config}))
    return file


def refused(keys: list[str], file: Path) -> ConfigurationFault:
    with pytest.raises(ConfigurationFault) as caught:
        check_secrets(keys, file)
    return caught.value


def test_a_secret_in_a_list_is_refused_by_its_place_with_what_to_type(tmp_path: Path) -> None:
    (fault,) = refused(["parties", "secret-key"], stack_file(tmp_path)).faults
    assert fault.path == TOKEN
    assert "plain text" in fault.problem, "the reason is told"
    assert f"pulumi config rm --path '{TOKEN}'" in fault.remedy


def test_every_secret_is_told_at_once(tmp_path: Path) -> None:
    file = stack_file(tmp_path, **{"fate:release": SEALED})
    assert [fault.path for fault in refused(["release", "parties"], file).faults] == [TOKEN, "fate:release"]


def test_a_secret_whose_file_cannot_be_read_is_refused_by_its_key(tmp_path: Path) -> None:
    (fault,) = refused(["parties"], tmp_path / "absent.yaml").faults
    assert fault.path == "fate:parties"


@pytest.mark.parametrize("content", [b"- 1", b"config:", b"config: [", b"\xff\xfe\x00", b""])
def test_a_file_that_is_no_stack_s_does_not_hide_the_refusal(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_bytes(content)
    assert refused(["parties"], file).faults


def test_the_one_secret_is_taken(tmp_path: Path) -> None:
    check_secrets(["secret-key"], stack_file(tmp_path))


def test_config_check_refuses_another_secret_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(stack_file(tmp_path))]) == 1
    assert TOKEN in capsys.readouterr().err


def test_a_checkout_keeps_a_secret_for_each_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEPT, str(tmp_path))
    (tmp_path / "dev").write_text("k" * 64 + "\n")
    assert kept_secret_key("dev") == "k" * 64
    assert kept_secret_key("other") is None


def test_nothing_is_kept_where_no_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEPT, raising=False)
    assert kept_secret_key("dev") is None


def test_a_kept_secret_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEPT, str(tmp_path))
    (tmp_path / "dev").mkdir()
    with pytest.raises(ConfigurationFault, match="cannot be read"):
        kept_secret_key("dev")
