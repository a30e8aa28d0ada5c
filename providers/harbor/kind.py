"""What a resource type of the plugin has to answer, whoever asks for it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any, ClassVar

from clients.failures import Refused
from clients.harbor import Harbor
from diff.shape import Shape, switch
from diff.values import Plain, Refusal

CONFLICT = 409
Fault = tuple[str, str]
"""The path of a property, and why it cannot be as it is."""


@dataclass(frozen=True)
class Call:
    """The circumstances of one operation: its limit in seconds, its way to tell progress, and its end."""

    seconds: float
    progress: Callable[[str], None]
    cancelled: Event


@dataclass(frozen=True)
class Seen:
    """A resource as it is now: its id, what its inputs would be, and what is told of it beside them.

    What Harbor never tells, such as a secret, is left out of the inputs, and stays as it was.
    """

    id: str
    inputs: Plain
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """A resource that the engine's state has."""

    id: str
    inputs: Plain
    state: Plain


class Kind(ABC):
    """One resource type of one Harbor. It keeps nothing between calls, which come side by side."""

    token: ClassVar[str]
    shape: ClassVar[Shape]
    """Its inputs. Those that are not `in_place` replace it."""
    computed: ClassVar[tuple[str, ...]] = ()
    """What is told of it beside its inputs, once it is there."""
    name_key: ClassVar[str] = ""
    """The input by which Harbor tells two of them apart: the old one goes first where it stays the same."""

    def __init__(self, harbor: Harbor) -> None:
        self.harbor = harbor

    @classmethod
    def faults(cls, inputs: Plain) -> Iterator[Fault]:
        """Yield what is wrong with inputs beyond the kinds of single properties."""
        yield from ()

    @classmethod
    def normal(cls, inputs: Plain) -> Plain:
        """Return inputs as Harbor will tell them."""
        return inputs

    @abstractmethod
    def create(self, call: Call, inputs: Plain) -> tuple[str, Mapping[str, Any]]:
        """Make it, and return its id and what is told of it."""

    @abstractmethod
    def read(self, made: Made) -> Seen | None:
        """Look at it as it is now; None where it is gone. An import has an id and no inputs."""

    @abstractmethod
    def update(self, call: Call, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Change it in place, and return what is told of it."""

    @abstractmethod
    def delete(self, call: Call, made: Made) -> None:
        """Take it away; one that is gone already is no failure."""

    @classmethod
    def foreseen(cls, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Return what a change will leave of what is told, UNKNOWN where only the change tells."""
        return {name: made.state[name] for name in cls.computed if name in made.state}

    @classmethod
    def outlived(cls, state: Plain) -> str | None:
        """Return the output that says that it must be made anew though no input changed."""
        return None


def adopt(default: bool) -> Shape:
    """Return the input by which a resource takes over what Harbor has under its name already."""
    return {"adopt": switch(default).updatable()}


def made_or_adopted(
    make: Callable[[], int], there: Callable[[], tuple[int, str]], take_over: bool
) -> tuple[str, bool]:
    """Return the id of what was made, or of what was there already, and which of the two it is.

    `there` returns the id of what is there, and in words what it is. Refuse to take that over unasked.
    """
    try:
        return str(make()), False
    except Refused as refused:
        if refused.status != CONFLICT:
            raise
    id, what = there()
    if not take_over:
        raise Refusal(
            f"{what} is there already, and this stack did not make it: set `adopt` to true to take it over "
            f"and change it to what is declared, or `pulumi import` it by the id {id}"
        )
    return str(id), True


def listed(inputs: Plain, key: str) -> list[tuple[str, Plain]]:
    """Return the objects of a list that are known, each by its path."""
    rows = inputs.get(key, [])
    if not isinstance(rows, list):
        return []
    return [(f"{key}[{index}]", row) for index, row in enumerate(rows) if isinstance(row, dict)]


def gone(what: str) -> Refusal:
    """Return the failure of a change of what somebody else took away."""
    return Refusal(f"{what} is gone: `pulumi up --refresh` makes it again")
