"""The preview for a terminal."""

import io
from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ops.preview.exports import PortChange, port_changes, spaced
from ops.preview.overview import Overview, failures, kind, resources, summary
from ops.preview.stack_changes import StackChange

MARKS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("+-", "magenta"),
    "delete": ("-", "red"),
}
LINES = {"+": "green", "-": "red", "@": "cyan"}
WIDTH = 120


def as_table(overview: Overview, colour: bool) -> str:
    """Return the preview as text of at most 120 columns, in colour for a terminal."""
    console = Console(file=io.StringIO(), force_terminal=colour, width=WIDTH, highlight=False)
    for part in _parts(overview):
        console.print(part)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return] # it is a StringIO


def _parts(overview: Overview) -> Iterator[RenderableType]:
    yield Text(f"From {overview.base}\nto   {overview.head}\n", "dim")
    for danger in overview.dangers:
        yield Text.assemble((f"{danger.hazard}: ", "bold red"), f"{danger.sentence} (stack {danger.stack})")
    if overview.dangers:
        yield Text()
    for stack in overview.touched:
        yield from _stack(stack)
    if not overview.touched:
        yield Text("No stack changes.")
    for note in overview.notes:
        yield Text(f"Note: {note}", "yellow")


def _stack(stack: StackChange) -> Iterator[RenderableType]:
    yield Text.assemble((f"Stack {stack.name}", "bold"), f": {summary(stack)}")
    yield from (Text(f"  {failure}", "red") for failure in failures(stack))
    yield from (Text(f"  Note: {note}", "yellow") for note in stack.notes)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for step in resources(stack):
        mark, style = MARKS[step["operation"]]
        where = step["component"] or "the stack"
        table.add_row(
            Text(f"  {mark}", style),
            where,
            step["service"],
            kind(step),
            step["name"],
            Text(_small(step["changes"])),
        )
    yield table
    for step in resources(stack):
        for change in step["changes"]:
            if change["lines"]:
                yield Text(f"\n  {step['name']}: {change['path']}", "bold")
                yield from (Text(f"  {line}", LINES.get(line[:1], "")) for line in change["lines"])
    yield from _ports(port_changes(stack.before, stack.after) if not stack.after_failure else [])
    yield Text()


def _small(changes: Iterable[dict[str, object]]) -> str:
    """Return the changes that fit on a line each."""
    return "\n".join(
        f"{change['path']}: {change['old'] or 'absent'} -> {change['new'] or 'absent'}"
        for change in changes
        if not change["lines"]
    )


def _ports(changes: list[PortChange]) -> Iterator[Text]:
    if changes:
        yield Text("\n  Ports to open (+) and to close (-) in a firewall:", "bold")
    for change in changes:
        columns = ", ".join(f"{spaced(name)} {value}" for name, value in change.row.items() if value != "")
        yield Text(f"  {change.sign} {columns}", LINES[change.sign])
