"""What differs between two states of a resource, by path, and which of it replaces the resource.

It tells what pulumi-terraform-bridge tells: the elements of a set by their places in the program, where each
changed one can be found there with all its fields, else the whole set.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from diff.differences import Change, Changes, field_of
from diff.shape import Kind, Property, Shape
from diff.state import empty, essence
from diff.values import DEFAULTS, Unknown, contains_unknown

NONE: tuple[object, ...] = (None, [])
SCALAR = (Kind.TEXT, Kind.NUMBER, Kind.SWITCH)


@dataclass(frozen=True)
class Row:
    """One place that differs."""

    path: str
    change: Change
    replaces: bool


@dataclass(frozen=True)
class Comparison:
    """All that differs: for each property the changes inside it by path, and the paths that replace."""

    changes: dict[str, Changes] = field(default_factory=dict)
    replacing: frozenset[str] = frozenset()


def compared(
    shape: Shape, old: Mapping[str, Any], new: Mapping[str, Any], inputs: Mapping[str, Any]
) -> Comparison:
    """Compare a state with the one that `inputs` lead to."""
    changes: dict[str, Changes] = {}
    replacing: set[str] = set()
    for name, prop in shape.items():
        before, after = (
            old.get(name),
            new.get(name, {} if prop.kind is Kind.TABLE and old.get(name) else None),
        )
        if same(prop, before, after):
            continue
        rows = list(_between(_Place(name, prop, not prop.in_place, inputs.get(name)), before, after))
        changes[name] = {row.path: row.change for row in rows}
        replacing |= {row.path for row in rows if row.replaces}
    return Comparison(changes, frozenset(replacing))


def same(prop: Property, old: Any, new: Any) -> bool:  # noqa: ANN401 -- a property value is any JSON value
    """Return whether two values of a property mean the same: what is empty counts as left out."""
    before, after = essence(old), essence(new)
    if empty(before) and empty(after):
        return True
    if prop.kind is Kind.LIST and isinstance(before, list) and isinstance(after, list) and _of_objects(prop):
        return len(before) == len(after) and sorted(map(_dumped, before)) == sorted(map(_dumped, after))
    return bool(before == after)


@dataclass(frozen=True)
class _Place:
    """Where in a resource two values are compared, and what a program declares there."""

    path: str
    prop: Property
    replaces: bool
    declared: Any = None

    def inside(self, suffix: str, prop: Property, declared: object) -> "_Place":
        return _Place(f"{self.path}{suffix}", prop, self.replaces or not prop.in_place, declared)

    def row(self, change: Change, value: object = None) -> Row:
        return Row(self.path, change, self.replaces or _replaces_inside(self.prop, value))


def _replaces_inside(prop: Property, value: object) -> bool:
    """Return whether something that a value has is such that its coming or going replaces the resource."""
    if isinstance(value, Mapping):
        parts = ((prop.part(name), part) for name, part in value.items() if part is not None)
        return any(part and (not part.in_place or _replaces_inside(part, v)) for part, v in parts)
    if isinstance(value, list) and prop.element and prop.element.kind not in SCALAR:
        return any(_replaces_inside(prop.element, part) for part in value)
    return False


def _between(place: _Place, old: Any, new: Any) -> Iterator[Row]:  # noqa: ANN401 -- any JSON value
    if old in NONE and new in NONE:
        return
    if old in NONE:
        yield place.row(Change.ADD, new)
    elif new in NONE:
        yield place.row(Change.DELETE, old)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _between_fields(place, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _between_lists(place, old, new)
    elif old != new:
        yield place.row(Change.UPDATE)


def _between_fields(place: _Place, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Row]:
    for name in sorted({*old, *new} - {DEFAULTS}):
        part = place.prop.part(name)
        if part is not None:
            declared = place.declared.get(name) if isinstance(place.declared, Mapping) else None
            yield from _between(
                place.inside(field_of("", name), part, declared), old.get(name), new.get(name)
            )


def _between_lists(place: _Place, old: list[Any], new: list[Any]) -> Iterator[Row]:
    if place.prop.unordered:
        yield from _between_sets(place, old, new)
    elif _of_objects(place.prop):
        for index in range(max(len(old), len(new))):
            before, after = (side[index] if index < len(side) else None for side in (old, new))
            yield from _between(_element(place, index), before, after)
    elif contains_unknown(new):
        yield place.row(Change.UPDATE)
    else:
        yield from _edited(place, old, new)


def _edited(place: _Place, old: list[Any], new: list[Any]) -> Iterator[Row]:
    """Compare texts whose order matters, by the fewest edits."""
    found: Changes = {}
    for edit, i, end_i, j, end_j in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if edit == "equal":
            continue
        for index in range(i, end_i):
            found[f"{place.path}[{index}]"] = Change.DELETE
        for index in range(j, end_j):
            path = f"{place.path}[{index}]"
            found[path] = Change.UPDATE if path in found else Change.ADD
    yield from (Row(path, change, place.replaces) for path, change in found.items())


def _between_sets(place: _Place, old: list[Any], new: list[Any]) -> Iterator[Row]:
    before, after = ({_dumped(essence(part)): i for i, part in enumerate(side)} for side in (old, new))
    removed = [i for key, i in before.items() if key not in after]
    found = _declared(place, [new[j] for key, j in after.items() if key not in before], len(new))
    if found is None:
        yield place.row(Change.UPDATE)
        return
    for index in sorted({*removed, *found}):
        yield from _between(
            _element(place, index), old[index] if index in removed else None, found.get(index)
        )


def _declared(place: _Place, added: list[Any], length: int) -> dict[int, Any] | None:
    """Return new elements of a set by their places in the program; None where one cannot be found there."""
    declared = place.declared if isinstance(place.declared, list) else []
    unknown = not _of_objects(place.prop) and contains_unknown(added)
    if added and (unknown or len(declared) < length):
        return None
    found: dict[int, Any] = {}
    for element in added:
        for index, given in enumerate(declared):
            if index not in found and _written_out(given, element):
                found[index] = element
                break
        else:
            return None
    return found


def _written_out(given: Any, stated: Any) -> bool:  # noqa: ANN401 -- a property value is any JSON value
    """Return whether a program declares all that the state will have, and in the same order."""
    if isinstance(stated, Mapping):
        return isinstance(given, Mapping) and all(_written_out(given.get(k), v) for k, v in stated.items())
    if isinstance(stated, list):
        if given is None:
            return not stated
        pairs = zip(given, stated, strict=True) if len(given) == len(stated) else None
        return pairs is not None and all(_written_out(*pair) for pair in pairs)
    return bool(given == stated) and not (isinstance(given, Unknown) and not isinstance(stated, Unknown))


def _element(place: _Place, index: int) -> _Place:
    assert place.prop.element, "a list has elements"
    declared = place.declared if isinstance(place.declared, list) else []
    given = declared[index] if index < len(declared) else None
    return place.inside(f"[{index}]", place.prop.element, given)


def _of_objects(prop: Property) -> bool:
    return prop.element is not None and prop.element.kind not in SCALAR


def _dumped(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
