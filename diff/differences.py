"""Which properties differ between a resource's old and new inputs, each by its own path.

Elements of lists without a shape are told apart by their key, where all have one.
"""

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from diff.shape import Kind, Property, Shape
from diff.values import contains_unknown


class Change(Enum):
    """What happens to a property."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


Changes = dict[str, Change]


def differences(shape: Shape, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Changes]:
    """Return for every property that differs the changes inside it, by path."""
    result = {}
    for name, prop in shape.items():
        changes = _merged(_between(prop, name, old.get(name), new.get(name)))
        if changes:
            result[name] = changes
    return result


def property_of(path: str) -> str:
    """Return the property in which a path begins."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _merged(changes: Iterator[tuple[str, Change]]) -> Changes:
    """One path has one change: taken away and put there is an update."""
    result: Changes = {}
    for path, change in changes:
        result[path] = Change.UPDATE if result.get(path, change) is not change else change
    return result


def _between(prop: Property, path: str, old: Any, new: Any) -> Iterator[tuple[str, Change]]:  # noqa: ANN401
    if old is None and new is None:
        return
    if old is None:
        yield path, Change.ADD
    elif new is None:
        yield path, Change.DELETE
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _between_fields(prop, path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _between_lists(prop, path, old, new)
    elif old != new:
        yield path, Change.UPDATE


def _between_fields(
    prop: Property, path: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, Change]]:
    for name in sorted({*old, *new}):
        part = prop.part(name)
        if part is not None:
            yield from _between(part, field_of(path, name), old.get(name), new.get(name))


def field_of(path: str, name: str) -> str:
    """Return the path of a field of what stands at a path."""
    return f"{path}.{name}" if name.isidentifier() else f"{path}[{json.dumps(name)}]"


def _between_lists(prop: Property, path: str, old: list[Any], new: list[Any]) -> Iterator[tuple[str, Change]]:
    before, after = _places(prop, old), _places(prop, new)
    if before is None or after is None or _reordered(before, after):
        yield from _between_rows(prop, path, old, new)
    else:
        yield from _between_sets(prop, path, (before, old), (after, new))


def _reordered(old: dict[str, int], new: dict[str, int]) -> bool:
    """Return whether the elements that stay do so in another order."""
    return [k for k in old if k in new] != [k for k in new if k in old]


def _between_rows(prop: Property, path: str, old: list[Any], new: list[Any]) -> Iterator[tuple[str, Change]]:
    """Compare index by index."""
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        yield from _between(_element(prop), f"{path}[{index}]", before, after)


def _between_sets(
    prop: Property,
    path: str,
    old: tuple[dict[str, int], list[Any]],
    new: tuple[dict[str, int], list[Any]],
) -> Iterator[tuple[str, Change]]:
    """Compare elements of one key. One that changed and moved is told as taken away and put there."""
    for key in [*old[0], *(key for key in new[0] if key not in old[0])]:
        i, j = old[0].get(key), new[0].get(key)
        if i is not None and j is not None:
            inside = list(_between(_element(prop), f"{path}[{i}]", old[1][i], new[1][j]))
            if i == j:
                yield from inside
                continue
            if not inside:
                continue
        if i is not None:
            yield f"{path}[{i}]", Change.DELETE
        if j is not None:
            yield f"{path}[{j}]", Change.ADD


def _places(prop: Property, items: list[Any]) -> dict[str, int] | None:
    """Return the index of every key; nothing where the keys do not tell all elements apart."""
    if not prop.key:
        return None
    places: dict[str, int] = {}
    for index, item in enumerate(items):
        if not isinstance(item, dict) or prop.key[0] not in item:
            return None
        key = {name: item.get(name) for name in prop.key}
        if contains_unknown(key):
            return None
        places[json.dumps(key, sort_keys=True)] = index
    return places if len(places) == len(items) else None


def _element(prop: Property) -> Property:
    return prop if prop.kind is Kind.ANYTHING else prop.element or Property(Kind.TEXT)
