"""The outcomes as a table for people or as JSON for machines."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.verdicts import Measured, NotMeasured, Outcome, Verdict

COLUMNS = ("measure", "ours", "beside", "ratio", "limit", "verdict")
COLOURS = {
    Verdict.KEPT: "green",
    Verdict.MISSED: "bold red",
    Verdict.TOLD: "dim",
    Verdict.NOT_MEASURED: "yellow",
    Verdict.FAILED: "bold red",
}
DECIMALS = {"s": 2, "GB": 3, "GiB": 3}


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
