"""What properties a resource type has: their kinds, defaults, and which of them change in place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

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
    """One property: `in_place` ones change without replacing; `key` makes a list a set, in any order."""

    kind: Kind
    default: Default = None
    required: bool = False
    in_place: bool = False
    element: "Property | None" = None
    key: tuple[str, ...] = ()
    fields: "Shape" = field(default_factory=dict)

    def updatable(self) -> "Property":
        """Return the property as one that changes in place."""
        return replace(self, in_place=True)


Shape = Mapping[str, Property]

SELF = ("",)


def anything() -> Property:
    """Return a property of any kind, and of any kind inside; lists keep their order."""
    return Property(Kind.ANYTHING, in_place=True, key=("name",))


def text(default: str | None = None, required: bool = False) -> Property:
    """Return a property that is a text."""
    return Property(Kind.TEXT, default, required)


def number(default: int | None = None, required: bool = False) -> Property:
    """Return a property that is a number."""
    return Property(Kind.NUMBER, default, required)


def switch(default: bool | None = None) -> Property:
    """Return a property that is true or false."""
    return Property(Kind.SWITCH, default)


def texts() -> Property:
    """Return a list of texts whose order matters."""
    return Property(Kind.LIST, element=Property(Kind.TEXT))


def text_set() -> Property:
    """Return a list of texts in any order."""
    return Property(Kind.LIST, element=Property(Kind.TEXT), key=SELF)


def table() -> Property:
    """Return a map of texts."""
    return Property(Kind.TABLE, element=Property(Kind.TEXT))


def record(**fields: Property) -> Property:
    """Return an object with fields of its own."""
    return Property(Kind.RECORD, fields=fields)


def records(*key: str, **fields: Property) -> Property:
    """Return a list of objects in any order, told apart by the fields of `key`."""
    return Property(Kind.LIST, element=record(**fields), key=key)


def defaults(shape: Shape, given: Mapping[str, Any]) -> dict[str, Default]:
    """Return the default of every property that has one and is not given."""
    return {
        name: prop.default for name, prop in shape.items() if prop.default is not None and name not in given
    }
