"""What an engine would answer, made up: the same for the same inputs, another where a resource is replaced.

So two sides of a change agree on an image's id exactly where its recipe and its name are the same.
"""

from collections.abc import Mapping
from typing import Any

from ops.preview.resource import Resource
from ops.preview.rules import rule_for
from ops.preview.values import digest

EMPTY: Mapping[str, Any] = {"networkDatas": [], "exitCode": 0, "status": {}}
"""Outputs that are no text."""
SHA = frozenset({"imageId", "sha256Digest"})


def assumed_id(resource: Resource) -> str:
    """Return the id of a resource that exists."""
    named = rule_for(resource.type).id_of(resource.inputs)
    return named or f"made-up-{digest(resource.urn, resource.inputs)[:16]}"


def assumed_outputs(resource: Resource) -> dict[str, Any]:
    """Return what a resource would tell beside its inputs."""
    names = rule_for(resource.type).unknown(resource.inputs)
    return {name: _output(name, resource) for name in names}


def _output(name: str, resource: Resource) -> object:
    if name in EMPTY:
        return EMPTY[name]
    made = digest(resource.type, name, resource.inputs)
    return f"sha256:{made}" if name in SHA else f"made-up-{made[:16]}"
