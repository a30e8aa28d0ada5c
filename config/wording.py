"""Pydantic's errors, said in the words of a stack's YAML."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.faults import REFUSAL, Fault, nearest, path, shown
from config.model_tree import Location, fields_of, model_at, tags_below
from config.secret_key import SECRET_KEY
from config.settings import Settings

Words = tuple[str, str]

KEY_MARK = "[key]"
KINDS: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    tuple: "a list",
    dict: "keys with values",
    type(None): "empty",
}
WANTED = {
    "string": ("text", "write it in quotes"),
    "int": ("a whole number", "write it without quotes, such as 9380"),
    "float": ("a number", "write it without quotes, such as 1.5"),
    "finite_number": ("a number", "write it without quotes, such as 1.5"),
    "bool": ("true or false", "write true or false, without quotes"),
    "tuple": ("a list", "write each entry on a line of its own, after a hyphen"),
    "dict": ("keys with values", "write key: value, a key a line"),
    "mapping": ("keys with values", "write key: value, a key a line"),
    "model": ("keys with values", "write key: value, a key a line"),
    "model_attributes": ("keys with values", "write key: value, a key a line"),
}
BOUNDS = {
    "greater_than_equal": ("ge", "{} is too small", "write {} or more"),
    "less_than_equal": ("le", "{} is too large", "write {} or less"),
    "greater_than": ("gt", "{} is too small", "write more than {}"),
}


def faults_of(error: ValidationError, top: type[Settings]) -> tuple[Fault, ...]:
    """Return a fault for each error in the validation of a `top`."""
    return tuple(_fault(details, top) for details in error.errors(include_url=False))


def _kind_of(value: object) -> str:
    return KINDS.get(type(value), f"of the YAML type {type(value).__name__}")


def _fault(details: ErrorDetails, top: type[Settings]) -> Fault:
    location = details["loc"]
    context = details.get("ctx", {})
    if details["type"] == REFUSAL:
        below = (*location, *context["at"])
        return Fault(_path(below, top), context["problem"], context["remedy"])
    problem, remedy = _words(details, top)
    return Fault(_path(location, top), problem, remedy)


def _words(details: ErrorDetails, top: type[Settings]) -> Words:
    kind, value = details["type"], details["input"]
    if kind == "missing":
        return _missing(details["loc"], top)
    if kind in ("extra_forbidden", "invalid_key"):
        return _unknown_key(details["loc"], top)
    if kind in ("enum", "literal_error"):
        return _not_among(value, re.findall(r"'([^']*)'", details["ctx"]["expected"]))
    if kind in BOUNDS:
        name, problem, remedy = BOUNDS[kind]
        return problem.format(value), remedy.format(details["ctx"][name])
    return _wrong_kind(value, kind.removesuffix("_type"))


def _wrong_kind(value: object, wanted: str) -> Words:
    name, remedy = WANTED.get(wanted, ("something else", "write another value; docs/configuration.md tells"))
    value_and_kind = (
        _kind_of(value) if isinstance(value, dict | list | None) else f"{shown(value)}, {_kind_of(value)}"
    )
    return f"is {value_and_kind}, and must be {name}", remedy


def _not_among(value: object, known: Sequence[str]) -> Words:
    listed = " | ".join(known)
    return f"{shown(value)} is not one of {listed}", f"write {nearest(value, known) or listed}"


def _missing(location: Location, top: type[Settings]) -> Words:
    key = str(location[-1])
    field = fields_of(model_at(location[:-1], top)).get(key)
    choices = _choices(field.annotation) if field else ()
    return "is missing", f"write {key}: {' | '.join(choices) or (field.description if field else '...')}"


def _choices(annotation: object) -> tuple[str, ...]:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(annotation)
    return ()


def _unknown_key(location: Location, top: type[Settings]) -> Words:
    model = model_at(location[:-1], top)
    known = [*fields_of(model), *([SECRET_KEY] if model is top else [])]
    near = nearest(location[-1], known)
    return (
        f"{shown(location[-1])} is not a key here",
        f"write {near}" if near else f"the keys here are {', '.join(known)}",
    )


def _path(location: Iterable[str | int], top: type[Settings]) -> str:
    tags = tags_below(top)
    return path(*(part for part in location if part not in tags and part != KEY_MARK))
