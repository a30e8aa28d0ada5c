"""What the child process is asked for: a record of one side, or the plan from a record to the other.

The answer is JSON: what happens to each resource, whose it is, and what changes inside it; or why the program
could not run, in words, never with a traceback or a path of this machine.
"""

import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi

from ops.preview.dangers import dangers_in
from ops.preview.property_changes import changes_in
from ops.preview.purposes import owner_of, runs_service
from ops.preview.recorder.program import Run, planned, recorded
from ops.preview.resource import Resource
from ops.preview.seal import Seal, dumped, parsed
from ops.preview.steps import Operation, Plan, Step

SHOWN = 2000


def steps_as_json(steps: Sequence[Step], exports: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the steps do; resources that stay as they are, are only counted.

    What the loss of a service means, the stack's own outputs tell.
    """
    losses = {service["name"]: service["loss"] for service in exports.get("services", ())}
    moving = [step for step in steps if step.operation is not Operation.SAME]
    return {
        "counts": dict(Counter(str(step.operation) for step in steps if step.resource.custom)),
        "services": {"before": _services(s.old for s in steps), "after": _services(s.new for s in steps)},
        "steps": sorted((_step(step) for step in moving), key=lambda s: (s["component"], s["service"])),
        "dangers": [danger.as_json() for danger in dangers_in(steps, losses)],
    }


def _services(resources: Iterable[Resource | None]) -> dict[str, list[str]]:
    """Return the services that run on one side, by component."""
    found: dict[str, list[str]] = {}
    for resource in resources:
        if resource is not None and runs_service(resource):
            owner = owner_of(resource)
            found.setdefault(owner.component, []).append(owner.service)
    return {component: sorted(set(services)) for component, services in sorted(found.items())}


def _step(step: Step) -> dict[str, Any]:
    resource, owner = step.resource, owner_of(step.resource)
    return {
        "operation": str(step.operation),
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "component": owner.component,
        "service": owner.service,
        "is-component": not resource.custom,
        "because": list(step.because),
        "swept": step.swept,
        "differs": [path for changes in step.changed.values() for path in changes],
        "changes": [
            {"path": change.path, "old": change.old, "new": change.new, "lines": list(change.lines)}
            for change in changes_in(step)
        ],
    }


def failure_in_words(error: BaseException, root: Path) -> str:
    """Return what went wrong, and where in the program."""
    text = _words(error, root)
    for path in (str(root.resolve()), str(root)):
        text = text.replace(f"{path}/", "").replace(path, ".")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _words(error: BaseException, root: Path) -> str:
    if isinstance(error, pulumi.RunError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: {error.msg}"
    if isinstance(error, SystemExit):
        return f"the program ended itself with {error.code!r}"
    kind = type(error).__name__
    place = _place(error, root)
    return f"{place}{kind}: {error}" if str(error) else f"{place}{kind}"


def _place(error: BaseException, root: Path) -> str:
    """Return the last line of the program itself on the way to an error."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if _within(f.filename, root)]
    return f"{ours[-1].filename}, line {ours[-1].lineno}: " if ours else ""


def _within(file: str, root: Path) -> bool:
    path = Path(file)
    return not path.is_absolute() or path.resolve().is_relative_to(root.resolve())


def answer(order: Mapping[str, Any], base: str, seal: Seal) -> list[str]:
    """Return the lines that answer an order.

    `record` answers with the outputs and, on a line of its own, with the resources; `plan` takes such a line
    and answers with the steps; with `run` false it tells what a stack leaves that is no more.
    """
    named = {key.replace("-", "_"): value for key, value in order.items() if key not in ("do", "run")}
    run = Run(seal=seal, **named)
    if order["do"] == "record":
        monitor = recorded(run)
        resources = [resource.as_json() for resource in monitor.recorded.values()]
        return [dumped({"exports": monitor.exports}), dumped(resources)]
    before = {found["urn"]: Resource.from_json(found) for found in parsed(base) or []}
    if not order["run"]:
        return [dumped({"exports": {}, **steps_as_json(Plan(before).finish(), {})})]
    steps, monitor = planned(run, before)
    return [dumped({"exports": monitor.exports, **steps_as_json(steps, monitor.exports)})]
