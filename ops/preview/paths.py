"""Paths of properties, as Pulumi writes them: `spec.ports[0].name`, `data["nginx.conf"]`."""

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

Key = str | int
ABSENT = object()
TOKEN = re.compile(r'([^.\[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]')
ANY = "*"


def keys_of(path: str) -> list[Key]:
    """Return the steps of a path."""
    return [int(row) if row else word or key for word, row, key in TOKEN.findall(path)]


def part_of(value: Any, key: Key) -> Any:  # noqa: ANN401 - any part of a property
    """Return what stands one step down, ABSENT where nothing does."""
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        return ABSENT


def lies_in(path: str, places: Iterable[str]) -> bool:
    """Tell whether a path is one of these places or leads into one."""
    keys = keys_of(path)
    return any(place == ANY or keys[: len(keys_of(place))] == keys_of(place) for place in places)


def with_old(inputs: Mapping[str, Any], old: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return inputs with what stood at these paths before, as Pulumi does before it asks a plugin."""
    kept = copy.deepcopy(dict(inputs))
    for path in paths:
        _reset(kept, old, keys_of(path))
    return kept


def _reset(kept: Any, old: Any, keys: list[Key]) -> None:  # noqa: ANN401 - any part of a property
    *above, last = keys
    for key in above:
        kept, old = part_of(kept, key), part_of(old, key)
    if not isinstance(kept, dict):
        return
    before = part_of(old, last)
    if before is ABSENT:
        kept.pop(last, None)
    else:
        kept[last] = before
