"""A change to a stack's keys or to the program, as the tests of the preview write it down."""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from typing import Any

from tests.declared.preview_repository import Values


@dataclass(frozen=True)
class Change:
    """What a change does to a stack's keys, and to the program's files."""

    keys: Callable[[Values], object] = lambda values: None
    files: Mapping[str, Callable[[str], str]] | None = None

    def changed(self, base: Mapping[str, Any]) -> Values:
        """Return the stack's keys after the change."""
        values: Values = copy.deepcopy(dict(base))
        self.keys(values)
        return values

    def rewrite(self, folder: Path) -> None:
        """Change the program's files."""
        for name, rewritten in (self.files or {}).items():
            file = folder / name
            file.write_text(rewritten(file.read_text()))

    @classmethod
    def together(cls, changes: Iterable["Change"]) -> "Change":
        """Return all of these changes in one."""
        made = tuple(changes)
        files: dict[str, list[Callable[[str], str]]] = {}
        for change in made:
            for name, rewritten in (change.files or {}).items():
                files.setdefault(name, []).append(rewritten)
        return cls(
            lambda values: [change.keys(values) for change in made],
            {name: partial(_rewritten, tuple(steps)) for name, steps in files.items()},
        )


def _rewritten(steps: Iterable[Callable[[str], str]], text: str) -> str:
    return reduce(lambda done, step: step(done), steps, text)


def party(place: int, **keys: object) -> Change:
    """Give a party other keys."""
    return Change(lambda values: values["parties"][place].update(keys))


def service(name: str, **keys: object) -> Change:
    """Override keys of a service of the first party."""
    return Change(
        lambda values: values["parties"][0].setdefault("services", {}).setdefault(name, {}).update(keys)
    )


def stack(**keys: object) -> Change:
    """Give the stack other keys."""
    return Change(lambda values: values.update(keys))


def code(file: str, old: str, new: str) -> Change:
    """Write `new` instead of the first `old` of a file."""

    def rewritten(text: str) -> str:
        assert old in text, f"{file} no longer says {old}"
        return text.replace(old, new, 1)

    return Change(files={file: rewritten})


def ends_with(file: str, line: str) -> Change:
    """Add a line to a file."""
    return Change(files={file: lambda text: f"{text}{line}\n"})
