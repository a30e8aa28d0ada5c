"""The form that every part of a stack's configuration has: closed, frozen, kebab-case in YAML."""

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Tag

from config.faults import refusal, shown
from config.nearest import nearest


def kebab(name: str) -> str:
    """Return a field's name as it is written in YAML."""
    return name.replace("_", "-")


class Settings(BaseModel):
    """A closed, frozen part of a stack. An unknown key is a fault, in Python as in YAML."""

    model_config = ConfigDict(alias_generator=kebab, extra="forbid", frozen=True, populate_by_name=True)


def tag(model: type[Settings]) -> str:
    """Return the mark that an alternative has in an error's location; no key of a stack looks like it."""
    return f"<{model.__name__}>"


def tagged(model: type[Settings]) -> Tag:
    """Mark one alternative of a union."""
    return Tag(tag(model))


class Alternatives:
    """Chooses among models by the value of one key, such as `kind`, and words the faults of that key."""

    def __init__(self, key: str, attribute: str, models: dict[str, type[Settings]]) -> None:
        self._key, self._attribute, self._models = key, attribute, models

    def check(self, value: object) -> object:
        """Refuse a value that names no alternative; leave everything else to the alternative's model."""
        if not isinstance(value, dict):
            return value
        known = " | ".join(self._models)
        if self._key not in value:
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

    @property
    def parts(self) -> tuple[Discriminator, BeforeValidator]:
        """Return what makes a union of tagged models choose by the key."""
        return Discriminator(self.choose), BeforeValidator(self.check)
