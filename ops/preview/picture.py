"""The topology of a stack as Mermaid: what comes is green, what goes is red, what changes is amber."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.preview.exports import Outputs, exchange_of, led_to, parties_in, peers_in
from ops.preview.overview import resources
from ops.preview.stack_changes import StackChange

HERE = "here"
"""How a party's output names the exchange of its own stack."""
MANY = 12
"""With more parties than this, only those that change are drawn: Mermaid draws 500 edges at most."""
COLOURS = {
    "added": "fill:#dafbe1,stroke:#1a7f37,color:#1a1a1a",
    "removed": "fill:#ffebe9,stroke:#cf222e,color:#1a1a1a,stroke-dasharray:4",
    "changed": "fill:#fff8c5,stroke:#9a6700,color:#1a1a1a",
}
EDGE = {"added": "stroke:#1a7f37,stroke-width:3px", "removed": "stroke:#cf222e,stroke-dasharray:4"}
Party = Mapping[str, Any]


class _Drawing:
    """The lines of a flowchart, and how many edges they have: Mermaid styles edges by number."""

    def __init__(self) -> None:
        self.lines = ["flowchart TB"]
        self._edges = 0

    def edge(self, text: str, state: str) -> None:
        """Draw an edge in the colour of its state."""
        self.lines.append(f"  {text}")
        if state in EDGE:
            self.lines.append(f"  linkStyle {self._edges} {EDGE[state]}")
        self._edges += 1


def picture(stack: StackChange) -> str:
    """Return the flowchart of a stack; empty where neither side tells its parties."""
    was, will = parties_in(stack.before), parties_in(stack.after)
    changing = {(step["component"], step["service"]) for step in resources(stack)}
    ran, runs = stack.services.get("before", {}), stack.services.get("after", {})
    every = {**was, **will}
    drawn = [id for id in every if len(every) <= MANY or _moves(id, was, will, changing)]
    if not drawn and not _behind(stack.before) and not _behind(stack.after):
        return ""
    drawing = _Drawing()
    for id in drawn:
        before, after = ran.get(f"party {id}", ()), runs.get(f"party {id}", ())
        drawing.lines += _box(id, before, after, changing)
    _ways(drawing, drawn, was, will)
    _star(drawing, drawn, stack, changing)
    _mirror(drawing, drawn, stack, changing)
    drawing.lines += [f"  classDef {state} {colour}" for state, colour in COLOURS.items()]
    return "\n".join(drawing.lines) + "\n"


def _moves(
    id: str, was: Mapping[str, Party], will: Mapping[str, Party], changing: set[tuple[str, str]]
) -> bool:
    return (id in was) != (id in will) or any(component == f"party {id}" for component, _ in changing)


def _box(
    id: str, before: Sequence[str], after: Sequence[str], changing: set[tuple[str, str]]
) -> Iterator[str]:
    yield f'  subgraph {_key(id)}["party {_label(id)}"]'
    for service in dict.fromkeys((*before, *after)):
        state = _state(service in before, service in after, (f"party {id}", service) in changing)
        mark = f":::{state}" if state else ""
        yield f'    {_key(id)}_{_key(service)}["{_label(service)}"]{mark}'
    yield "  end"
    state = _state(bool(before), bool(after), False)
    if state:
        yield f"  style {_key(id)} {COLOURS[state]}"


def _ways(drawing: _Drawing, drawn: list[str], was: Mapping[str, Party], will: Mapping[str, Party]) -> None:
    before, after = _pairs(was), _pairs(will)
    for pair in dict.fromkeys((*before, *after)):
        state = _state(pair in before, pair in after, False)
        one, other = pair
        if len({*was, *will}) > MANY and not state:
            continue
        for id in pair:
            if id not in drawn:
                drawing.lines.append(f'  {_key(id)}["party {_label(id)}"]')
        drawing.edge(f"{_key(one)} --- {_key(other)}", state)


def _star(drawing: _Drawing, drawn: list[str], stack: StackChange, changing: set[tuple[str, str]]) -> None:
    """Draw each exchange that a party is behind or that the stack has, and who meets it."""
    before, after = _behind(stack.before), _behind(stack.after)
    for at in sorted({*before, *after}):
        here = at == HERE
        moved = here and any(component == "exchange" for component, _ in changing)
        state = _state(at in before, at in after, moved)
        label = "exchange" if here else f"exchange at {_label(at)}"
        drawing.lines.append(f'  {_key(f"exchange {at}")}(("{label}")){f":::{state}" if state else ""}')
        for id in dict.fromkeys((*before.get(at, ()), *after.get(at, ()))):
            if id not in drawn:
                drawing.lines.append(f'  {_key(id)}["party {_label(id)}"]')
            met = _state(id in before.get(at, ()), id in after.get(at, ()), False)
            drawing.edge(f"{_key(id)} --- {_key(f'exchange {at}')}", met)


def _behind(exports: Outputs) -> dict[str, list[str]]:
    """Return the parties that meet each exchange: those behind it here, and those that ours leads to."""
    found: dict[str, list[str]] = {}
    for id, party in parties_in(exports).items():
        if at := exchange_of(party)[0]:
            found.setdefault(at, []).append(id)
    if "exchange" in exports:
        found[HERE] = list(dict.fromkeys((*found.get(HERE, ()), *led_to(exports))))
    return found


def _mirror(drawing: _Drawing, drawn: list[str], stack: StackChange, changing: set[tuple[str, str]]) -> None:
    before, after = "mirror" in stack.before, "mirror" in stack.after
    if not (before or after):
        return
    moved = any(component == "mirror" for component, _ in changing)
    state = _state(before, after, moved)
    drawing.lines.append(f'  mirror[("mirror")]{f":::{state}" if state else ""}')
    for id in drawn:
        drawing.edge(f"mirror -.-> {_key(id)}", "")


def _pairs(parties: Mapping[str, Party]) -> list[tuple[str, str]]:
    found = [
        tuple(sorted((id, peer)))
        for id, party in parties.items()
        for peer in peers_in(party)
        if peer not in exchange_of(party)[1]
    ]
    return [(pair[0], pair[1]) for pair in dict.fromkeys(found)]


def _state(before: bool, after: bool, moved: bool) -> str:
    if before != after:
        return "added" if after else "removed"
    return "changed" if moved else ""


def _key(name: str) -> str:
    """Return a name that Mermaid takes for a node: letters and digits, told apart from every other."""
    return "n" + re.sub(r"[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):x}_", name)


def _label(name: str) -> str:
    return re.sub(r"[^\w .:/-]", "?", name)
