"""What properties a resource type has: their kinds, defaults, and which of them change in place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

Default = str | int | bool | None


class Kind(Enum):
    """What a value of a property is."""

    TEXT = "a text"
    NUMBER = "a number"
    SWITCH = "true or false"
    LIST = "a list"
    TABLE = "a map"
    RECORD = "an object"
    ANYTHING = "anything"


@dataclass(frozen=True)
class Property:
    """One property.

    `in_place` ones change without replacing. A `kept` one stays as it is where a program leaves it out. An
    `unordered` list is a set. `key` tells the elements of a list apart that has no shape.
    """

    kind: Kind
    default: Default = None
    required: bool = False
    in_place: bool = False
    kept: bool = False
    unordered: bool = False
    sensitive: bool = False
    element: "Property | None" = None
    key: tuple[str, ...] = ()
    fields: "Shape" = field(default_factory=dict)

    def updatable(self) -> "Property":
        """Return the property as one that changes in place."""
        return replace(self, in_place=True)

    def keeping(self) -> "Property":
        """Return the property as one that stays as it is where it is left out."""
        return replace(self, kept=True)

    def part(self, name: str) -> "Property | None":
        """Return what a field or an element of that name is; None for a field that it does not have."""
        if self.kind is Kind.ANYTHING:
            return self
        return self.fields.get(name) if self.kind is Kind.RECORD else self.element


Shape = Mapping[str, Property]

_TEXT = Property(Kind.TEXT, in_place=True)
"""What stands in a list or a table: whether its change replaces the resource is for those to say."""


def anything() -> Property:
    """Return a property of any kind, and of any kind inside; lists keep their order."""
    return Property(Kind.ANYTHING, in_place=True, key=("name",))


def text(default: str | None = None, required: bool = False, sensitive: bool = False) -> Property:
    """Return a property that is a text."""
    return Property(Kind.TEXT, default, required, sensitive=sensitive)


def number(default: int | None = None, required: bool = False) -> Property:
    """Return a property that is a number."""
    return Property(Kind.NUMBER, default, required)


def switch(default: bool | None = None) -> Property:
    """Return a property that is true or false."""
    return Property(Kind.SWITCH, default)


def texts() -> Property:
    """Return a list of texts whose order matters."""
    return Property(Kind.LIST, element=_TEXT)


def text_set() -> Property:
    """Return a list of texts in any order."""
    return Property(Kind.LIST, element=_TEXT, unordered=True)


def table() -> Property:
    """Return a map of texts."""
    return Property(Kind.TABLE, element=_TEXT)


def record(**fields: Property) -> Property:
    """Return an object with fields of its own."""
    return Property(Kind.RECORD, fields=fields)


def block(**fields: Property) -> Property:
    """Return an object each of whose fields says by itself whether it changes in place."""
    return Property(Kind.RECORD, in_place=True, fields=fields)


def records(**fields: Property) -> Property:
    """Return a list of objects whose order matters."""
    return Property(Kind.LIST, element=record(**fields))


def record_set(**fields: Property) -> Property:
    """Return a list of objects in any order."""
    return Property(Kind.LIST, element=record(**fields), unordered=True)
