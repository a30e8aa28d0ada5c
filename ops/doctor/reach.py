"""How the doctor reaches into a party: commands inside its services, and the state of each.

Every question goes through the runtime's own interface, so no published port is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from ops.doctor.outputs import PartyOutputs
from ops.doctor.symptoms import Symptom


class Answer(NamedTuple):
    """What a command inside a service ended with, and what it wrote."""

    code: int
    text: str


@dataclass(frozen=True)
class State:
    """Whether a service runs.

    `health` is `healthy`, `starting` (it may become healthy by itself) or `unhealthy`, and None where the
    runtime does not probe it, or where it ended.
    """

    running: bool
    health: str | None
    started: datetime
    note: str = ""
    """Why it does not run, or what its last probe said."""
    symptom: Symptom | None = None
    """What keeps it from running, where the runtime tells more than that it does not."""


class Reach(Protocol):
    """The way into the services of one party. Its methods raise Ailment where there is no way."""

    def exec(self, service: str, argv: Sequence[str], limit: int = 20) -> Answer:
        """Run a command inside a service, for `limit` seconds at most (the code is then 124)."""
        ...

    def script(self, service: str, text: str) -> Answer:
        """Run a shell script inside a service; no process list shows its text. It must end by itself."""
        ...

    def state(self, service: str) -> State:
        """Return the state of a service."""
        ...


def reach_of(party: PartyOutputs) -> Reach:
    """Return the way into a party. Raises Ailment where there is none.

    A runtime's way in is imported only for a party that needs it: with Docker's comes a library.
    """
    return cast(Reach, import_module(f"ops.doctor.{party.runtime}_reach").reach_of(party))
