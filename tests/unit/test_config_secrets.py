"""A stack's secret key where a checkout keeps it, given secrets, and any other refused by its place."""

import json
from pathlib import Path

import pytest
import yaml

from config import ConfigurationFault, check_secrets, kept_secret_key, load
from config.secret_key import KEPT
from config.secrets import sealed_again, values_of
from ops.__main__ import main
from tests.unit.stack_examples import OF_SECRETS
from tests.unit.stack_values import DEV, Values

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


def test_secrets_are_taken_where_they_belong(tmp_path: Path) -> None:
    check_secrets(["secret-key", "secrets"], stack_file(tmp_path, **{"fate:secrets": {"a": SEALED}}))


def test_a_secret_in_plain_text_beside_others_is_refused(tmp_path: Path) -> None:
    file = stack_file(tmp_path, **{"fate:secrets": {"a": SEALED, "b": "hunter2"}})
    (fault,) = refused(["secrets"], file).faults
    assert fault.path == "fate:secrets.b"
    assert "hunter2" not in str(fault)


def test_a_secret_that_is_no_name_s_is_refused(tmp_path: Path) -> None:
    file = stack_file(tmp_path, **{"fate:secrets": SEALED, "fate:parties": []})
    assert main(["check", str(file)]) == 1


def test_what_pulumi_opened_is_closed_again() -> None:
    opened = '{"models": "hunter2"}'
    assert sealed_again(opened, encrypted=True) == {"models": {"secure": ""}}
    settings = load({**DEV, "secrets": sealed_again(opened, encrypted=True)})
    assert "hunter2" not in repr(settings), "a model holds names alone"


@pytest.mark.parametrize("value", ["a'b\"c\\d/e&f", "-----BEGIN KEY-----\nMII=\n-----END KEY-----"])
def test_a_value_is_one_line_or_a_pem_file(value: str) -> None:
    assert values_of(json.dumps({"a": value})) == {"a": value}


@pytest.mark.parametrize(
    "value", ["", "hunter 2", "hunter\t2", "hunter\n2", "hünter2", 7, None, {"a": "hunter2"}]
)
def test_a_value_that_no_file_takes_is_refused_and_not_repeated(value: object) -> None:
    with pytest.raises(ConfigurationFault, match=r"fate:secrets\.a: is neither one line") as raised:
        values_of(json.dumps({"a": value}))
    assert "hunter" not in str(raised.value)


@pytest.mark.parametrize("opened", ["hunter2", '"hunter2"', "[1]"])
def test_one_value_for_all_secrets_is_refused_and_not_repeated(opened: str) -> None:
    with pytest.raises(ConfigurationFault, match="must be names with a value each") as raised:
        values_of(opened)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("values", [example[0] for example in OF_SECRETS.values()], ids=OF_SECRETS)
def test_a_refusal_repeats_no_password(values: Values) -> None:
    with pytest.raises(ConfigurationFault) as raised:
        load(values)
    assert "unter" not in str(raised.value)


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
