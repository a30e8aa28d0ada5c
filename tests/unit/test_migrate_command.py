"""`fate migrate`: files, reports and exit codes."""

import json
from pathlib import Path

import pytest

from ops.__main__ import main
from tests.unit.migrate_examples import ENVIRONMENT, EXAMPLES, PASSWORD, SOURCES, WITHOUT_STACK

Capture = pytest.CaptureFixture[str]


def run(folder: Path, *arguments: str) -> int:
    return main(["migrate", "--output", str(folder), *arguments])


def source(tmp_path: Path, text: str, name: str = "source") -> str:
    file = tmp_path / name
    file.write_text(text)
    return str(file)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_no_password_reaches_a_file_or_the_terminal(
    name: str, form: list[str], tmp_path: Path, capsys: Capture
) -> None:
    assert run(tmp_path, str(EXAMPLES / name), *form) == 0, "every key of the examples is explained"
    seen = capsys.readouterr()
    written = "".join(file.read_text() for file in tmp_path.iterdir())
    assert PASSWORD not in seen.out + seen.err + written
    assert bool(written) is (name not in WITHOUT_STACK)


def test_the_value_of_an_unknown_key_is_not_shown(tmp_path: Path, capsys: Capture) -> None:
    conf = source(tmp_path, "party_list=(9999)\nmysql_pasword=hunter2\n")
    assert run(tmp_path, conf) == 1, "a key that nobody knows is not explained"
    told = capsys.readouterr().out
    assert "unknown: no key of KubeFATE's that this program knows; mysql_password was meant?" in " ".join(
        told.replace("│", " ").split()
    )
    assert PASSWORD not in told, "a misspelt name must not bare a password"


@pytest.mark.parametrize(
    "key", ["fateboard.pasword", "mysql.Passwrd", "spark.worker.token", "new.key", "fateboard.&a"]
)
def test_a_password_under_a_misspelt_key_is_not_shown(key: str, tmp_path: Path, capsys: Capture) -> None:
    section, _, last = key.rpartition(".")
    nested = "".join(f"{'  ' * depth}{name}:\n" for depth, name in enumerate(section.split(".")))
    indent = "  " * len(section.split("."))
    run(tmp_path, source(tmp_path, f"partyId: 9999\n{nested}{indent}{last}: {PASSWORD}\n"))
    seen = capsys.readouterr()
    assert PASSWORD not in seen.out + seen.err


def test_every_key_and_the_next_steps_are_told(tmp_path: Path, capsys: Capture) -> None:
    run(tmp_path, str(EXAMPLES / "two-machines.conf"), "--env", str(ENVIRONMENT))
    told = capsys.readouterr().out
    for text in ("kept as", "two-machines.env:4", "setup/stack.sh parties", "pulumi preview --stack parties"):
        assert text in told


def test_json_has_every_key_with_its_line_and_its_place(tmp_path: Path, capsys: Capture) -> None:
    run(tmp_path, str(EXAMPLES / "9999-spark.yaml"), "--json")
    (stack,) = json.loads(capsys.readouterr().out)["stacks"]
    keys = {row["key"]: row for row in stack["keys"]}
    assert keys["nginx.httpNodePort"] == {
        "file": str(EXAMPLES / "9999-spark.yaml"),
        "line": keys["nginx.httpNodePort"]["line"],
        "key": "nginx.httpNodePort",
        "value": "30093",
        "outcome": "kept",
        "paths": ["fate:parties[0].expose.gateway-port"],
        "note": "",
    }
    assert {row["path"] for row in stack["to_fill"]} == {
        "fate:runtime.context",
        "fate:parties[0].expose.host",
    }
    assert stack["file"] == str(tmp_path / "Pulumi.fate-9999.yaml")


def test_a_file_that_exists_is_written_over_only_by_force(tmp_path: Path, capsys: Capture) -> None:
    there = tmp_path / "Pulumi.fate-9999.yaml"
    there.write_text("mine")
    assert run(tmp_path, str(EXAMPLES / "9999-spark.yaml"), str(EXAMPLES / "10000-spark.yaml")) == 2
    assert there.read_text() == "mine"
    assert not (tmp_path / "Pulumi.fate-10000.yaml").exists(), "nothing is written, or everything"
    assert "--force" in capsys.readouterr().err
    assert run(tmp_path, "--force", str(EXAMPLES / "9999-spark.yaml")) == 0
    assert there.read_text() != "mine"


def test_strict_refuses_what_has_no_counterpart(tmp_path: Path) -> None:
    conf = "party_list=(9999)\nparty_ip_list=(192.0.2.9)\nuser=a\n"
    assert run(tmp_path, "--strict", source(tmp_path, conf)) == 0
    assert run(tmp_path, "--strict", "--force", source(tmp_path, f"{conf}exchangeip=192.0.2.1\n")) == 1
    assert run(tmp_path, "--force", source(tmp_path, f"{conf}exchangeip=192.0.2.1\n")) == 0


def test_two_files_of_one_name_make_two_stacks(tmp_path: Path) -> None:
    cluster = source(tmp_path, "name: fate\npartyId: 1\n", "a.yaml")
    run(tmp_path / "out", cluster, source(tmp_path, "name: fate\npartyId: 2\n", "b.yaml"))
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "Pulumi.fate-2.yaml",
        "Pulumi.fate.yaml",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "neither a parties.conf nor a cluster.yaml"),
        ("party_list=($(seq 3))\n", "line 1: $( begins an expansion"),
        ("name: a\nname: b\n", "line 2: name is written twice"),
        ("name: [\n", "is no YAML"),
    ],
)
def test_a_source_that_cannot_be_read_is_refused_with_its_line(
    text: str, problem: str, tmp_path: Path, capsys: Capture
) -> None:
    assert run(tmp_path / "out", source(tmp_path, text)) == 2
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_faults_of_all_files_are_told_at_once(tmp_path: Path, capsys: Capture) -> None:
    bad = [
        source(tmp_path, "a: [\n", "a.yaml"),
        source(tmp_path, "for x\n", "b.conf"),
        str(tmp_path / "none"),
    ]
    assert run(tmp_path / "out", *bad) == 2
    told = capsys.readouterr().err
    assert all(name in told for name in bad), told


@pytest.mark.parametrize(
    "arguments",
    [
        ["9999-spark.yaml", "10000-spark.yaml", "--stack", "one"],
        ["9999-spark.yaml", "10000-spark.yaml", "--host", "192.0.2.9"],
        ["9999-spark.yaml", "--env", str(ENVIRONMENT)],
    ],
)
def test_wishes_that_do_not_go_with_the_files_are_refused(
    arguments: list[str], tmp_path: Path, capsys: Capture
) -> None:
    named = [str(EXAMPLES / each) if each.endswith("spark.yaml") else each for each in arguments]
    assert run(tmp_path, *named) == 2
    assert "leave" in capsys.readouterr().err, "the message tells the way out"


def test_the_folder_of_the_output_is_told_where_it_is_not_the_checkout(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, str(EXAMPLES / "this-machine.conf"))
    assert "into the checkout" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path)
    assert main(["migrate", "--force", str(EXAMPLES / "this-machine.conf")]) == 0
    assert "into the checkout" not in capsys.readouterr().out
