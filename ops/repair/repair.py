"""The repair of a stack, in its order.

Lock, plugins, state, pending operations, leftovers, what Pulumi cannot see, FATE jobs without a process.
"""

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module

from ops.doctor.exported import Cluster, Exported, Place, export
from ops.doctor.outputs import PROJECT, parties_of, project_name
from ops.doctor.symptoms import Ailment
from ops.repair.backend import FileBackend, backend_of, damaged
from ops.repair.fate_jobs import without_a_process
from ops.repair.found import Found, Kind, Outcome, Unmended
from ops.repair.interrupted_run import outdated, unfinished
from ops.repair.locks import dead_locks, held
from ops.repair.mending import Unasked, differences
from ops.repair.owner import Owner, owner_of
from ops.repair.processes import Plugin, orphans
from ops.repair.report import Account, Board

AFTERWARDS = (Kind.UNSEEN, Kind.JOB)
"""What tells of no killed run of Pulumi."""
LOOKS = 3
"""How often a place is looked at: what a killed run asked an engine for may appear a moment later."""


class Repair:
    """One repair of one stack."""

    def __init__(self, stack: str, only_look: bool, board: Board) -> None:
        self._stack = stack
        self._backend = backend_of(stack)
        self._board = board
        self.account = Account(stack, only_look)

    def run(self) -> Account:
        """Repair the stack, or only look. Raises Held, and UnreadableOutputs where there is no such state."""
        restored = self._released(self._backend) if self._backend else []
        if restored and (self.account.only_looked or self.account.stays):
            return self.account
        state = self._settled(export(self._stack), [outdated(self._stack)] if restored else [])
        with held(None if self.account.only_looked else self._backend):
            owner = owner_of(project_name(), self._stack, state)
            for place in sorted(state.places(), key=str):
                self._tidy(state, place, owner)
            self._stop_jobs(state)
        self.account.interrupted = any(one.found.kind not in AFTERWARDS for one in self.account.outcomes)
        return self.account

    def _released(self, backend: FileBackend) -> list[Found]:
        """Take away what a killed run still holds; return the state, if it could not be read."""
        locks = dead_locks(backend)
        self._mend(locks)
        self._mend([_orphan(plugin) for plugin in orphans(PROJECT)] if locks else [])
        unreadable = damaged(backend)
        self._mend(unreadable)
        return unreadable

    def _settled(self, state: Exported, older: Sequence[Found]) -> Exported:
        """Settle what a killed run began; return the state after it, with what that run was about to do."""
        found = [*unfinished(state, self._stack), *older]
        if not found:
            return state
        with self._board.busy("pulumi refresh: asking engines and clusters what is there"):
            self._mend_together(found)
        return state if self.account.only_looked else export(self._stack).remembering(state)

    def _tidy(self, state: Exported, place: Place, owner: Owner) -> None:
        try:
            with self._board.busy(f"looking at {_address(place)}"):
                self._take_away(state, place, owner)
                self._mend(list(differences(state, place)))
        except Ailment as fault:
            self.account.outcomes.append(Outcome(_silent(place), fault.detail))
        except Unasked as refusal:
            self.account.remarks.append(f"{_address(place)}: {refusal}")

    def _stop_jobs(self, state: Exported) -> None:
        for party, outputs in parties_of(state.outputs).items():
            try:
                with self._board.busy(f"looking at the jobs of party {party}"):
                    self._mend(list(without_a_process(party, outputs)))
            except Ailment as fault:
                self.account.remarks.append(f"jobs of party {party} were not looked at: {fault.detail}")

    def _take_away(self, state: Exported, place: Place, owner: Owner) -> None:
        look = import_module(f"ops.repair.{place.runtime}_leftovers").leftovers
        done: set[str] = set()
        for _ in range(1 if self.account.only_looked else LOOKS):
            found = [one for one in look(state, place, owner) if f"{one.kind} {one.name}" not in done]
            self._mend(found)
            if not found:
                return
            done |= {f"{one.kind} {one.name}" for one in found}

    def _mend(self, found: Sequence[Found]) -> None:
        for one in found:
            self._mend_together([one])

    def _mend_together(self, found: Sequence[Found]) -> None:
        """Mend things that the remedy of the first mends all at once."""
        fault = None if self.account.only_looked else _fault(found[0].mend)
        self.account.outcomes += [Outcome(one, fault) for one in found]


def _fault(mend: Callable[[], None]) -> str | None:
    try:
        mend()
    except Unmended as fault:
        return str(fault)
    return None


def _orphan(plugin: Plugin) -> Found:
    def end() -> None:
        with suppress(ProcessLookupError):
            os.kill(plugin.pid, signal.SIGKILL)

    wrong = f"process {plugin.pid} still works for the run that is gone"
    return Found(Kind.PLUGIN, "this machine", plugin.name, wrong, "end it", end)


def _address(place: Place) -> str:
    return place.context if isinstance(place, Cluster) else place.host


def _silent(place: Place) -> Found:
    kind = Kind.OBJECT if isinstance(place, Cluster) else Kind.CONTAINER
    return Found(kind, "state", _address(place), "cannot be asked", "ask it", lambda: None)
