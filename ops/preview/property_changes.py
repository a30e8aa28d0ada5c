"""What changes inside a resource, by property: `old -> new`, or the lines of a file; never a secret."""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diff.differences import Change
from diff.values import Unknown
from ops.preview.resource import ABSENT, Key, keys_of, part_of
from ops.preview.seal import Secret
from ops.preview.steps import Step

SECRET = "[secret]"
OTHER_SECRET = "[another secret]"
UNKNOWN = "(known after up)"
LONGEST = 160
NAMING = ("file", "label", "name", "containerPath", "internal", "mountPath", "key", "target", "host")
"""The fields by which an element of a list is known, in the order in which they are tried."""


def shown(value: object) -> str:
    """Return a value on one line, cut where it is long."""
    visible = _visible(value)
    text = str(visible) if isinstance(value, Secret | Unknown) else json.dumps(visible, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _visible(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _visible(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_visible(part) for part in value]
    if isinstance(value, Secret):
        return SECRET
    return UNKNOWN if isinstance(value, Unknown) else value


@dataclass(frozen=True)
class PropertyChange:
    """One property: its path, what it was and will be, or the changed lines of a longer text."""

    path: str
    old: str | None
    new: str | None
    lines: tuple[str, ...] = ()


def changes_in(step: Step) -> list[PropertyChange]:
    """Return what changes inside a resource that is updated or replaced; each path once."""
    if step.old is None or step.new is None:
        return []
    before, after = step.old.inputs, step.new.inputs
    found: dict[str, tuple[object, object]] = {}
    for changes in step.changed.values():
        for path, change in changes.items():
            for name, old, new in _leaves(before, after, path, change):
                was, will = found.get(name, (ABSENT, ABSENT))
                found[name] = (old if was is ABSENT else was, new if will is ABSENT else will)
    return [_change(path, old, new) for path, (old, new) in found.items() if old != new]


def _leaves(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str, change: Change
) -> Iterator[tuple[str, object, object]]:
    """Yield what stands below a path on either side, each part under the name of the element it is in."""
    keys = keys_of(path)
    if change is not Change.ADD:
        yield from ((name, leaf, ABSENT) for name, leaf in _below(*_found(before, keys)))
    if change is not Change.DELETE:
        yield from ((name, ABSENT, leaf) for name, leaf in _below(*_found(after, keys)))


def _below(value: object, name: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, part in sorted(value.items()):
            yield from _below(part, f"{name}.{key}" if str(key).isidentifier() else f'{name}["{key}"]')
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for index, part in enumerate(value):
            yield from _below(part, f"{name}[{_known_by(part, index)}]")
    elif value is not ABSENT:
        yield name, value


def _found(root: object, keys: list[Key]) -> tuple[object, str]:
    """Walk down a path, and name each element of a list by what tells it apart."""
    value, name = root, ""
    for key in keys:
        parent, value = value, part_of(value, key)
        if isinstance(key, int):
            name += f"[{_known_by(value, key)}]" if isinstance(parent, list) else f"[{key}]"
        else:
            name += f".{key}" if name and key.isidentifier() else key if not name else f'["{key}"]'
    return value, name


def _known_by(element: object, index: int) -> str:
    if isinstance(element, Mapping):
        for field in NAMING:
            if field in element:
                return str(element[field])
    return str(index)


def _change(path: str, old: object, new: object) -> PropertyChange:
    if isinstance(old, Secret) and isinstance(new, Secret):
        return PropertyChange(path, SECRET, OTHER_SECRET)
    texts = [value for value in (old, new) if value is not ABSENT]
    if all(isinstance(text, str) for text in texts) and any("\n" in str(text) for text in texts):
        before, after = ("" if value is ABSENT else str(value) for value in (old, new))
        return PropertyChange(path, None, None, _lines(before, after))
    was, will = (None if value is ABSENT else shown(value) for value in (old, new))
    return PropertyChange(path, was, will)


def _lines(old: str, new: str) -> tuple[str, ...]:
    """Return a unified diff without its header of two file names."""
    diff = difflib.unified_diff(old.splitlines(), new.splitlines(), n=2, lineterm="")
    return tuple(diff)[2:]
