"""Pydantic's errors, said in the words of a stack's YAML."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.faults import REFUSAL, Fault, shown
from config.nearest import nearest
from config.paths import path
from config.secret_key import SECRET_KEY
from config.settings import Settings, tag

Words = tuple[str, str]
Location = tuple[str | int, ...]

KEY_MARK = "[key]"
WANTED = {
    "string": ("text", "write it in quotes"),
    "int": ("a whole number", "write it without quotes, such as 9380"),
    "float": ("a number", "write it without quotes, such as 1.5"),
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


def kind_of(value: object) -> str:
    """Return what kind of thing a value is, as a reader of YAML calls it."""
    kinds: dict[type, str] = {
        str: "text",
        bool: "true or false",
        dict: "keys with values",
        type(None): "empty",
    }
    numbers: dict[type, str] = {int: "a number", float: "a number", list: "a list", tuple: "a list"}
    return {**kinds, **numbers}.get(type(value), f"of the YAML type {type(value).__name__}")


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
        return problem.format(value), remedy.format(f"{details['ctx'][name]:g}")
    return _wrong_kind(value, kind.removesuffix("_type"))


def _wrong_kind(value: object, wanted: str) -> Words:
    name, remedy = WANTED.get(wanted, ("something else", "write another value; docs/configuration.md tells"))
    value_and_kind = (
        kind_of(value) if isinstance(value, dict | list | None) else f"{shown(value)}, {kind_of(value)}"
    )
    return f"is {value_and_kind}, and must be {name}", remedy


def _not_among(value: object, known: Sequence[str]) -> Words:
    listed = " | ".join(known)
    return f"{shown(value)} is not one of {listed}", f"write {nearest(value, known) or listed}"


def _missing(location: Location, top: type[Settings]) -> Words:
    key = str(location[-1])
    field = _fields(_model_at(location[:-1], top)).get(key)
    choices = _choices(field.annotation) if field else ()
    return "is missing", f"write {key}: {' | '.join(choices) or (field.description if field else '...')}"


def _choices(annotation: object) -> tuple[str, ...]:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(annotation)
    return ()


def _unknown_key(location: Location, top: type[Settings]) -> Words:
    model = _model_at(location[:-1], top)
    known = [*_fields(model), *([SECRET_KEY] if model is top else [])]
    near = nearest(location[-1], known)
    return (
        f"{shown(location[-1])} is not a key here",
        f"write {near}" if near else f"the keys here are {', '.join(known)}",
    )


def _path(location: Iterable[str | int], top: type[Settings]) -> str:
    tags = _tags(top)
    return path(*(part for part in location if part not in tags and part != KEY_MARK))


def _model_at(location: Location, top: type[Settings]) -> type[Settings] | None:
    tags = _tags(top)
    model: type[Settings] | None = top
    for part in location:
        if part in tags:
            model = tags[str(part)]
        elif field := _fields(model).get(str(part)):
            model = next(_models_in(field.annotation), None)
    return model


def _fields(model: type[Settings] | None) -> dict[str, FieldInfo]:
    if model is None:
        return {}
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> Iterator[type[Settings]]:  # noqa: ANN401 (an annotation is any object)
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _tags(top: type[Settings]) -> dict[str, type[Settings]]:
    return {tag(model): model for model in models_below(top)}


def models_below(top: type[Settings]) -> tuple[type[Settings], ...]:
    """Return a model and every model that it is made of, each once, in the order of their fields."""
    found: dict[type[Settings], None] = {}

    def visit(model: type[Settings]) -> None:
        if model in found:
            return
        found[model] = None
        for field in model.model_fields.values():
            for inner in _models_in(field.annotation):
                visit(inner)

    visit(top)
    return tuple(found)
