"""The tree of models below another: which model an error's location stands in."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

from pydantic.fields import FieldInfo

from config.settings import Settings, tag

Location = tuple[str | int, ...]


def model_at(location: Location, top: type[Settings]) -> type[Settings] | None:
    """Return the model that a location below `top` stands in, None below what is no model."""
    tags = tags_below(top)
    model: type[Settings] | None = top
    for part in location:
        if part in tags:
            model = tags[str(part)]
        elif field := fields_of(model).get(str(part)):
            model = next(_models_in(field.annotation), None)
    return model


def fields_of(model: type[Settings] | None) -> dict[str, FieldInfo]:
    """Return a model's fields by their keys in YAML."""
    if model is None:
        return {}
    return {field.alias or name: field for name, field in model.model_fields.items()}


@cache
def tags_below(top: type[Settings]) -> Mapping[str, type[Settings]]:
    """Return every model that `top` is made of, itself included, by its tag."""
    found: dict[str, type[Settings]] = {}

    def visit(model: type[Settings]) -> None:
        found[tag(model)] = model
        for field in model.model_fields.values():
            for inner in _models_in(field.annotation):
                if tag(inner) not in found:
                    visit(inner)

    visit(top)
    return found


def _models_in(annotation: Any) -> Iterator[type[Settings]]:  # noqa: ANN401 (an annotation is any object)
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
