"""What differs from a stack's state without Pulumi's plugins seeing it.

`pulumi preview --refresh` shows none of this, so the doctor names it and `fate repair` mends it. What
was declared comes from the state alone. Case by case: facts/providers-observed.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from ops.doctor.exported import Exported, Place

MIRROR = "mirror"


@dataclass(frozen=True)
class Unseen:
    """One difference: the container or object that it is on, and what shows of it.

    `party` is `mirror` for what belongs to no party.
    """

    place: Place
    party: str
    service: str
    name: str
    detail: str


@dataclass(frozen=True)
class NetworkCut(Unseen):
    """A container is not on a network of its own, or not under the names that others know it by there."""

    network: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class NetworkAdded(Unseen):
    """A container is on a network that the stack does not put it on."""

    network: str


@dataclass(frozen=True)
class Paused(Unseen):
    """A container's processes are frozen."""


@dataclass(frozen=True)
class SecretsGone(Unseen):
    """A file is gone from a volume of secrets, or is not what the container `name` filled in."""

    readers: tuple[str, ...]
    """The containers that read the volume."""


@dataclass(frozen=True)
class Added(Unseen):
    """A part of an object in a cluster that the stack does not declare."""

    whole: str
    """The object in words."""
    part: str
    """The part in words, without its value."""
    path: str
    """The object's place in the API."""
    pointer: str
    """The part's place in the object, as JSON Pointer writes it."""
    value: object


def unseen_in(state: Exported, place: Place) -> Iterator[Unseen]:
    """Yield the differences of one engine or cluster. Raises Ailment where it cannot be asked."""
    yield from import_module(f"ops.doctor.{place.runtime}_unseen").unseen_on(state, place)
