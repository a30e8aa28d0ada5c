"""One side of a change: its folder, its stacks, and the process in which its program runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.preview.child import Child
from ops.preview.references import Outputs, ordered, outputs_for, read_by
from ops.preview.stack_files import (
    PROJECT,
    StackFile,
    Unreadable,
    configuration,
    project_of,
    secret_keys,
    stacks_of,
)

Order = Mapping[str, Any]


class Side:
    """The stacks of one commit. A project file that cannot be used makes every stack of it unusable."""

    def __init__(self, folder: Path, child: Child) -> None:
        child.enter(folder)
        self.child = child
        self.stacks: Mapping[str, StackFile | Unreadable] = stacks_of(folder)
        self.project, self.defaults = PROJECT, dict[str, Any]()
        try:
            self.project, self.defaults = project_of(folder)
        except Unreadable as reason:
            self.stacks = dict.fromkeys(self.stacks, reason)
        self.readable = {name: s for name, s in self.stacks.items() if isinstance(s, StackFile)}

    def needed(self, wanted: Sequence[str]) -> list[str]:
        """Return the stacks to run, in order: those wanted, or all, and those that they read."""
        needed: set[str] = set()
        left = [name for name in wanted or self.readable if name in self.readable]
        while left:
            name = left.pop()
            if name not in needed and name in self.readable:
                needed.add(name)
                left += read_by(self.readable[name], self.project)
        return [name for name in ordered(self.readable, self.project) if name in needed]

    def order(
        self, stack: StackFile, made_up: Mapping[str, str], known: Mapping[str, Outputs]
    ) -> tuple[Order, list[str]]:
        """Return what a stack is run with, and the stacks whose outputs had to be made up."""
        references, invented = outputs_for(stack, known, self.project)
        order = {
            "project": self.project,
            "stack": stack.name,
            "configuration": configuration(stack, self.defaults, made_up),
            "secret-keys": secret_keys(made_up),
            "references": references,
            "run": True,
        }
        return order, invented
