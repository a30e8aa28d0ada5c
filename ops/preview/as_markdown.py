"""The preview as a comment on a pull request: danger first, diffs folded, no longer than GitHub takes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.preview.comment import Block, code, diff, fitted, folded, plain, row
from ops.preview.exports import PortChange, port_changes, spaced
from ops.preview.hazards import Hazard
from ops.preview.overview import OPERATIONS, Overview, counted, failures, kind, resources, summary
from ops.preview.picture import picture
from ops.preview.stack_changes import StackChange

MARKER = "<!-- fate-preview -->"
"""By which the comment is found again, to be edited rather than written anew."""
TITLES: Mapping[str, str] = {
    Hazard.DATA_LOSS: "Data",
    Hazard.REFUSED: "Refused",
    Hazard.EXPOSURE: "Exposure",
    Hazard.REACH: "Reach",
    Hazard.IMAGE: "Image",
    Hazard.RESTART: "Restart",
}
ROWS = 400
"""Resources of one stack that a comment lists."""
OLD_AND_NEW = 6
"""Changed properties of one resource that its row shows."""


def as_markdown(overview: Overview, artifact: str) -> str:
    """Return the comment. What does not fit is left out, with a word on where it is: `artifact`."""
    blocks = [Block(_heading(overview), 0), *_dangers(overview)]
    for stack in overview.touched:
        blocks += _stack(stack)
    if not overview.touched:
        blocks.append(Block("No stack changes.\n", 0))
    blocks += [Block(f"> {plain(note)}\n", 0) for note in overview.notes]
    return fitted(blocks, artifact or "the output of `fate preview`")


def _heading(overview: Overview) -> str:
    lines = [MARKER, "## What this change does to the federation", ""]
    lines.append(f"From {code(overview.base)} to {code(overview.head)}, told without an engine or a secret.")
    if overview.touched:
        lines += ["", row("stack", *OPERATIONS, "unchanged"), row("---", *["---:"] * 5)]
    for stack in overview.touched:
        counts = counted(stack)
        numbers = [str(counts[name] or "") for name in (*OPERATIONS, "same")]
        lines.append(row(plain(stack.name), *(["does not run"] if failures(stack) else numbers)))
    return "\n".join(lines) + "\n"


def _dangers(overview: Overview) -> Iterator[Block]:
    if not overview.dangers:
        return
    yield Block("### Look at this first\n", 0)
    lines = [
        f"- **{TITLES[danger.hazard]}**: {plain(danger.sentence)} (stack {plain(danger.stack)})"
        for danger in overview.dangers
    ]
    yield Block("\n".join(lines[:40]) + "\n", 0)
    if lines[40:]:
        yield Block(folded(f"{len(lines) - 40} more", "\n".join(lines[40:])), 1)


def _stack(stack: StackChange) -> Iterator[Block]:
    yield Block(f"### Stack {plain(stack.name)}\n\n{plain(summary(stack))}\n", 0)
    for failure in failures(stack):
        sentence, _, reason = failure.partition(": ")
        yield Block(f"> [!CAUTION]\n> {plain(sentence)}:\n\n{diff([reason], '')}", 0)
    for note in stack.notes:
        yield Block(f"> {plain(note)}\n", 0)
    steps, whole = resources(stack), _whole(stack)
    loose = [step for step in steps if step["component"] not in whole]
    if loose:
        yield Block("\n".join(_rows(loose[:ROWS])) + "\n", 1)
    if loose[ROWS:]:
        yield Block(f"and {len(loose) - ROWS} more resources\n", 1)
    for component, operation in whole.items():
        held = [step for step in steps if step["component"] == component]
        title = code(f"{component}: all {len(held)} resources to {operation}")
        yield Block(folded(title, "\n".join(_rows(held))), 2)
    if not stack.after_failure:
        yield from _sheets(stack)
    for step in steps:
        for change in step["changes"]:
            if change["lines"]:
                title = code(f"{step['name']}: {change['path']}")
                yield Block(folded(title, diff(change["lines"])), 3)


def _whole(stack: StackChange) -> dict[str, str]:
    """Return the components that come or go as a whole, and which of the two."""
    steps = (step for step in stack.steps if step["is-component"])
    return {s["component"]: s["operation"] for s in steps if s["operation"] in ("create", "delete")}


def _sheets(stack: StackChange) -> Iterator[Block]:
    changes = port_changes(stack.before, stack.after)
    if changes:
        yield Block("Changes to the sheet of ports:\n\n" + "\n".join(_ports(changes)) + "\n", 1)
    drawn = picture(stack) if stack.steps else ""
    if drawn:
        yield Block(f"```mermaid\n{drawn}```\n", 2)


def _ports(changes: Sequence[PortChange]) -> Iterator[str]:
    columns = list(dict.fromkeys(name for change in changes for name in change.row))
    yield row("", *(plain(spaced(name)) for name in columns))
    yield row(*["---"] * (len(columns) + 1))
    for change in changes:
        sign = "open" if change.sign == "+" else "close"
        yield row(sign, *(plain(str(change.row.get(name, ""))) for name in columns))


def _rows(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield row("party", "service", "operation", "kind", "resource", "what changes")
    yield row(*["---"] * 6)
    last = ("", "")
    for step in steps:
        where = (step["component"] or "the stack", step["service"])
        shown = where if where != last else ("", "")
        last = where
        named = (shown[0].removeprefix("party "), shown[1], step["operation"], kind(step), step["name"])
        yield row(*map(plain, named), _changes(step))


def _changes(step: Mapping[str, Any]) -> str:
    parts = [
        f"{plain(change['path'])}: lines below"
        if change["lines"]
        else f"{plain(change['path'])}: {_side(change['old'])} → {_side(change['new'])}"
        for change in step["changes"]
    ]
    more = [f"and {len(parts) - OLD_AND_NEW} more"] if len(parts) > OLD_AND_NEW else []
    return "<br>".join([*parts[:OLD_AND_NEW], *more])


def _side(value: str | None) -> str:
    return "absent" if value is None else code(value)
