"""The answer that any resource gives to a change, where its own rules are not known."""

from collections.abc import Mapping
from typing import Any, ClassVar

from offline.protocol.differences import Change, Changes, differences
from offline.protocol.shape import Kind, Property, Shape
from offline.protocol.values import Plain

Inputs = Mapping[str, Any]


class Rule:
    """Every difference changes the resource in place, and nothing of it is made up by its plugin."""

    computed: ClassVar[tuple[str, ...]] = ()

    def differences(self, old: Inputs, new: Inputs) -> dict[str, Changes]:
        """Return for each property that differs the changes inside it, by path."""
        return differences(shape_of(old, new), old, new)

    def replaces(self, name: str, changes: Changes, old: Plain, new: Plain) -> bool:
        """Tell whether these changes of a property replace the resource."""
        return False

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether the old one has to go before a new one can be made."""
        return False

    def computed_of(self, new: Inputs) -> tuple[str, ...]:
        """Return the outputs that only an engine knows."""
        return self.computed


def shape_of(*given: Inputs) -> Shape:
    """Return a shape that compares whatever is given, part by part."""
    return {name: _property(value) for inputs in given for name, value in inputs.items()}


def _property(value: object) -> Property:
    if isinstance(value, Mapping):
        return Property(Kind.RECORD, fields=shape_of(value))
    return Property(Kind.TEXT)


__all__ = ["Change", "Changes", "Inputs", "Rule", "shape_of"]
