"""What a resource type of a plugin has to answer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Generic, TypeVar

from diff.rules import ResourceRules
from diff.values import Plain

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
    outputs: Mapping[str, Any] = field(default_factory=dict)


class ResourceType(ResourceRules, ABC, Generic[Engine]):
    """One resource type. It keeps nothing between calls, which come from many threads at once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def faults(self, inputs: Plain) -> list[tuple[str, str]]:
        """Return what is wrong beyond the kinds of single properties: path and reason."""
        return []

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
