"""What was measured, beside what, whether it keeps its limit, and how that is shown: a table, or JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.console import Console
from rich.markup import escape
from rich.table import Table

COLUMNS = ("measure", "ours", "beside", "ratio", "limit", "verdict")
DECIMALS = {"s": 2, "GB": 3, "GiB": 3}


class Verdict(StrEnum):
    """How a measurement stands to its limit."""

    KEPT = "kept"
    MISSED = "missed"
    TOLD = "told"
    """There is no limit: the figure is for the reader."""
    NOT_MEASURED = "not measured"
    """The machine, as it is now, does not allow it."""
    FAILED = "failed"
    """What was to be measured did not work."""


COLOURS = {
    Verdict.KEPT: "green",
    Verdict.MISSED: "bold red",
    Verdict.TOLD: "dim",
    Verdict.NOT_MEASURED: "yellow",
    Verdict.FAILED: "bold red",
}


@dataclass(frozen=True)
class Measured:
    """A figure of ours. With `other` the limit is one of their ratio, without it one of the figure itself."""

    measure: str
    ours: float
    unit: str
    beside: str = ""
    other: float | None = None
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return ours over the other figure; None where there is no other, or it is not positive."""
        if self.other is None or self.other <= 0:
            return None
        return self.ours / self.other

    @property
    def verdict(self) -> Verdict:
        """Return how the figure stands to its limit; a ratio that cannot be formed has missed it."""
        if self.limit is None:
            return Verdict.TOLD
        judged = self.ours if self.other is None else self.ratio
        return Verdict.KEPT if judged is not None and judged <= self.limit else Verdict.MISSED


@dataclass(frozen=True)
class NotMeasured:
    """A measurement without a figure: why there is none, and what to do about it."""

    measure: str
    verdict: Verdict
    reason: str
    remedy: str


Outcome = Measured | NotMeasured


class CannotMeasureError(Exception):
    """Something is missing that a measurement needs. `str()` tells what, and what to do."""

    verdict = Verdict.NOT_MEASURED

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy}.")
        self.reason = reason
        self.remedy = remedy


class MeasuredFailedError(CannotMeasureError):
    """What was to be measured did not work."""

    verdict = Verdict.FAILED


def cells(outcome: Outcome) -> tuple[str, ...]:
    """Return the texts of an outcome's row, in the order of COLUMNS."""
    if isinstance(outcome, NotMeasured):
        return (outcome.measure, "", "told below", "", "", str(outcome.verdict))
    return (
        outcome.measure,
        _figure(outcome.ours, outcome.unit),
        _beside(outcome),
        "" if outcome.ratio is None else f"{outcome.ratio:.2f}",
        _limit(outcome),
        str(outcome.verdict),
    )


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print the table, and below it why something has no figure."""
    table = Table(*COLUMNS)
    for outcome in outcomes:
        *texts, verdict = map(escape, cells(outcome))
        table.add_row(*texts, f"[{COLOURS[outcome.verdict]}]{verdict}[/]")
    console.print(table)
    for outcome in outcomes:
        if isinstance(outcome, NotMeasured):
            console.print(f"{outcome.measure}: {outcome.reason}. {outcome.remedy}.", markup=False)


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Return every outcome with its fields, its ratio and its verdict."""
    return json.dumps([_row(outcome) for outcome in outcomes], indent=2)


def _row(outcome: Outcome) -> dict[str, object]:
    ratio = {"ratio": outcome.ratio} if isinstance(outcome, Measured) else {}
    return {**vars(outcome), **ratio, "verdict": str(outcome.verdict)}


def _beside(measured: Measured) -> str:
    if measured.other is None:
        return measured.beside
    return f"{measured.beside}: {_figure(measured.other, measured.unit)}"


def _figure(value: float, unit: str) -> str:
    return f"{value:.{DECIMALS.get(unit, 0)}f} {unit}"


def _limit(measured: Measured) -> str:
    if measured.limit is None:
        return ""
    if measured.other is not None:
        return f"{measured.limit:g} times"
    return f"{measured.limit:g} {measured.unit}"
