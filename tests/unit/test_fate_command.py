"""The one command of operators: what it lists, what it completes, where it can be called."""

import os
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from ops.__main__ import COMMANDS, main

ROOT = Path(__file__).parents[2]


def test_the_help_tells_what_every_command_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    for name, command in COMMANDS.items():
        assert f"{name} {command.summary}" in told


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_tells_its_own_arguments(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    assert f"fate {name}" in capsys.readouterr().out
    assert callable(import_module(COMMANDS[name].module).run)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_it(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--completion", shell])
    told = capsys.readouterr().out
    assert all(word in told for word in ("doctor", "if-interrupted", "fail-on")), "flags of commands too"


@pytest.mark.parametrize("given", [[], ["docter"]])
def test_no_command_and_an_unknown_one_are_refused(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(given)
    assert "COMMAND" in capsys.readouterr().err


def test_it_can_be_called_from_any_folder_and_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "fate").symlink_to(ROOT / "bin" / "fate")
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "__main__.py").write_text("raise SystemExit('a folder of the same name')")
    ended = subprocess.run(
        [tmp_path / "fate", "check", ROOT / "Pulumi.dev.yaml"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "9999" in ended.stdout
