"""What a stack reads of other stacks: told by their own files, made up where those are elsewhere."""

import graphlib
from collections.abc import Iterable, Mapping
from typing import Any

from config import catalogue
from ops.preview.stack_files import StackFile

DIGEST = f"sha256:{'0' * 64}"
Outputs = Mapping[str, Any]


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
            given[reference] = _made_up(_peers_at(stack.values, reference))
            invented.append(reference)
    return given, invented


def _reaches(graph: Mapping[str, Iterable[str]], start: str, end: str) -> bool:
    return start == end or any(_reaches(graph, further, end) for further in graph[start])


def _made_up(peers: Iterable[str]) -> Outputs:
    """Return outputs such as any stack of this program has."""
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
