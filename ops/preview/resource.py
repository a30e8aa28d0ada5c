"""A resource as a program declared it, and paths into its properties.

Pulumi writes such a path as `spec.ports[0].name` or `data["nginx.conf"]`.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Key = str | int
ABSENT = object()
TOKEN = re.compile(r'([^.\[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]')
ANY = "*"
STACK = "pulumi:pulumi:Stack"


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


@dataclass(frozen=True)
class Resource:
    """One resource: what it is, what it was given, and what is to happen to it."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delete_before_replace: bool | None = None
    """Whether the old one goes first; None leaves it to the plugin."""
    protect: bool = False
    retain_on_delete: bool = False
    replace_on_changes: tuple[str, ...] = ()
    replace_with: tuple[str, ...] = ()
    """The URNs of those with which it is replaced, whatever of its own changes."""
    ignore_changes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def provider_urn(self) -> str:
        """Return the URN of the provider, without its id."""
        return self.provider.rpartition("::")[0]

    def as_json(self) -> dict[str, Any]:
        """Return the resource as JSON has it."""
        return vars(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Resource":
        """Return what `as_json` told."""
        rows = ("dependencies", "replace_on_changes", "replace_with", "ignore_changes", "aliases")
        links = {key: tuple(urns) for key, urns in found["property_dependencies"].items()}
        listed = {key: tuple(found[key]) for key in rows}
        return cls(**{**found, **listed, "property_dependencies": links})
