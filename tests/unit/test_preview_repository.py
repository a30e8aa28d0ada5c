"""Bad input of a preview is refused in words: what is wrong, and what to do instead."""

import subprocess
from pathlib import Path

import pytest

from preview.command import main
from tests.declared.preview_repository import History


@pytest.fixture
def history(tmp_path: Path) -> History:
    made = History(tmp_path)
    made.git("init", "--quiet", "--initial-branch", "main")
    (tmp_path / "Pulumi.yaml").write_text("name: fate\nruntime: python\n")
    (tmp_path / "__main__.py").write_text("import pulumi\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {fate:release: '2.2.0'}\n")
    made.commit("The base")
    return made


def refused(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.chdir(folder)
    return main(arguments)


def test_a_folder_without_a_repository_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert refused(tmp_path, monkeypatch) == 2
    told = capsys.readouterr().err
    assert "no git repository" in told
    assert "inside a checkout" in told


@pytest.mark.parametrize("flag", ["--base", "--head"])
def test_an_unknown_revision_is_refused_by_its_name(
    history: History, flag: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(history.folder, monkeypatch, flag, "nowhere") == 2
    told = capsys.readouterr().err
    assert f"{flag} nowhere: no such revision" in told
    assert "git branch -a" in told


def test_a_revision_that_looks_like_an_option_is_only_an_unknown_one(
    history: History, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(history.folder, monkeypatch, "--base=--output=x") == 2
    assert "no such revision" in capsys.readouterr().err
    assert not (history.folder / "x").exists()


def test_a_shallow_clone_is_told_how_to_deepen(
    history: History,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    history.git("checkout", "--quiet", "-b", "change")
    history.commit("One")
    history.git("checkout", "--quiet", "main")
    history.commit("Another")
    clone = tmp_path_factory.mktemp("clone")
    command = ["git", "clone", "--quiet", "--depth", "1", "--no-single-branch"]
    subprocess.run([*command, f"file://{history.folder}", str(clone)], check=True)
    assert refused(clone, monkeypatch, "--base", "main", "--head", "origin/change") == 2
    told = capsys.readouterr().err
    assert "no common commit in this shallow clone" in told
    assert "git fetch --unshallow" in told
    assert "fetch-depth: 0" in told


def test_histories_without_a_common_commit_are_refused(
    history: History, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    history.git("checkout", "--quiet", "--orphan", "other")
    history.commit("Another beginning")
    assert refused(history.folder, monkeypatch) == 2
    assert "have no commit in common" in capsys.readouterr().err


def test_a_stack_that_is_nowhere_is_refused_and_the_others_are_named(
    history: History, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (history.folder / "README.md").write_text("changed")
    assert refused(history.folder, monkeypatch, "--head", "worktree", "--stack", "prod") == 2
    told = capsys.readouterr().err
    assert "--stack prod: no such stack" in told
    assert "There is dev" in told


def test_two_sides_that_are_the_same_change_nothing(
    history: History, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(history.folder, monkeypatch) == 0
    assert "No stack changes" in capsys.readouterr().out


def test_the_common_commit_is_the_base_and_not_the_tip(
    history: History, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    history.git("checkout", "--quiet", "-b", "change")
    history.git("checkout", "--quiet", "main")
    (history.folder / "Pulumi.other.yaml").write_text("config: {}\n")
    history.commit("Another stack, on main only")
    assert refused(history.folder, monkeypatch, "--head", "change") == 0
    assert "No stack changes" in capsys.readouterr().out, "what main did meanwhile is not the change's doing"


def test_an_unknown_danger_is_refused_with_those_that_there_are(
    history: History, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        refused(history.folder, monkeypatch, "--fail-on", "dataloss")
    assert "data-loss, refused, exposure" in capsys.readouterr().err


def test_no_worktree_is_left_behind(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    (history.folder / "README.md").write_text("changed")
    refused(history.folder, monkeypatch, "--head", "worktree")
    assert len(history.git("worktree", "list").splitlines()) == 1
