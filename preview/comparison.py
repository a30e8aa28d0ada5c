"""Both sides of a change, stack by stack: what the base declares, and the way from there to the head."""

import secrets as randomness
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from preview import secrets
from preview.faults import CannotPreviewError
from preview.references import Outputs, ordered, outputs_for, read_by
from preview.side import Side
from preview.stack_files import StackFile, Unreadable, configuration, secret_keys

NO_RESOURCES = b"null\n"


class Presence(StrEnum):
    """On which sides a stack exists."""

    BOTH = "both"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class StackChange:
    """What a change does to one stack. A failure says why its program could not run on that side."""

    name: str
    presence: Presence
    before_failure: str = ""
    after_failure: str = ""
    notes: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    steps: Sequence[Mapping[str, Any]] = ()
    dangers: Sequence[Mapping[str, str]] = ()
    before: Outputs = field(default_factory=dict)
    after: Outputs = field(default_factory=dict)
    services: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """The services that run `before` and `after`, by component."""

    @property
    def touched(self) -> bool:
        """Tell whether the change does anything to the stack."""
        return bool(self.steps or self.after_failure or self.before_failure or self.before != self.after)


@dataclass(frozen=True)
class _Recorded:
    failure: str
    exports: Outputs
    resources: bytes


def compare(base: Path, head: Path, wanted: Sequence[str] = ()) -> list[StackChange]:
    """Run both sides, and return each stack by name; `wanted` leaves out all others."""
    seal = randomness.token_bytes(32)
    with Side(base, seal) as before, Side(head, seal) as after, ThreadPoolExecutor(1) as pool:
        names = sorted({*before.stacks, *after.stacks})
        wanted = _checked(wanted, names) if wanted else names
        recorded = _recorded_in_background(pool, before, _needed(before, wanted))
        return sorted(_planned(before, after, recorded, wanted), key=lambda change: change.name)


def _checked(wanted: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    for name in wanted:
        if name not in names:
            there = ", ".join(names) or "none: write a Pulumi.<stack>.yaml"
            raise CannotPreviewError(f"--stack {name}: no such stack on either side", f"There is {there}")
    return wanted


def _needed(side: Side, wanted: Sequence[str]) -> list[str]:
    """Return the stacks to run, in order: those wanted, and those that they read."""
    stacks = _readable(side)
    needed: set[str] = set()
    left = [name for name in wanted if name in stacks]
    while left:
        name = left.pop()
        if name not in needed and name in stacks:
            needed.add(name)
            left += read_by(stacks[name], side.project)
    return [name for name in ordered(stacks, side.project) if name in needed]


def _readable(side: Side) -> dict[str, StackFile]:
    return {name: stack for name, stack in side.stacks.items() if isinstance(stack, StackFile)}


def _recorded_in_background(
    pool: ThreadPoolExecutor, side: Side, names: Sequence[str]
) -> dict[str, Future[_Recorded]]:
    known: dict[str, Outputs] = {}

    def record(name: str) -> _Recorded:
        stack = _readable(side)[name]
        order, _ = _order(side, stack, secrets.made_up(stack, None), known)
        heard, resources = side.record(order)
        failure, exports = heard.get("failure", ""), heard.get("exports", {})
        if not failure:
            known[name] = exports
        return _Recorded(failure, exports, resources or NO_RESOURCES)

    return {name: pool.submit(record, name) for name in names}


def _order(
    side: Side, stack: StackFile, made_up: Mapping[str, str], known: Mapping[str, Outputs]
) -> tuple[dict[str, Any], list[str]]:
    references, invented = outputs_for(stack, known, side.project)
    order = {
        "project": side.project,
        "stack": stack.name,
        "configuration": configuration(stack, side.defaults, made_up),
        "secret-keys": secret_keys(made_up),
        "references": references,
        "run": True,
    }
    return order, invented


def _planned(
    before: Side, after: Side, recorded: Mapping[str, Future[_Recorded]], wanted: Sequence[str]
) -> Iterator[StackChange]:
    known: dict[str, Outputs] = {}
    needed = _needed(after, wanted)
    readers = {name for other in needed for name in read_by(_readable(after)[other], after.project)}
    for name in needed:
        stack = _readable(after)[name]
        former = before.stacks.get(name)
        made_up = secrets.made_up(stack, former if isinstance(former, StackFile) else None)
        order, invented = _order(after, stack, made_up, known)
        if name in readers:
            heard, _ = after.record(order)
            known |= {} if "failure" in heard else {name: heard["exports"]}
        if name in wanted:
            yield _change(after, order, former, recorded.get(name), _notes(stack, former, invented))
    for name in wanted:
        if name not in needed:
            yield _unplanned(name, before, after, recorded.get(name))


def _change(
    after: Side,
    order: Mapping[str, Any],
    former: StackFile | Unreadable | None,
    recorded: Future[_Recorded] | None,
    notes: list[str],
) -> StackChange:
    base = recorded.result() if recorded else _Recorded("", {}, NO_RESOURCES)
    before_failure = str(former) if isinstance(former, Unreadable) else base.failure
    heard = after.plan(order, NO_RESOURCES if before_failure else base.resources)
    return StackChange(
        name=order["stack"],
        presence=Presence.ADDED if former is None else Presence.BOTH,
        before_failure=before_failure,
        after_failure=heard.get("failure", ""),
        notes=tuple(notes),
        counts=heard.get("counts", {}),
        steps=() if before_failure else heard.get("steps", ()),
        dangers=() if before_failure else heard.get("dangers", ()),
        before=base.exports,
        after=heard.get("exports", {}),
        services=heard.get("services", {}),
    )


def _unplanned(name: str, before: Side, after: Side, recorded: Future[_Recorded] | None) -> StackChange:
    """Return the change of a stack whose file is gone, or cannot be used, at the head."""
    now = after.stacks.get(name)
    base = recorded.result() if recorded else _Recorded("", {}, NO_RESOURCES)
    if now is not None:
        presence = Presence.BOTH if name in before.stacks else Presence.ADDED
        return StackChange(name, presence, base.failure, after_failure=str(now))
    former = before.stacks[name]
    failure = str(former) if isinstance(former, Unreadable) else base.failure
    order = {
        "project": before.project,
        "stack": name,
        "configuration": {},
        "secret-keys": [],
        "references": {},
    }
    heard = after.plan({**order, "run": False}, NO_RESOURCES if failure else base.resources)
    told = {key: heard[key] for key in ("counts", "steps", "dangers", "services") if key in heard}
    return StackChange(name, Presence.REMOVED, failure, before=base.exports, **told)


def _notes(stack: StackFile, former: StackFile | Unreadable | None, invented: list[str]) -> list[str]:
    notes = [f"{other} is no stack of this repository: its outputs are made up" for other in invented]
    if stack.plain_secret:
        notes.append(
            "fate:secret-key stands in plain text in the stack's file: take a new one, with --secret"
        )
    if isinstance(former, StackFile):
        paths = secrets.changed(stack, former)
        notes += [f"{path} is encrypted anew: taken for another secret" for path in paths]
    return notes
