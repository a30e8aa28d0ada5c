"""What was made of every key: a table for people, JSON for machines."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.migrate.account import Entry, Outcome
from ops.migrate.migrated_stack import MigratedStack

WIDTH = 160
STYLES = {
    Outcome.KEPT: "green",
    Outcome.NOT_NEEDED: "",
    Outcome.NO_COUNTERPART: "yellow",
    Outcome.UNKNOWN: "bold red",
}


@dataclass(frozen=True)
class Result:
    """A stack and the file that it was written to, None where none was."""

    stack: MigratedStack
    file: Path | None


def tell(results: Sequence[Result], out: TextIO) -> None:
    """Write a table of keys for each source, and what to do next."""
    console = Console(file=out, highlight=False, markup=False, width=None if out.isatty() else WIDTH)
    for result in results:
        console.print(_table(result.stack))
        console.print(Text(_counted(result.stack.entries)), soft_wrap=True)
        for line in _steps(result):
            console.print(Text(line), soft_wrap=True)
        console.print()


def as_json(results: Sequence[Result]) -> str:
    """Return the same as JSON."""
    return json.dumps({"stacks": [_tree(result) for result in results]}, indent=2, ensure_ascii=False)


def _table(stack: MigratedStack) -> Table:
    title = f"{stack.what}, from {stack.source}"
    table = Table(title=title, title_justify="left", show_lines=False)
    for column in ("line", "key", "value", "what became of it"):
        table.add_column(column, overflow="fold", justify="right" if column == "line" else "left")
    for entry in stack.entries:
        outcome = Text(_outcome(entry), style=STYLES[entry.claim.outcome])
        table.add_row(_line(entry, stack), Text(entry.key.name), Text(entry.value), outcome)
    return table


def _line(entry: Entry, stack: MigratedStack) -> str:
    line, file = entry.key.line, entry.key.file
    return str(line) if file == stack.source else f"{Path(file).name}:{line}"


def _outcome(entry: Entry) -> str:
    outcome, text = entry.claim.outcome, entry.claim.text
    if outcome is Outcome.KEPT:
        return f"kept {text}"
    return f"{outcome}: {text}"


def _counted(entries: Iterable[Entry]) -> str:
    counts = Counter(entry.claim.outcome for entry in entries)
    listed = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    return f"{sum(counts.values())} keys: {listed or 'none'}"


def _steps(result: Result) -> Iterator[str]:
    stack, file = result.stack, result.file
    if file is None:
        yield "No stack is written."
        return
    yield f"Wrote {file}. Next:"
    numbered = [*_to_fill(stack), *_refused(stack), *stack.first, *_commands(stack, file)]
    for number, step in enumerate(numbered, start=1):
        yield f"{number:>3}. {step}"


def _to_fill(stack: MigratedStack) -> Iterator[str]:
    for place, placeholder in stack.to_fill.items():
        yield f"Fill in {place}: {placeholder.why}"


def _refused(stack: MigratedStack) -> Iterator[str]:
    for fault in stack.faults:
        yield f"Put right {fault.path}: {fault.problem}; {fault.remedy}"


def _commands(stack: MigratedStack, file: Path) -> Iterator[str]:
    if file.parent.resolve() != Path.cwd():
        yield f"Put {file.name} into the checkout, beside Pulumi.yaml"
    yield f"fate check {file.name}"
    yield f"setup/stack.sh {stack.name}    (pulumi stack init, and the stack's secret key: docs/secrets.md)"
    yield f". setup/activate && pulumi preview --stack {stack.name}"


def _tree(result: Result) -> dict[str, object]:
    stack = result.stack
    return {
        "stack": stack.name if result.file else None,
        "source": stack.source,
        "file": str(result.file) if result.file else None,
        "to_fill": [
            {"path": place, "why": placeholder.why, "example": placeholder.example}
            for place, placeholder in stack.to_fill.items()
        ],
        "faults": [
            {"path": fault.path, "problem": fault.problem, "remedy": fault.remedy} for fault in stack.faults
        ],
        "next": [*stack.first, *(_commands(stack, result.file) if result.file else ())],
        "keys": [_row(entry) for entry in stack.entries],
    }


def _row(entry: Entry) -> dict[str, object]:
    return {
        "file": entry.key.file,
        "line": entry.key.line,
        "key": entry.key.name,
        "value": entry.value,
        "outcome": str(entry.claim.outcome),
        "paths": list(entry.claim.places),
        "note": entry.claim.note,
    }
