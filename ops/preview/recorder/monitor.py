"""What a program speaks with instead of Pulumi's engine, and what is kept of each resource it registers."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pulumi.runtime.mocks import MockMonitor, Mocks
from pulumi.runtime.proto import engine_pb2, resource_pb2

from diff.values import Empty, Struct, encoded
from ops.preview.recorder.charted import parts_of
from ops.preview.resource import STACK, Resource
from ops.preview.seal import Seal

Place = tuple[str, str]
"""A stack's name and its project's."""
Answer = Callable[[Resource], Resource]
"""Completes a resource with its id and its outputs."""
References = Mapping[str, Mapping[str, Any]]
"""The outputs of other stacks, by the name that a program may use."""


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


class Nothing(Mocks):
    """Mocks that nobody asks: the monitor answers everything itself."""

    def new_resource(self, args: object) -> tuple[str | None, dict[str, Any]]:
        """Never called."""
        raise AssertionError

    def call(self, args: object) -> tuple[dict[str, Any], None]:
        """Never called."""
        raise AssertionError


class Monitor(MockMonitor):
    """Takes note of every resource and of the stack's outputs, and gives each resource its answer."""

    def __init__(self, stack: str, project: str, seal: Seal, answer: Answer, references: References) -> None:
        super().__init__(Nothing())
        self.recorded: dict[str, Resource] = {}
        self.exports: dict[str, Any] = {}
        self._place = (stack, project)
        self._seal = seal
        self._answer = answer
        self._references = references
        self._lock = threading.Lock()

    def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401 - the protocol's own
        """Take note of a resource."""
        resource = read_resource(request, self._place, self._seal)
        if resource.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=resource.urn)
        with self._lock:
            for part in parts_of(resource):
                self.recorded[part.urn] = self._answer(part)
        answered = self.recorded[resource.urn]
        answer = _with(request.object, answered.outputs)
        return resource_pb2.RegisterResourceResponse(urn=resource.urn, id=answered.id, object=answer)

    def ReadResource(self, request: Any) -> Any:  # noqa: ANN401 - the protocol's own
        """Answer a reference to another stack; nothing else exists that could be read."""
        urn = urn_of(request, self._place)
        if request.type != "pulumi:pulumi:StackReference":
            raise RuntimeError(f"{request.name} reads a {request.type} that only an engine could show")
        outputs = self._references.get(request.id, {})
        properties = {"name": request.id, "outputs": outputs, "secretOutputNames": []}
        return resource_pb2.ReadResourceResponse(urn=urn, properties=_with(Struct(), properties))

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: ANN401 - the protocol's own
        """Take note of the stack's outputs."""
        if f"::{STACK}::" in request.urn:
            self.exports = self._seal.opened(request.outputs)
        return Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: ANN401 - the protocol's own
        """Refuse a function: only a provider could answer it."""
        raise RuntimeError(f"the program calls {request.tok}, which only a provider can answer")


class Log:
    """Keeps the errors that a program reports."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def Log(self, request: Any) -> None:  # noqa: ANN401 - the protocol's own
        """Keep an error, let everything else go."""
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)


def _with(properties: Struct, more: Mapping[str, Any]) -> Struct:
    result = Struct()
    result.CopyFrom(properties)
    for name, value in more.items():
        result.fields[name].CopyFrom(encoded(value))
    return result
