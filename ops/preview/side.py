"""One side of a change: its stacks, what each reads of others, and the process in which its program runs.

What a stack reads is told by the other's own run, and made up where that one is elsewhere.
"""

import graphlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.preview.child import Child
from ops.preview.exports import Outputs
from ops.preview.stack_files import (
    PROJECT,
    StackFile,
    Unreadable,
    configuration,
    project_of,
    secret_keys,
    stacks_of,
    stand_ins,
)

DIGEST = f"sha256:{'0' * 64}"
Order = Mapping[str, Any]
NO_RESOURCES = b"null\n"


def stack_named(reference: str, project: str) -> str | None:
    """Return the stack of this project that a reference names, None for one of another project."""
    _, of_project, name = reference.split("/")
    return name if of_project == project else None


def ordered(stacks: Mapping[str, StackFile], project: str) -> list[str]:
    """Return the stacks, those first that others read; a circle is opened where it starts by name."""
    graph: dict[str, set[str]] = {name: set() for name in sorted(stacks)}
    for name in graph:
        for other in sorted(read_by(stacks[name], project) & graph.keys() - {name}):
            if not _reaches(graph, other, name):
                graph[name].add(other)
    return list(graphlib.TopologicalSorter(graph).static_order())


def read_by(stack: StackFile, project: str) -> set[str]:
    """Return the names of the stacks of this project that a stack reads."""
    named = (stack_named(reference, project) for reference in stack.references())
    return {name for name in named if name is not None}


def outputs_for(
    stack: StackFile, known: Mapping[str, Outputs], project: str
) -> tuple[dict[str, Outputs], list[str]]:
    """Return the outputs of every stack that a stack reads, and which of them are made up."""
    given: dict[str, Outputs] = {}
    invented = []
    for reference in sorted(stack.references()):
        name = stack_named(reference, project)
        if name is not None and name in known:
            given[reference] = known[name]
        else:
            given[reference] = _assumed(_peers_at(stack.values, reference))
            invented.append(reference)
    return given, invented


def _reaches(graph: Mapping[str, Iterable[str]], start: str, end: str) -> bool:
    return start == end or any(_reaches(graph, further, end) for further in graph[start])


def _assumed(peers: Iterable[str]) -> Outputs:
    """Return outputs such as any stack of this program has."""
    from config import catalogue

    expose = {"host": "elsewhere.invalid", "gateway-port": 9300, "broker-port": 5672}
    return {
        "mirror": "elsewhere.invalid:5000",
        "images": {name: f"elsewhere.invalid:5000/fate/{name}@{DIGEST}" for name in catalogue().of("party")},
        "parties": {id: {"expose": expose} for id in peers},
    }


def _peers_at(value: object, reference: str) -> list[str]:
    """Return the ids that stand beside a reference."""
    if isinstance(value, Mapping):
        if value.get("stack") == reference and "id" in value:
            return [str(value["id"])]
        return [id for part in value.values() for id in _peers_at(part, reference)]
    return [id for part in value for id in _peers_at(part, reference)] if isinstance(value, list) else []


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
        self, stack: StackFile, secrets: Mapping[str, str], known: Mapping[str, Outputs]
    ) -> tuple[Order, list[str]]:
        """Return what a stack is run with, and the stacks whose outputs had to be made up."""
        references, invented = outputs_for(stack, known, self.project)
        order = {
            "project": self.project,
            "stack": stack.name,
            "configuration": configuration(stack, self.defaults, secrets),
            "secret-keys": secret_keys(secrets),
            "references": references,
            "run": True,
        }
        return order, invented


@dataclass(frozen=True)
class Recorded:
    """What one stack of the base declares, or why its program did not run."""

    failure: str = ""
    exports: Outputs = field(default_factory=dict)
    resources: bytes = NO_RESOURCES


class Recording:
    """Starts at once; `of` waits for a stack."""

    def __init__(self, side: Side, wanted: Sequence[str], pool: ThreadPoolExecutor) -> None:
        self.side = side
        self._known: dict[str, Outputs] = {}
        self._stacks: dict[str, Future[Recorded]] = {
            name: pool.submit(self._recorded, name) for name in side.needed(wanted)
        }
        pool.submit(side.child.end)

    def of(self, name: str) -> Recorded:
        """Return what a stack declares, or why it cannot; nothing where the base has no such stack."""
        stack = self.side.stacks.get(name)
        if isinstance(stack, Unreadable):
            return Recorded(str(stack))
        return self._stacks[name].result() if name in self._stacks else Recorded()

    def _recorded(self, name: str) -> Recorded:
        stack = self.side.readable[name]
        order, _ = self.side.order(stack, stand_ins(stack, None), self._known)
        heard, resources = self.side.child.record(order)
        failure, exports = heard.get("failure", ""), heard.get("exports", {})
        if not failure:
            self._known[name] = exports
        return Recorded(failure, exports, resources or NO_RESOURCES)
