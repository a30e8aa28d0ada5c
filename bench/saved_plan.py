"""What a stack declares, read from the plan that `pulumi preview --save-plan` writes."""

import graphlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands in a plan for a value that only `up` will know."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
SEALED = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}
"""What marks a secret in a plan. Source of both: Pulumi's sdk/go/common/resource."""
DEFAULTS = "__defaults"
"""Where a provider names the inputs that it filled in itself."""

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """One resource of a provider, as the program declared it."""

    urn: str
    kind: str
    name: str
    inputs: Inputs
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, Sequence[str]] | None = None
    delete_before_replace: bool = False
    retain_on_delete: bool = False
    module: str = ""
    """The part of the type before the kind: `kubernetes:apps/v1`."""


def resources_in(plan: str, package: str = "docker") -> tuple[Resource, ...]:
    """Return the resources of a package, each after those that it depends on; components are left out."""
    goals = {urn: each["goal"] for urn, each in json.loads(plan)["resourcePlans"].items()}
    found = {
        urn: _resource(urn, goal) for urn, goal in goals.items() if goal["type"].startswith(f"{package}:")
    }
    graph = {urn: [d for d in resource.dependencies if d in found] for urn, resource in found.items()}
    return tuple(found[urn] for urn in graphlib.TopologicalSorter(graph).static_order())


def is_sealed(value: object) -> bool:
    """Tell whether a value of a plan is a secret."""
    return isinstance(value, Mapping) and value.get(SIGNATURE) == SEALED[SIGNATURE]


def opened(value: Any) -> Any:  # noqa: ANN401 - any value of a plan
    """Return a value with its secrets in plain, where the plan was written with `--show-secrets`."""
    if is_sealed(value):
        return json.loads(value["plaintext"])
    if isinstance(value, Mapping):
        return {key: opened(inner) for key, inner in value.items()}
    return [opened(inner) for inner in value] if isinstance(value, list) else value


def _resource(urn: str, goal: Mapping[str, Any]) -> Resource:
    return Resource(
        urn=urn,
        kind=goal["type"].rpartition(":")[2],
        name=goal["name"],
        inputs=_given(goal["inputDiff"]["adds"]),
        dependencies=tuple(goal.get("dependencies", ())),
        property_dependencies=goal.get("propertyDependencies"),
        delete_before_replace=bool(goal.get("deleteBeforeReplace")),
        retain_on_delete=bool(goal.get("retainOnDelete")),
        module=goal["type"].rpartition(":")[0],
    )


def _given(value: Any) -> Any:  # noqa: ANN401 - any value of a plan
    """Return what the program gave, without what the provider filled in."""
    if isinstance(value, Mapping):
        filled = {DEFAULTS, *value.get(DEFAULTS, ())}
        return {key: _given(inner) for key, inner in value.items() if key not in filled}
    return [_given(inner) for inner in value] if isinstance(value, list) else value
