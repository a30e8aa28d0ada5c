"""What a plugin keeps of a resource beside its inputs: every field, sets in an order of their own.

Plugins that are bridged from Terraform have such a state, and compare with it. An unordered list is kept in
the order of its elements' content, whatever the order in which a program declares it.
"""

import json
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from diff.shape import Kind, Property, Shape
from diff.values import DEFAULTS, Plain, Unknown

FAILED = "failed"
"""The output by which the next diff knows a resource that was made but does not work."""
EMPTY: tuple[object, ...] = (None, "", 0, False, [], {})


def completed(shape: Shape, given: Mapping[str, Any]) -> Plain:
    """Return inputs with their defaults, those of objects and ordered lists too.

    A default that is empty is left out, and so is every one inside of a set.
    """
    filled = {
        name: prop.default for name, prop in shape.items() if name not in given and not empty(prop.default)
    }
    inside = {name: _completed(shape[name], value) for name, value in given.items() if name in shape}
    return {**given, **inside, **filled, DEFAULTS: sorted(filled)}


def _completed(prop: Property, value: Any) -> Any:  # noqa: ANN401 -- a property value is any JSON value
    if prop.kind is Kind.RECORD and isinstance(value, dict):
        return completed(prop.fields, value)
    if prop.kind is Kind.LIST and prop.element and isinstance(value, list):
        if not prop.unordered:
            return [_completed(prop.element, part) for part in value]
        return [{**part, DEFAULTS: []} if isinstance(part, dict) else part for part in value]
    return value


def stated(shape: Shape, inputs: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> Plain:
    """Return the state that inputs lead to, given the one before: what they leave out may stay as it is."""
    past = before or {}
    found = {name: value for name, value in past.items() if name not in shape and name != DEFAULTS}
    for name, prop in shape.items():
        if name in inputs:
            found[name] = _stated(prop, inputs[name], past.get(name))
        elif prop.kept and name in past:
            found[name] = past[name]
        elif prop.default is not None:
            found[name] = prop.default
    return found


def ordered(prop: Property, value: Any) -> Any:  # noqa: ANN401 -- a property value is any JSON value
    """Return what an engine tells of a property as its state has it."""
    return _stated(prop, value, None)


def empty(value: object) -> bool:
    """Return whether a value counts as none at all."""
    return not isinstance(value, Unknown) and value in EMPTY


def essence(value: Any) -> Any:  # noqa: ANN401 -- a property value is any JSON value
    """Return what of a value counts when two are compared: its fields that are not empty."""
    if isinstance(value, Mapping):
        inside = {name: essence(part) for name, part in value.items() if name != DEFAULTS}
        return {name: part for name, part in inside.items() if not empty(part)}
    return [essence(part) for part in value] if isinstance(value, list) else value


def _stated(prop: Property, value: Any, before: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if prop.kind is Kind.RECORD and isinstance(value, Mapping):
        past = before if isinstance(before, Mapping) else {}
        fields = {
            name: _stated(part, value[name], past.get(name))
            if name in value
            else _left_out(part, past.get(name))
            for name, part in prop.fields.items()
        }
        return {name: part for name, part in fields.items() if part is not None}
    if prop.kind is Kind.LIST and prop.element and isinstance(value, list):
        if prop.unordered:
            return sorted((_stated(prop.element, part, None) for part in value), key=_place)
        rows = before if isinstance(before, list) else []
        return [_stated(prop.element, part, row) for part, row in zip_longest(value, rows[: len(value)])]
    return value


def _left_out(prop: Property, before: Any) -> Any:  # noqa: ANN401 -- a property value is any JSON value
    if prop.kept and before is not None:
        return before
    if prop.default is not None:
        return prop.default
    return {Kind.TEXT: "", Kind.LIST: []}.get(prop.kind)


def _place(value: object) -> tuple[bool, bytes]:
    """Return where an element stands in its set: after those known if it is not known, else by content."""
    return isinstance(value, Unknown), value.encode() if isinstance(value, str) else _written(value)


def _written(value: Any) -> bytes:  # noqa: ANN401 -- a property value is any JSON value
    """Return what decides about the place of an object: its fields' values, in the order of their names."""
    if isinstance(value, Unknown):
        return b"?"
    if isinstance(value, Mapping):
        return b"<%s>" % b"".join(_written(value[name]) + b";" for name in sorted(value))
    if isinstance(value, list):
        return b"[%s]" % b"".join(_written(part) + b";" for part in value)
    if isinstance(value, bool):
        return b"T" if value else b"F"
    return json.dumps(value, ensure_ascii=False, default=repr).encode()
