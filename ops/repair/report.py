"""What a repair says: a table for people, JSON for machines."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.repair.found import Found, Outcome

WIDTH = 140


@dataclass
class Account:
    """All that one repair found, and how it went."""

    stack: str
    only_looked: bool
    outcomes: list[Outcome] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    interrupted: bool = False
    """Whether a run was killed: then an `up` or a `destroy` has to be done again."""

    @property
    def stays(self) -> bool:
        """Tell whether something is still wrong."""
        return any(outcome.fault for outcome in self.outcomes) or (self.only_looked and bool(self.outcomes))

    @property
    def next(self) -> str | None:
        """Return the command that comes next, None where nothing is left to do."""
        if self.stays:
            return f"fate repair --stack {self.stack}"
        return f"pulumi up --stack {self.stack}" if self.interrupted else None


class Board:
    """Says what goes on, and at the end shows a table."""

    def __init__(self, out: TextIO, quiet: bool = False) -> None:
        self._console = Console(
            file=out, highlight=False, markup=False, width=None if out.isatty() else WIDTH, quiet=quiet
        )

    @contextmanager
    def busy(self, doing: str) -> Iterator[None]:
        """Show on a terminal what is being done."""
        with self._console.status(doing):
            yield

    def finish(self, account: Account) -> None:
        """Show everything."""
        if account.outcomes:
            self._console.print(_table(account))
        for remark in account.remarks:
            self._console.print(Text(f"Note: {remark}", "dim"))
        self._console.print(_verdict(account))


class Record(Board):
    """Says nothing until the end: then JSON."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(out, quiet=True)
        self._out = out

    def finish(self, account: Account) -> None:
        """Write everything as one JSON object."""
        tree = {
            "stack": account.stack,
            "ok": not account.stays,
            "found": [_row(outcome, account.only_looked) for outcome in account.outcomes],
            "remarks": account.remarks,
            "next": account.next,
        }
        self._out.write(json.dumps(tree, indent=2) + "\n")


def _table(account: Account) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("what", "which", "what is wrong", "what would be done" if account.only_looked else "done"):
        table.add_column(title, overflow="fold")
    for outcome in account.outcomes:
        found = outcome.found
        table.add_row(found.kind, _which(found), found.wrong, _done(outcome, account.only_looked))
    return table


def _which(found: Found) -> str:
    return found.name if found.where == "state" else f"{found.name}\non {found.where}"


def _done(outcome: Outcome, only_looked: bool) -> Text:
    if outcome.fault:
        return Text(f"not done: {outcome.fault}", "bold red")
    return Text(outcome.found.remedy if only_looked else f"ok {outcome.found.remedy}", "green")


def _verdict(account: Account) -> Text:
    number = len(account.outcomes)
    things = "1 thing" if number == 1 else f"{number} things"
    if not account.outcomes:
        return Text(f"Nothing is wrong with stack {account.stack}: nothing was done.", "green")
    if account.only_looked:
        return Text(f"{things} to repair; nothing was done. Next: {account.next}", "bold")
    if account.stays:
        return Text(
            f"Some of {things} could not be repaired. Mend what is named, then: {account.next}", "red"
        )
    verdict = f"{things} repaired."
    if account.next:
        verdict += f" Next: {account.next}, or pulumi destroy if it was that which was killed."
    return Text(verdict, "bold green")


def _row(outcome: Outcome, only_looked: bool) -> dict[str, object]:
    found = outcome.found
    return {
        "kind": found.kind,
        "where": found.where,
        "name": found.name,
        "wrong": found.wrong,
        "remedy": found.remedy,
        "done": not only_looked and outcome.fault is None,
        "fault": outcome.fault,
    }
