"""`fate sql`: what is to be run in the databases that others run."""

from pathlib import Path

import pytest
import yaml

from ops.__main__ import main
from tests.unit.external_examples import DATABASE, SECRETS, outside
from tests.unit.stack_values import Values, eggroll, one


def written(folder: Path, values: Values) -> str:
    file = folder / "Pulumi.bank.yaml"
    file.write_text(yaml.safe_dump({"config": {f"fate:{key}": value for key, value in values.items()}}))
    return str(file)


def test_schema_and_account_are_printed_without_a_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, one(**outside(database={**DATABASE, "user": "o'fate"})) | SECRETS)
    assert main(["sql", file]) == 0
    told = capsys.readouterr().out
    assert "-- party 9999, at db.bank.example:3306" in told
    assert "CREATE DATABASE IF NOT EXISTS `fate_flow` CHARACTER SET utf8mb4;" in told
    assert "CREATE USER IF NOT EXISTS 'o''fate'@'%' IDENTIFIED BY 'PASSWORD';" in told
    assert "GRANT ALL ON `fate_flow`.* TO 'o''fate'@'%';" in told
    assert "server_node" not in told, "FATE-Flow makes its tables itself"


def test_eggroll_s_tables_are_printed_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, eggroll(**outside(database={**DATABASE, "database": "bank"})) | SECRETS)
    assert main(["sql", file]) == 0
    assert "CREATE TABLE IF NOT EXISTS `bank`.server_node (" in capsys.readouterr().out


def test_a_stack_without_such_a_database_wants_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sql", written(tmp_path, one())]) == 1
    assert "nothing is to be run" in capsys.readouterr().err


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", written(tmp_path, one(**outside(database=DATABASE)))]) == 1
    assert "names no secret" in capsys.readouterr().err
