"""From the message that registers a resource to what `preview` keeps of it."""

from collections.abc import Iterator
from typing import Any

from ops.preview.resource import Resource
from ops.preview.values import Seal

Place = tuple[str, str]
"""A stack's name and its project's."""


def read_resource(request: Any, place: Place, seal: Seal) -> Resource:  # noqa: ANN401 - untyped message
    """Return the resource that a message registers."""
    return Resource(
        urn=urn_of(request, place),
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        inputs=seal.opened(request.object),
        provider=request.provider,
        dependencies=tuple(request.dependencies),
        property_dependencies={
            name: tuple(dependencies.urns)
            for name, dependencies in request.propertyDependencies.items()
            if dependencies.urns
        },
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        replace_on_changes=tuple(request.replaceOnChanges),
        replace_with=tuple(request.replace_with),
        ignore_changes=tuple(request.ignoreChanges),
        aliases=tuple(_aliases(request, place)),
    )


def urn_of(request: Any, place: Place) -> str:  # noqa: ANN401 - untyped message
    """Return the URN that Pulumi gives a resource."""
    return _urn(request.parent, request.type, request.name, place)


def _urn(parent: str, kind: str, name: str, place: Place) -> str:
    above = parent.split("::")[2] if parent else ""
    nested = above and above != "pulumi:pulumi:Stack"
    return "::".join((f"urn:pulumi:{place[0]}", place[1], f"{above}${kind}" if nested else kind, name))


def _aliases(request: Any, place: Place) -> Iterator[str]:  # noqa: ANN401 - untyped message
    yield from request.aliasURNs
    for alias in request.aliases:
        if alias.urn:
            yield alias.urn
            continue
        spec = alias.spec
        parent = "" if spec.noParent else spec.parentUrn or request.parent
        was = (spec.stack or place[0], spec.project or place[1])
        yield _urn(parent, spec.type or request.type, spec.name or request.name, was)
