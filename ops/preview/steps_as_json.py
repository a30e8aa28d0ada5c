"""Steps as JSON tells them: what happens to each resource, whose it is, and what changes inside it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ops.preview.changes import changes_in
from ops.preview.dangers import dangers_in
from ops.preview.kinds import runs_service
from ops.preview.owners import owner_of
from ops.preview.plan import Operation, Step
from ops.preview.resource import Resource


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
