"""The whole preview, before it is written in one form or another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.preview.exports import lost_ways
from ops.preview.hazards import Hazard
from ops.preview.stack_changes import Presence, StackChange

OPERATIONS = ("create", "update", "replace", "delete")
LISTED = 4
"""How many components a sentence names before it counts the others."""


@dataclass(frozen=True)
class Warned:
    """A danger of one stack, told once for all the components that it meets."""

    stack: str
    hazard: str
    sentence: str


@dataclass(frozen=True)
class Overview:
    """What a change does: both commits, and every stack that exists on either side."""

    base: str
    head: str
    stacks: Sequence[StackChange]
    notes: Sequence[str] = ()

    @property
    def touched(self) -> list[StackChange]:
        """Return the stacks that the change does anything to."""
        return [stack for stack in self.stacks if stack.touched or stack.presence is not Presence.BOTH]

    @property
    def dangers(self) -> list[Warned]:
        """Return every danger, worst first."""
        order: list[str] = [*Hazard]
        found = [danger for stack in self.stacks for danger in _warned(stack)]
        return sorted(found, key=lambda danger: order.index(danger.hazard))

    @property
    def runs(self) -> bool:
        """Tell whether the head's program runs for every stack."""
        return not any(stack.after_failure for stack in self.stacks)

    def hazards(self, wanted: Iterable[str]) -> list[str]:
        """Return the kinds of danger that are there, of those that are wanted."""
        there = {danger.hazard for danger in self.dangers}
        return [hazard for hazard in Hazard if hazard in there and hazard in set(wanted)]


def resources(stack: StackChange) -> list[Mapping[str, Any]]:
    """Return the steps of resources; components only hold others."""
    return [step for step in stack.steps if not step["is-component"]]


def kind(step: Mapping[str, Any]) -> str:
    """Return the last word of a resource's type, by which a volume is told from its container."""
    return str(step["type"]).rpartition(":")[2]


def counted(stack: StackChange) -> dict[str, int]:
    """Return how many resources each operation meets."""
    return {operation: stack.counts.get(operation, 0) for operation in (*OPERATIONS, "same")}


def summary(stack: StackChange) -> str:
    """Return how many resources a stack changes, in words."""
    counts = counted(stack)
    words = [f"{counts[name]} to {name}" for name in OPERATIONS if counts[name]]
    words.append(f"{counts['same']} unchanged")
    if not stack.steps and not failures(stack):
        words += [f"another value of output {name}" for name in _other_outputs(stack)]
    prefix = "" if stack.presence is Presence.BOTH else f"{stack.presence}, "
    return prefix + ", ".join(words)


def _other_outputs(stack: StackChange) -> list[str]:
    names = sorted({*stack.before, *stack.after})
    return [name for name in names if stack.before.get(name) != stack.after.get(name)]


def failures(stack: StackChange) -> list[str]:
    """Return why a side could not be run, in words."""
    reasons = []
    if stack.after_failure:
        reasons.append(f"The head does not run: {stack.after_failure}")
    if stack.before_failure:
        reasons.append(f"The base does not run, so nothing can be compared: {stack.before_failure}")
    return reasons


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: parties by their ids, many of them counted."""
    parties = [name.removeprefix("party ") for name in names if name.startswith("party ")]
    others = [name or "the stack" for name in names if not name.startswith("party ")]
    named = [f"party {parties[0]}" if len(parties) == 1 else f"parties {_some(parties)}"] if parties else []
    return " and ".join([*named, *others])


def _some(names: Sequence[str]) -> str:
    if len(names) <= LISTED:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[: LISTED - 1])} and {len(names) - LISTED + 1} others"


def _warned(stack: StackChange) -> list[Warned]:
    dangers = [*stack.dangers, *lost_ways(stack.before, stack.after if stack.steps else stack.before)]
    where: dict[tuple[str, str], list[str]] = {}
    for danger in dangers:
        where.setdefault((danger["hazard"], danger["sentence"]), []).append(danger["component"])
    return [
        Warned(stack.name, hazard, sentence.replace("{where}", listed(components)))
        for (hazard, sentence), components in where.items()
    ]
