"""What is wrong, what is done about it, and how that went."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of things that a repair finds."""

    LOCK = "lock"
    PLUGIN = "plugin"
    STATE = "state"
    PENDING = "pending operation"
    CONTAINER = "container"
    NETWORK = "network"
    VOLUME = "volume"
    OBJECT = "object"
    UNSEEN = "unseen by Pulumi"
    JOB = "FATE job"


class Unmended(Exception):
    """Something stays wrong; the text says what, why, and what to do."""


@dataclass(frozen=True)
class Found:
    """One thing that is wrong. `mend` puts it right, or raises Unmended."""

    kind: Kind
    where: str
    name: str
    wrong: str
    """What is wrong with it."""
    remedy: str
    """What is done about it, as an order: `remove it`."""
    mend: Callable[[], None]


@dataclass(frozen=True)
class Outcome:
    """How a thing ended: `fault` is None where it was put right, or would be."""

    found: Found
    fault: str | None = None
