"""The one command of operators: what it lists, what it completes, where it can be called."""

import argparse
import os
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from ops.__main__ import COMMANDS, main, parser
from tests.conftest import Golden

ROOT = Path(__file__).parents[2]
HEAD = """\
# The command fate

<!-- Written by `pytest tests/unit/test_fate_command.py --update-golden`. Change the commands instead. -->

| Command | Meaning |
| --- | --- |"""


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


def test_the_page_of_the_command_is_fresh(golden: Golden) -> None:
    golden(str(ROOT / "docs/fate.md"), "\n".join([HEAD, *rows(parser(COMMANDS), ""), ""]))


def rows(command: argparse.ArgumentParser, purpose: str) -> Iterator[str]:
    """Yield a row for a command, for each of its arguments, and then those of its subcommands."""
    told = " ".join(part for part in (command.description or purpose, command.epilog) if part)
    yield f"| `{command.prog}` | {told} |"
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action._choices_actions:
                yield from rows(action.choices[each.dest], each.help or "")
        elif action.dest != "help":
            yield f"| `{command.prog} {written(action)}` | {(action.help or '') % vars(action)} |"


def written(action: argparse.Action) -> str:
    """Return an argument as it is typed."""
    choices = "{" + ",".join(action.choices) + "}" if action.choices else action.dest.upper()
    value = str(action.metavar or choices)
    return (
        ", ".join(name if action.nargs == 0 else f"{name} {value}" for name in action.option_strings) or value
    )
