"""What is wrong with a resource's inputs, each fault by the path of the property that has it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diff.shape import Kind, Property, Shape
from diff.values import DEFAULTS, Unknown

TYPES: dict[Kind, type | tuple[type, ...]] = {
    Kind.TEXT: str,
    Kind.NUMBER: (int, float),
    Kind.SWITCH: bool,
    Kind.LIST: list,
    Kind.TABLE: dict,
    Kind.RECORD: dict,
    Kind.ANYTHING: object,
}


@dataclass(frozen=True)
class Fault:
    """A property, and why it cannot be."""

    path: str
    reason: str


def faults(token: str, shape: Shape, given: Mapping[str, Any], path: str = "") -> Iterator[Fault]:
    """Yield every fault: properties that are not supported, that are missing, or of another kind."""
    for name, value in given.items():
        if name == DEFAULTS:
            continue
        where = f"{path}.{name}" if path else name
        if name not in shape:
            yield Fault(where, unsupported(f"property {where} of {token}"))
        else:
            yield from _faults_of(token, shape[name], value, where)
    for name, prop in shape.items():
        if prop.required and name not in given:
            where = f"{path}.{name}" if path else name
            yield Fault(where, f"property {where} of {token} is missing")


def unsupported(what: str) -> str:
    """Say that the stand-in does not do this, and what does."""
    return f"{what} is not supported by the offline plugin; install the official plugin"


def _faults_of(token: str, prop: Property, value: object, where: str) -> Iterator[Fault]:
    if isinstance(value, Unknown):
        return
    if not isinstance(value, TYPES[prop.kind]) or (prop.kind is Kind.NUMBER and isinstance(value, bool)):
        yield Fault(where, f"property {where} of {token} must be {prop.kind.value}, not {value!r}")
    elif isinstance(value, dict) and prop.kind is Kind.RECORD:
        yield from faults(token, prop.fields, value, where)
    elif isinstance(value, dict) and prop.element:
        for key, part in value.items():
            yield from _faults_of(token, prop.element, part, f"{where}.{key}")
    elif isinstance(value, list) and prop.element:
        for index, part in enumerate(value):
            yield from _faults_of(token, prop.element, part, f"{where}[{index}]")
