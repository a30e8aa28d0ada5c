"""Changes that one preview tells together: each does something, and none hides what another does.

What is told alone can hide nothing: tests/engine/test_preview_truth.py sees that it does something.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ops.preview.stack_changes import StackChange
from tests.declared.preview_change import Change
from tests.declared.preview_changes import BATCHES, CLUSTER_BATCHES, SILENT, of_several
from tests.declared.preview_foresight import Foresight
from tests.declared.preview_repository import History, Values, cluster_values, values


class Base:
    """A stack of the first commit, and folders for each change to it."""

    def __init__(self, history: History, values: Values, foresight: Foresight) -> None:
        self._history = history
        self._values = values
        self._foresight = foresight

    def foreseen(self, change: Change) -> StackChange:
        """Return what the offline preview tells of a change."""
        if change.files is None:
            return self._foresight.change_of_keys(self._head("keys", change))
        folder = self._head("program", change)
        try:
            change.rewrite(folder)
            return self._foresight.change(folder)
        finally:
            shutil.rmtree(folder)

    def _head(self, name: str, change: Change) -> Path:
        """Return a copy of the base in which the stack's file is changed."""
        folder = self._history.folder.with_name(name)
        if not folder.exists():
            shutil.copytree(self._history.folder, folder, ignore=shutil.ignore_patterns(".git"))
        History(folder).stack("truth", change.changed(self._values))
        return folder


def _based(folder: Path, values: Values) -> Iterator[Base]:
    history = History.at(folder / "base")
    history.stack("truth", values)
    with Foresight.of(history.folder, "truth") as foresight:
        yield Base(history, values, foresight)


@pytest.fixture(scope="module")
def on_docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    yield from _based(tmp_path_factory.mktemp("docker"), values())


@pytest.fixture(scope="module")
def on_kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    yield from _based(tmp_path_factory.mktemp("kubernetes"), cluster_values())


@pytest.mark.parametrize("name", of_several(BATCHES))
def test_changes_on_docker_that_are_told_together_hide_nothing(on_docker: Base, name: str) -> None:
    _hide_nothing(on_docker, BATCHES[name])


@pytest.mark.parametrize("name", of_several(CLUSTER_BATCHES))
def test_changes_on_kubernetes_that_are_told_together_hide_nothing(on_kubernetes: Base, name: str) -> None:
    _hide_nothing(on_kubernetes, CLUSTER_BATCHES[name])


def _hide_nothing(base: Base, batch: Mapping[str, Change]) -> None:
    touched: dict[tuple[str, str], str] = {}
    swept: dict[str, str] = {}
    for name, change in batch.items():
        told = base.foreseen(change)
        assert told.after_failure == "", f"{name} runs"
        assert bool(told.steps) == (name not in SILENT), f"{name} does something, unless it is silent"
        for step in told.steps:
            if step["swept"]:
                swept.setdefault(step["urn"], name)
                continue
            for path in step["differs"]:
                other = touched.setdefault((step["urn"], path), name)
                assert other == name, f"{name} and {other} both change {path} of {step['urn']}"
    hidden = {urn: (path, name) for (urn, path), name in touched.items() if swept.get(urn, name) != name}
    assert hidden == {}, "what goes before something else is not compared any more"


def test_at_least_a_hundred_changes_are_compared_many_of_the_program_itself() -> None:
    changes = [
        change for batches in (BATCHES, CLUSTER_BATCHES) for b in batches.values() for change in b.values()
    ]
    assert len(changes) >= 100
    assert sum(change.files is not None for change in changes) >= 25
