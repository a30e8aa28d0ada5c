"""Inputs of a resource: their defaults filled in, and what is wrong with them, each by its path."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from diff.shape import Kind, Property, Shape
from diff.values import Unknown
from providers.harbor.kind import Fault

TYPES: dict[Kind, type | tuple[type, ...]] = {
    Kind.TEXT: str,
    Kind.NUMBER: int,
    Kind.SWITCH: bool,
    Kind.LIST: list,
    Kind.TABLE: dict,
    Kind.RECORD: dict,
    Kind.ANYTHING: object,
}
NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


def completed(shape: Shape, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with every default, those of the objects in lists too."""
    defaults = {name: prop.default for name, prop in shape.items() if prop.default is not None}
    inside = {name: _completed(shape[name], value) for name, value in given.items() if name in shape}
    return {**defaults, **inside}


def faults(what: str, shape: Shape, given: Mapping[str, Any], path: str = "") -> Iterator[Fault]:
    """Yield every fault: properties that there are not, that are missing, or of another kind."""
    for name, value in given.items():
        where = f"{path}.{name}" if path else name
        if name not in shape:
            yield where, f"{what} has no property {where}; it has {', '.join(sorted(shape))}"
        else:
            yield from _faults_of(what, shape[name], value, where)
    for name, prop in shape.items():
        if prop.required and name not in given:
            where = f"{path}.{name}" if path else name
            yield where, f"{what} needs {where}, which is {prop.kind.value}"


def name_faults(path: str, value: object) -> Iterator[Fault]:
    """Yield why Harbor cannot have a project or a robot of that name."""
    if isinstance(value, str) and not (NAME.fullmatch(value) and len(value) <= 255):
        yield (
            path,
            f"{value!r} cannot be a name in Harbor: write at most 255 lower-case letters and digits, parts "
            "of it joined by one . _ or -",
        )


def cron_faults(path: str, value: object, *, replication: bool = False) -> Iterator[Fault]:
    """Yield why Harbor takes no such schedule: six fields, seconds first and 0; "" is no schedule."""
    if not isinstance(value, str) or not value:
        return
    fields = value.split()
    example = "write six, such as `0 0 3 * * *` for three every night"
    if len(fields) != 6:
        yield (
            path,
            f"{value!r} has {len(fields)} fields, and Harbor's cron has seconds before minutes: {example}",
        )
    elif fields[0] != "0":
        yield path, f"{value!r} begins with {fields[0]!r}, and Harbor starts at second 0 only: {example}"
    elif replication and fields[1] == "*":
        yield path, f"{value!r} is due every minute, which Harbor refuses for a replication: {example}"


def one_of(path: str, value: object, known: tuple[str, ...]) -> Iterator[Fault]:
    """Yield that a value is none of those that there are."""
    if isinstance(value, str) and value not in known:
        yield path, f"{value!r} is not one of {', '.join(known)}"


def id_faults(path: str, value: object) -> Iterator[Fault]:
    """Yield that a value is no id of Harbor's."""
    if isinstance(value, str) and value and not value.isdecimal():
        yield path, f"{value!r} is no id: give the `id` of the resource itself, not its name"


def _completed(prop: Property, value: Any) -> Any:  # noqa: ANN401 -- a property value is any JSON value
    if isinstance(value, dict) and prop.kind is Kind.RECORD:
        return completed(prop.fields, value)
    if isinstance(value, list) and prop.element:
        return [_completed(prop.element, part) for part in value]
    return value


def _faults_of(what: str, prop: Property, value: object, where: str) -> Iterator[Fault]:
    if isinstance(value, Unknown):
        return
    if not isinstance(value, TYPES[prop.kind]) or (prop.kind is Kind.NUMBER and isinstance(value, bool)):
        shown = "that" if prop.sensitive else repr(value)
        yield where, f"{where} of {what} is {prop.kind.value}, and {shown} is none"
    elif isinstance(value, dict) and prop.kind is Kind.RECORD:
        yield from faults(what, prop.fields, value, where)
    elif isinstance(value, list) and prop.element:
        for index, part in enumerate(value):
            yield from _faults_of(what, prop.element, part, f"{where}[{index}]")
