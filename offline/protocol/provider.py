"""A plugin's servicer: the engine's calls, handed to the resource type that they are for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from offline.protocol import check, status
from offline.protocol.differences import differences, property_of
from offline.protocol.engine_log import EngineLog
from offline.protocol.failures import Refusal
from offline.protocol.plan import planned
from offline.protocol.resource import Made, ResourceType
from offline.protocol.servicer import Context, Servicer, failure, name_of, refusals, token_of
from offline.protocol.shape import Shape, defaults
from offline.protocol.values import DEFAULTS, UNKNOWN, Plain, merged, plain, without
from offline.protocol.wire import Empty, Struct, provider_pb2

Connect = Callable[[Plain], Sequence[ResourceType[Any]]]


class Provider(Servicer):
    """Serves the resource types that `connect` makes from the provider's own configuration."""

    def __init__(
        self, package: str, version: str, configuration: Shape, connect: Connect, log: EngineLog
    ) -> None:
        super().__init__(package, version, configuration, log)
        self._connect = connect
        self._types: Mapping[str, ResourceType[Any]] = {kind.token: kind for kind in connect({})}

    def configure(self, values: Plain) -> None:
        """Make the resource types anew, for what the configuration names."""
        self._types = {kind.token: kind for kind in self._connect(values)}

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Fill in defaults and a name, and refuse what this plugin does not do."""
        token = token_of(request.urn)
        kind = self._types.get(token)
        if kind is None:
            reason = check.unsupported(f"resource type {token}")
            return provider_pb2.CheckResponse(failures=[provider_pb2.CheckFailure(reason=reason)])
        news = plain(request.news)
        found = list(check.faults(token, kind.shape, news))
        found += [] if found else [check.Fault(path, reason) for path, reason in kind.faults(news)]
        filled: dict[str, Any] = dict(defaults(kind.shape, news))
        if kind.named and "name" not in news:
            filled["name"] = _made_up_name(request)
        inputs = merged(request.news, {**filled, DEFAULTS: sorted(filled)})
        return provider_pb2.CheckResponse(inputs=inputs, failures=[failure(fault) for fault in found])

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Compare the old inputs with the new ones, property by property."""
        kind = self._types[token_of(request.urn)]
        old, new = plain(request.old_inputs), plain(request.news)
        fixed = kind.named and "name" not in new.get(DEFAULTS, ()) and old.get("name") == new.get("name")
        return planned(
            differences(kind.shape, old, new),
            replaces=lambda path: kind.replaces(property_of(path), old, new),
            delete_first=fixed,
            failed=status.FAILED in request.olds.fields,
        )

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """Make a resource; in a preview, only tell which outputs are not known yet."""
        kind = self._types[token_of(request.urn)]
        if request.preview:
            unknown = {name: UNKNOWN for name in kind.computed if name not in request.properties.fields}
            return provider_pb2.CreateResponse(properties=_outputs(request.properties, unknown))
        with refusals(context, request.properties):
            made = kind.create(self.call(request.urn), plain(request.properties))
        outputs = _outputs(request.properties, made.computed)
        return provider_pb2.CreateResponse(id=made.id, properties=outputs)

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """Change a resource in place."""
        kind = self._types[token_of(request.urn)]
        made = Made(request.id, plain(request.olds))
        computed: Mapping[str, Any] = {k: made.computed[k] for k in kind.computed if k in made.computed}
        if not request.preview:
            with refusals(context, request.news):
                old, new = plain(request.old_inputs), plain(request.news)
                computed = kind.update(self.call(request.urn), made, old, new)
        return provider_pb2.UpdateResponse(properties=_outputs(request.news, computed))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """Look at a resource: its inputs come back as they are now, and an empty id if it is gone."""
        kind = self._types[token_of(request.urn)]
        with refusals(context):
            if not request.inputs.fields:
                raise Refusal(check.unsupported(f"import of {kind.token}"))
            made = Made(request.id, plain(request.properties))
            seen = kind.read(self.call(request.urn), made, plain(request.inputs))
        if seen is None:
            return provider_pb2.ReadResponse()
        gone = [name for name, value in seen.drift.items() if value is None]
        inputs = without(merged(request.inputs, seen.drift), gone)
        outputs = _outputs(inputs, seen.computed)
        if status.FAILED in made.computed and not seen.works:
            outputs = merged(outputs, {status.FAILED: True})
        return provider_pb2.ReadResponse(id=request.id, inputs=inputs, properties=outputs)

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Empty:
        """Take a resource away."""
        kind = self._types[token_of(request.urn)]
        made = Made(request.id, plain(request.properties))
        with refusals(context):
            kind.delete(self.call(request.urn), made, plain(request.old_inputs) or dict(made.computed))
        return Empty()


def _made_up_name(request: provider_pb2.CheckRequest) -> str:
    """Return the name that was made up before, or a new one."""
    olds = plain(request.olds)
    if "name" in olds.get(DEFAULTS, ()):
        return str(olds["name"])
    return f"{name_of(request.urn)}-{request.randomSeed.hex()[:7]}"


def _outputs(inputs: Struct, computed: Mapping[str, Any]) -> Struct:
    return merged(without(inputs, [DEFAULTS]), computed)
