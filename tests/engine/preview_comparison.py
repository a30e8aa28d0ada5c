"""What a change to a stack comes to: as the offline preview foresees it, and as Pulumi previews it."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diff.differences import property_of
from tests.declared.preview_change import Change
from tests.declared.preview_changes import Batches
from tests.declared.preview_foresight import Foresight
from tests.project import Project, Stack

NOT_OURS = ("pulumi:pulumi:Stack", "pulumi:pulumi:StackReference")
UNMOVED = ("same", "refresh", "read")
PARTS = ("create-replacement", "delete-replaced")
"""Of a replacement, that is told as a whole too."""
AT_ONCE = 3
"""Previews that run side by side. They take no lock, and each waits for something now and then."""

Properties = Mapping[str, bool]
Told = Mapping[str, tuple[str, Properties | None]]
"""For each resource that moves, by its URN: what happens to it, and of each property that differs whether
that replaces it. None where Pulumi tells no property: of a provider, and of what only goes before something
that it depends on.
"""
FILLER = "-secrets"
"""A container whose files are secrets: which of them comes first, only their values tell."""
SECRET = "$kubernetes:core/v1:Secret::"


@dataclass(frozen=True)
class Both:
    """The two previews of one change."""

    foreseen: Told
    real: Told


class Comparisons:
    """The changes to one stack. All that are asked for run side by side, each in a copy of its folder."""

    def __init__(self, stack: Stack, base: Mapping[str, Any], foresight: Foresight) -> None:
        self._stack = stack
        self._base = base
        self._foresight = foresight
        self._heads = stack.project.folder.with_name("heads")
        self._futures: dict[str, Future[Both]] = {}

    @classmethod
    @contextmanager
    def of(cls, stack: Stack, base: Mapping[str, Any], batches: Batches) -> Iterator["Comparisons"]:
        """Begin with all batches, some of them at once."""
        with Foresight.of(stack.project.folder, stack.name) as foresight, ThreadPoolExecutor(AT_ONCE) as pool:
            made = cls(stack, base, foresight)
            for name, changes in batches.items():
                change = Change.together(changes.values())
                made._futures[name] = pool.submit(made._compared, name, made._maker(change))
            try:
                yield made
            finally:
                pool.shutdown(cancel_futures=True)

    def both(self, name: str) -> Both:
        """Return what is foreseen of a batch of changes, and what Pulumi previews."""
        return self._futures[name].result()

    def with_another_secret_key(self) -> Both:
        """Return both where the stack's one secret is another."""

        def make(head: Stack) -> None:
            head.pulumi("config set", "--secret", "fate:secret-key", "another-" + "k" * 32)

        return self._compared("another secret key", make)

    def _maker(self, change: Change) -> Callable[[Stack], None]:
        def make(head: Stack) -> None:
            head.write(change.changed(self._base))
            change.rewrite(head.project.folder)

        return make

    def _compared(self, name: str, make: Callable[[Stack], None]) -> Both:
        root, folder = self._stack.project.folder, self._heads / re.sub(r"\W+", "-", name)
        shutil.copytree(root, folder, symlinks=True, ignore=shutil.ignore_patterns("state", ".git"))
        (folder / "state").symlink_to(root / "state")
        head = Stack(Project(folder), self._stack.name)
        make(head)
        both = Both(_foreseen(self._foresight, folder), _real(head))
        shutil.rmtree(folder)
        return both


def _foreseen(foresight: Foresight, folder: Path) -> Told:
    change = foresight.change(folder)
    assert (change.before_failure, change.after_failure) == ("", ""), "both sides run"
    return {step["urn"]: (step["operation"], _differing(step)) for step in change.steps}


def _differing(step: Mapping[str, Any]) -> Properties | None:
    if step["swept"] or _is_provider(step["urn"]):
        return None
    return _of(step["urn"], {path: path in step["because"] for path in step["differs"]})


def _real(head: Stack) -> Told:
    told: dict[str, tuple[str, Properties | None]] = {}
    for step in json.loads(_previewed(head))["steps"]:
        urn, kind = step["urn"], step["urn"].split("::")[2].rpartition("$")[2]
        if kind not in NOT_OURS and step["op"] not in UNMOVED and step["op"] not in PARTS:
            told[urn] = _step(step)
    return told


def _step(step: Mapping[str, Any]) -> tuple[str, Properties | None]:
    differing = step.get("detailedDiff")
    if _is_provider(step["urn"]) or (differing is None and step["op"] == "replace"):
        return step["op"], None
    differing = differing or {}
    replacing = {path: told["kind"].endswith("-replace") for path, told in differing.items()}
    return step["op"], _of(step["urn"], replacing)


def _is_provider(urn: str) -> bool:
    return "::pulumi:providers:" in urn


def _of(urn: str, differing: Properties) -> Properties:
    if not urn.endswith(FILLER) and SECRET not in urn:
        return differing
    return {property_of(path): replaces for path, replaces in differing.items()}


def _previewed(head: Stack) -> str:
    ended = subprocess.run(
        ["pulumi", "preview", "--json", "--non-interactive", "--stack", head.name],
        cwd=head.project.folder,
        env=head.project.environment | {"FATE_PREFLIGHT": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return ended.stdout
