"""Bad input of a preview is refused in words: what is wrong, and what to do instead."""

import subprocess
from pathlib import Path

import pytest

from ops.__main__ import main
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
    return main(["preview", *arguments])


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


def cloned(history: History, folder: Path) -> Path:
    """Return a clone with the last commit of each branch."""
    command = ["git", "clone", "--quiet", "--depth", "1", "--no-single-branch"]
    subprocess.run([*command, f"file://{history.folder}", str(folder)], check=True)
    return folder


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
    clone = cloned(history, tmp_path_factory.mktemp("clone"))
    assert refused(clone, monkeypatch, "--base", "main", "--head", "origin/change") == 2
    told = capsys.readouterr().err
    assert "no common commit in this shallow clone" in told
    assert "git fetch --unshallow" in told
    assert "fetch-depth: 0" in told


def test_a_revision_that_a_shallow_clone_has_not_is_told_with_the_way_to_deepen_it(
    history: History,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = history.git("rev-parse", "HEAD").strip()
    history.commit("Another")
    clone = cloned(history, tmp_path_factory.mktemp("clone"))
    assert refused(clone, monkeypatch, "--base", before) == 2
    told = capsys.readouterr().err
    assert f"--base {before}: no such revision" in told
    assert "this clone is shallow: git fetch --unshallow" in told


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
    with pytest.raises(SystemExit) as ended:
        refused(history.folder, monkeypatch, "--fail-on", "exposure,dataloss")
    assert ended.value.code == 2
    assert "'dataloss' is no danger; write some of data-loss, refused, exposure" in capsys.readouterr().err


TORN = "config:\n  fate:release: '2.2.0\n"
UNUSABLE = {
    "Pulumi.dev.yaml": (TORN, "Pulumi.dev.yaml is no YAML: line 3"),
    "Pulumi.dev.yml": ("config: {}\n", "Pulumi.dev.yaml and Pulumi.dev.yml are both there"),
    "Pulumi.yaml": (TORN, "Pulumi.yaml is no YAML: line 3"),
    "__main__.py": ("import pulumi\ndef half(:\n", "__main__.py, line 2: invalid syntax"),
}


@pytest.mark.parametrize("file", UNUSABLE)
def test_a_head_that_cannot_be_used_is_told_with_its_reason_and_ends_with_1(
    history: History, file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, reason = UNUSABLE[file]
    (history.folder / file).write_text(text)
    assert refused(history.folder, monkeypatch, "--head", "worktree") == 1
    told = " ".join(capsys.readouterr().out.split())
    assert f"The head does not run: {reason}" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("file", UNUSABLE)
def test_a_base_that_cannot_be_used_is_told_and_a_head_that_mends_it_ends_with_0(
    history: History, file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, reason = UNUSABLE[file]
    (history.folder / file).write_text(text)
    base = history.commit("Broken")
    history.git("checkout", "--quiet", "HEAD^", "--", ".")
    if file == "Pulumi.dev.yml":
        (history.folder / file).unlink()
    assert refused(history.folder, monkeypatch, "--base", base, "--head", "worktree") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"The base does not run, so nothing can be compared: {reason}" in told


@pytest.mark.parametrize("output", [".", "Pulumi.yaml/below"])
def test_a_preview_that_cannot_be_written_is_told_with_its_place(
    history: History, output: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(history.folder, monkeypatch, "--output", output) == 2
    told = capsys.readouterr().err
    assert f"--output {output} cannot be written: " in told
    assert "Traceback" not in told


def test_no_worktree_is_left_behind(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    (history.folder / "README.md").write_text("changed")
    refused(history.folder, monkeypatch, "--head", "worktree")
    assert len(history.git("worktree", "list").splitlines()) == 1
