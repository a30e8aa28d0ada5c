"""The form that every part of a stack's configuration has: closed, frozen, kebab-case in YAML."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Tag, create_model

from config.faults import nearest, refusal, shown


def kebab(name: str) -> str:
    """Return a field's name as it is written in YAML."""
    return name.replace("_", "-")


class Settings(BaseModel):
    """A closed, frozen part of a stack. An unknown key is a fault, in Python as in YAML."""

    model_config = ConfigDict(alias_generator=kebab, extra="forbid", frozen=True, populate_by_name=True)


Model = TypeVar("Model", bound=Settings)


def also(keys: Mapping[str, tuple[Any, Any]]) -> Callable[[type[Model]], type[Model]]:
    """Give a model keys that follow from the catalogue, by field name: a type and a `Field` each.

    No type checker knows them: what reads them goes from service to service.
    """

    def widened(model: type[Model]) -> type[Model]:
        made: dict[str, Any] = {"__base__": model, "__module__": model.__module__, "__doc__": model.__doc__}
        return cast("type[Model]", create_model(model.__name__, **{**made, **keys}))

    return widened


def tag(model: type[Settings]) -> str:
    """Return the mark that an alternative has in an error's location; no key of a stack looks like it."""
    return f"<{model.__name__}>"


def tagged(model: type[Settings]) -> Tag:
    """Mark one alternative of a union."""
    return Tag(tag(model))


class Alternatives:
    """Chooses among models by the value of one key, such as `kind`, and words the faults of that key."""

    def __init__(
        self,
        key: str,
        attribute: str,
        models: dict[str, type[Settings]],
        first_unsaid: bool = False,
    ) -> None:
        self._key, self._attribute, self._models = key, attribute, models
        self._first_unsaid = first_unsaid

    def check(self, value: object) -> object:
        """Refuse a value that names no alternative; leave everything else to the alternative's model."""
        if not isinstance(value, dict):
            return value
        known = " | ".join(self._models)
        if self._key not in value:
            if self._goes_unsaid(value):
                return value
            raise refusal(f"{self._key} is missing", f"write {self._key}: {known}", [self._key])
        named = value[self._key]
        if not isinstance(named, str) or named not in self._models:
            raise refusal(
                f"{shown(named)} is not a {self._key} that this program knows",
                f"write {self._key}: {nearest(named, self._models) or known}",
                [self._key],
            )
        return value

    def choose(self, value: object) -> str:
        """Return the tag of the alternative that a value is written for."""
        named = value.get(self._key) if isinstance(value, dict) else getattr(value, self._attribute, None)
        known = isinstance(named, str) and named in self._models
        return tag(self._models[str(named)] if known else next(iter(self._models.values())))

    def _goes_unsaid(self, value: dict[str, object]) -> bool:
        """Say whether the first alternative is meant: it may go without its key, and no key is another's."""
        first, *others = (_keys(model) for model in self._models.values())
        return self._first_unsaid and not value.keys() & set().union(*others) - first

    @property
    def parts(self) -> tuple[Discriminator, BeforeValidator]:
        """Return what makes a union of tagged models choose by the key."""
        return Discriminator(self.choose), BeforeValidator(self.check)


def _keys(model: type[Settings]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}
