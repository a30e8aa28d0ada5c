"""The compose file of what a plan declares: the same containers, health checks, volumes, files and order.

Files that Pulumi uploads into a container are bind mounts here, filled before; a password is any text, the
same wherever the same party's secret has the same name.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from bench.compose_keys import Tree, label_map, service_keys
from bench.plan import Resource, is_sealed

OWN = frozenset({"name", "image", "uploads", "wait", "waitTimeout", "mustRun", "attach"})
"""Inputs that this module says in other places, or that compose does without being told."""


@dataclass
class Composition:
    """A compose file, and the files that it mounts, by their path below `folder`."""

    folder: str
    tree: Tree = field(default_factory=lambda: {"services": {}, "networks": {}, "volumes": {}})
    files: dict[str, str] = field(default_factory=dict)


def compose(resources: Sequence[Resource], folder: str) -> Composition:
    """Return the compose file of a plan's networks, volumes and containers.

    Raises NotComposableError for an input of a container that compose would ignore.
    """
    composition = Composition(folder)
    tree = composition.tree
    by_urn = {resource.urn: resource for resource in resources}
    for resource in resources:
        match resource.kind:
            case "Network" | "Volume" as kind:
                labels = label_map(resource.inputs["labels"])
                tree[f"{kind.lower()}s"][resource.inputs["name"]] = {"labels": labels}
            case "Container":
                tree["services"][resource.name] = _escaped(_service(resource, by_urn, composition))
    return composition


def _service(resource: Resource, by_urn: Mapping[str, Resource], composition: Composition) -> Tree:
    needed = [by_urn[urn] for urn in resource.dependencies if urn in by_urn]
    keys = service_keys(resource.name, {k: v for k, v in resource.inputs.items() if k not in OWN})
    files = [_uploaded(upload, resource, composition) for upload in resource.inputs.get("uploads", ())]
    return {
        **keys,
        "image": next(each.inputs["name"] for each in needed if each.kind == "RemoteImage"),
        "depends_on": {each.name: _condition(each) for each in needed if each.kind == "Container"},
        "volumes": [*keys.get("volumes", ()), *files],
    }


def _condition(resource: Resource) -> Tree:
    ends = resource.inputs.get("mustRun") is False
    return {"condition": "service_completed_successfully" if ends else "service_healthy"}


def _uploaded(upload: Mapping[str, Any], resource: Resource, composition: Composition) -> str:
    content, target = upload["content"], upload["file"]
    party = label_map(resource.inputs["labels"]).get("fate.party", "")
    if is_sealed(content):
        content = hashlib.sha256(f"{party}/{PurePath(target).name}".encode()).hexdigest()[:48]
    path = f"{resource.name}{target}"
    composition.files[path] = content
    return f"{composition.folder}/{path}:{target}:ro"


def _escaped(value: Any) -> Any:  # noqa: ANN401 - any value of a compose file
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: _escaped(inner) for key, inner in value.items()}
    return [_escaped(inner) for inner in value] if isinstance(value, list) else value
