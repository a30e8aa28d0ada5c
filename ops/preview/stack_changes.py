"""Both sides of a change, stack by stack: what the base declares, and the way from there to the head."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ops.preview.exports import Outputs
from ops.preview.repository import CannotPreviewError
from ops.preview.side import Order, Recording, Side, read_by
from ops.preview.stack_files import StackFile, Unreadable, encrypted_anew, stand_ins


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
        failed = self.before_failure or self.after_failure
        return bool(self.steps or self.dangers or failed or self.before != self.after)


def compare(recording: Recording, after: Side, wanted: Sequence[str] = ()) -> list[StackChange]:
    """Run the head from what the base declares; return each stack by name, or those that are wanted."""
    names = sorted({*recording.side.stacks, *after.stacks})
    wanted = _checked(wanted, names) if wanted else names
    needed = after.needed(wanted)
    changes = [
        *_planned(recording, after, needed, wanted),
        *(_unplanned(name, recording, after) for name in wanted if name not in needed),
    ]
    return sorted(changes, key=lambda change: change.name)


def _checked(wanted: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    for name in wanted:
        if name not in names:
            there = ", ".join(names) or "none: write a Pulumi.<stack>.yaml"
            raise CannotPreviewError(f"--stack {name}: no such stack on either side", f"There is {there}")
    return wanted


def _planned(
    recording: Recording, after: Side, needed: Sequence[str], wanted: Sequence[str]
) -> Iterator[StackChange]:
    known: dict[str, Outputs] = {}
    read = {name for other in needed for name in read_by(after.readable[other], after.project)}
    for name in needed:
        stack = after.readable[name]
        former = recording.side.stacks.get(name)
        secrets = stand_ins(stack, former if isinstance(former, StackFile) else None)
        order, invented = after.order(stack, secrets, known)
        if name in read:
            heard, _ = after.child.record(order)
            known |= {} if "failure" in heard else {name: heard["exports"]}
        if name in wanted:
            yield _change(recording, after, order, _notes(stack, former, invented))


def _change(recording: Recording, after: Side, order: Order, notes: list[str]) -> StackChange:
    name = order["stack"]
    base = recording.of(name)
    heard = after.child.plan(order, base.resources)
    return StackChange(
        name=name,
        presence=Presence.BOTH if name in recording.side.stacks else Presence.ADDED,
        before_failure=base.failure,
        after_failure=heard.get("failure", ""),
        notes=tuple(notes),
        counts=heard.get("counts", {}),
        steps=() if base.failure else heard.get("steps", ()),
        dangers=() if base.failure else heard.get("dangers", ()),
        before=base.exports,
        after=heard.get("exports", {}),
        services=heard.get("services", {}),
    )


def _unplanned(name: str, recording: Recording, after: Side) -> StackChange:
    """Return the change of a stack whose file is gone, or cannot be used, at the head."""
    base = recording.of(name)
    if name in after.stacks:
        presence = Presence.BOTH if name in recording.side.stacks else Presence.ADDED
        return StackChange(name, presence, base.failure, after_failure=str(after.stacks[name]))
    nothing = {"configuration": {}, "secret-keys": [], "references": {}, "run": False}
    order = {"project": recording.side.project, "stack": name, **nothing}
    heard = after.child.plan(order, base.resources)
    planned = {key: heard[key] for key in ("counts", "steps", "dangers", "services") if key in heard}
    return StackChange(name, Presence.REMOVED, base.failure, before=base.exports, **planned)


def _notes(stack: StackFile, former: StackFile | Unreadable | None, invented: list[str]) -> list[str]:
    notes = [f"{other} is no stack of this repository: its outputs are made up" for other in invented]
    if stack.plain_secret:
        notes.append(
            "fate:secret-key stands in plain text in the stack's file: take a new one, with --secret"
        )
    if isinstance(former, StackFile):
        paths = encrypted_anew(stack, former)
        notes += [f"{path} is encrypted anew: taken for another secret" for path in paths]
    return notes
