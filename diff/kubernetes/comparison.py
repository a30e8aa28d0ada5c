"""What differs between what an object was and what it shall be: field by field, and lists place by place."""

from collections.abc import Iterator, Mapping
from typing import Any

from diff.differences import Change
from diff.values import Unknown

Path = tuple[str | int, ...]
QUOTED = '."[]'


def compared(old: Any, new: Any, path: Path = ()) -> Iterator[tuple[Path, Change]]:  # noqa: ANN401 -- any JSON value
    """Yield every place that differs, and how."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _tables(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _rows(old, new, path)
    elif isinstance(new, Unknown) or old != new:
        yield path, Change.UPDATE


def written(path: Path) -> str:
    """Return a place as the engine reads it: `spec.ports[0].name`, `data["nginx.conf"]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif any(each in QUOTED for each in part):
            text += '["{}"]'.format(part.replace('"', r"\""))
        else:
            text += f".{part}" if text else part
    return text


def at(value: Any, path: Path) -> Any:  # noqa: ANN401 -- any JSON value
    """Return what stands at a place; nothing where there is nothing."""
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _tables(old: Mapping[str, Any], new: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Change]]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield (*path, name), Change.ADD
        elif name not in new:
            yield (*path, name), Change.DELETE
        else:
            yield from compared(old[name], new[name], (*path, name))


def _rows(old: list[Any], new: list[Any], path: Path) -> Iterator[tuple[Path, Change]]:
    for index, (before, after) in enumerate(zip(old, new, strict=False)):
        yield from compared(before, after, (*path, index))
    for index in range(len(old), len(new)):
        yield (*path, index), Change.ADD
    for index in range(len(new), len(old)):
        yield (*path, index), Change.DELETE
