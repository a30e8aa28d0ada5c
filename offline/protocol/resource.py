"""What a resource type of a plugin has to answer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any, ClassVar, Generic, TypeVar

from offline.protocol.shape import Shape
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
    """A resource that exists: its id, and what is known of it beside its inputs."""

    id: str
    computed: Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """A resource as it was found: `drift` has the inputs that are no longer so; None is a missing one."""

    computed: Mapping[str, Any]
    drift: Mapping[str, Any]
    works: bool = True


class ResourceType(ABC, Generic[Engine]):
    """One resource type. It keeps nothing between calls, which come from many threads at once."""

    token: ClassVar[str]
    shape: ClassVar[Shape]
    named: ClassVar[bool] = False
    """Whether a `name` that is not given is made up, from the resource's own."""
    computed: ClassVar[tuple[str, ...]] = ()
    """The outputs that only `up` knows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def replaces(self, name: str, old: Plain, new: Plain) -> bool:
        """Return whether a change of this property replaces the resource."""
        return not self.shape[name].in_place

    def faults(self, inputs: Plain) -> list[tuple[str, str]]:
        """Return what is wrong beyond the kinds of single properties: path and reason."""
        return []

    @abstractmethod
    def create(self, call: Call, inputs: Plain) -> Made:
        """Make it."""

    @abstractmethod
    def read(self, call: Call, made: Made, inputs: Plain) -> Seen | None:
        """Look at it as it is now; None where it is gone."""

    @abstractmethod
    def update(self, call: Call, made: Made, old: Plain, new: Plain) -> Mapping[str, Any]:
        """Change it in place and return what is known of it beside its inputs."""

    @abstractmethod
    def delete(self, call: Call, made: Made, inputs: Plain) -> None:
        """Take it away; one that is gone already is no failure."""
