"""What a resource type of a plugin has to answer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any, ClassVar, Generic, TypeVar

from offline.protocol.comparison import Comparison, compared
from offline.protocol.shape import Shape
from offline.protocol.state import completed, stated
from offline.protocol.values import Plain

Engine = TypeVar("Engine")


@dataclass(frozen=True)
class Call:
    """The circumstances of one operation: whose it is, how to tell progress, whether it was cancelled."""

    urn: str
    progress: Callable[[str], None]
    warn: Callable[[str], None]
    cancelled: Event


@dataclass(frozen=True)
class Made:
    """A resource that exists: its id, and what is told of it beside what its inputs lead to."""

    id: str
    told: Mapping[str, Any] = field(default_factory=dict)


class ResourceType(ABC, Generic[Engine]):
    """One resource type. It keeps nothing between calls, which come from many threads at once.

    A `state` is what its inputs lead to, with all defaults, and what the engine told of it.
    """

    token: ClassVar[str]
    shape: ClassVar[Shape]
    named: ClassVar[bool] = False
    """Whether a `name` that is not given is made up, from the resource's own; one that is given is free only
    once the old resource is gone."""
    deletes_first: ClassVar[bool] = False
    """Whether the old one goes before the new one comes, whatever its name."""
    computed: ClassVar[tuple[str, ...]] = ()
    """The outputs that only `up` knows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def faults(self, inputs: Plain) -> list[tuple[str, str]]:
        """Return what is wrong beyond the kinds of single properties: path and reason."""
        return []

    def compared(self, state: Plain, inputs: Plain) -> Comparison:
        """Return what other inputs change in a state."""
        return compared(self.shape, state, stated(self.shape, inputs, state), inputs)

    def settled(self, inputs: Plain) -> Plain:
        """Return the state of a resource whose engine took its inputs, without asking the engine."""
        return stated(self.shape, completed(self.shape, inputs))

    def makes_way(self, inputs: Plain) -> bool:
        """Return whether the old resource has to go before one with these inputs can be made."""
        return self.deletes_first or (self.named and "name" in inputs)

    @abstractmethod
    def create(self, call: Call, state: Plain) -> Made:
        """Make it."""

    @abstractmethod
    def read(self, call: Call, made: Made) -> Made | None:
        """Look at it as it is now; None where it is gone."""

    @abstractmethod
    def update(self, call: Call, made: Made, state: Plain) -> Mapping[str, Any]:
        """Change it in place to this state, and return what is told of it beside that."""

    @abstractmethod
    def delete(self, call: Call, made: Made) -> None:
        """Take it away; one that is gone already is no failure."""
