"""The locks of recipes: what is asked, and what is written down of the answers."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from images import engine, lock


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a made-up recipe."""
    monkeypatch.setattr(lock, "context", lambda name: tmp_path / name)
    (tmp_path / "meal").mkdir()
    return tmp_path / "meal"


def answering(monkeypatch: pytest.MonkeyPatch, output: str = "", fault: str = "") -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        for option in command:
            if option.startswith("-Djars="):
                _put_jars(Path(option.removeprefix("-Djars=")))
        return subprocess.CompletedProcess(command, 1 if fault else 0, output, fault)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/mvn")


def _put_jars(folder: Path) -> None:
    for path in ("org/b/1/b-1.jar", "org/a-x/1/a-x-1.jar", "org/a/1/a-1.jar", "org/a/1/a-1.pom"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)


def test_jars_are_locked_by_their_paths_in_order(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (recipe / "pom.xml").write_text("<project/>")
    answering(monkeypatch)
    assert list(lock.regenerate(["meal"])) == [recipe / "jars.lock"]
    header, *lines = (recipe / "jars.lock").read_text().splitlines()
    assert header == "# Made by `fate images lock` from pom.xml; edit that, not this."
    paths = ["org/a-x/1/a-x-1.jar", "org/a/1/a-1.jar", "org/b/1/b-1.jar"]
    assert lines == [f"{hashlib.sha256(path.encode()).hexdigest()}  {path}" for path in paths]


def test_what_is_locked_is_what_sha256sum_checks(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (recipe / "pom.xml").write_text("<project/>")
    with monkeypatch.context() as patched:
        answering(patched)
        list(lock.regenerate(["meal"]))
    _put_jars(recipe)
    check = ["sha256sum", "--check", "--strict", "--quiet", "jars.lock"]
    assert subprocess.run(check, cwd=recipe, check=False).returncode == 0
    (recipe / "org/b/1/b-1.jar").write_text("another")
    told = subprocess.run(check, cwd=recipe, check=False, capture_output=True, text=True)
    assert told.returncode != 0
    assert "org/b/1/b-1.jar: FAILED" in told.stdout, "the build names the jar that differs"


def test_python_packages_are_locked_by_what_the_index_answers(
    recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (recipe / "requirements.in").write_text("six==1.16.0\n")
    answering(monkeypatch, "six==1.16.0 --hash=sha256:1\n")
    assert list(lock.regenerate(["meal"])) == [recipe / "requirements.lock"]
    assert (
        (recipe / "requirements.lock")
        .read_text()
        .endswith("edit that, not this.\nsix==1.16.0 --hash=sha256:1\n")
    )


def test_a_recipe_without_packages_of_registries_has_no_lock(recipe: Path) -> None:
    assert list(lock.regenerate(["meal"])) == []


def test_without_maven_what_to_install_is_named(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (recipe / "pom.xml").write_text("<project/>")
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(engine.ImageError, match=r"meal/pom\.xml was not locked.*apt-get install maven"):
        list(lock.regenerate(["meal"]))


@pytest.mark.parametrize("source", ["requirements.in", "pom.xml"])
def test_a_registry_s_refusal_is_told_and_the_lock_stays(
    recipe: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    (recipe / source).write_text("six==99")
    answering(monkeypatch, fault="no version 99")
    with pytest.raises(
        engine.ImageError, match=f"meal/{source} was not locked: no version 99\nCorrect the pin"
    ):
        list(lock.regenerate(["meal"]))
    assert [path.name for path in recipe.iterdir()] == [source]
