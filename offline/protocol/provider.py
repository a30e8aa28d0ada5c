"""A plugin's servicer: the engine's calls, handed to the resource type that they are for."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any

from offline.protocol import check, status
from offline.protocol.differences import differences
from offline.protocol.engine_log import EngineLog
from offline.protocol.failures import Half, Refusal
from offline.protocol.plan import planned
from offline.protocol.resource import Call, Made, ResourceType
from offline.protocol.shape import Shape, defaults
from offline.protocol.values import DEFAULTS, UNKNOWN, Plain, merged, parsed, plain, without
from offline.protocol.wire import Empty, Struct, plugin_pb2, provider_pb2, provider_pb2_grpc

Context = Any  # grpcio ships no types
Connect = Callable[[Plain], Sequence[ResourceType[Any]]]


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves the resource types that `connect` makes from the provider's own configuration."""

    def __init__(
        self, package: str, version: str, configuration: Shape, connect: Connect, log: EngineLog
    ) -> None:
        self.package = package
        self.version = version
        self.configuration = configuration
        self._connect = connect
        self._log = log
        self._cancelled = Event()
        self._types: Mapping[str, ResourceType[Any]] = {kind.token: kind for kind in connect({})}

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Tell the engine that secrets may come marked as such."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: object, context: Context) -> plugin_pb2.PluginInfo:
        """Tell the version, which is that of the official plugin in whose place this one stands."""
        return plugin_pb2.PluginInfo(version=self.version)

    def Cancel(self, request: object, context: Context) -> Empty:
        """End every wait that is under way."""
        self._cancelled.set()
        return Empty()

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Refuse a configuration that this plugin would ignore."""
        token = f"the {self.package} provider"
        news = parsed(plain(request.news))
        found = check.faults(token, self.configuration, {k: v for k, v in news.items() if k != "version"})
        return provider_pb2.CheckResponse(inputs=request.news, failures=[_failure(fault) for fault in found])

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Change a provider in place: what it made stays."""
        changed = differences(self.configuration, plain(request.old_inputs), plain(request.news))
        return planned(changed, replaces=lambda name: False, delete_first=False)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        """Take the configuration; nothing is connected before it is needed."""
        with _refusals(context):
            self._types = {kind.token: kind for kind in self._connect(plain(request.args))}
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        """Refuse: no function is supported."""
        with _refusals(context):
            raise Refusal(check.unsupported(f"function {request.tok}"))
        raise AssertionError("unreachable: the call was aborted")

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Fill in defaults and a name, and refuse what this plugin does not do."""
        token = _token(request.urn)
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
        return provider_pb2.CheckResponse(inputs=inputs, failures=[_failure(fault) for fault in found])

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Compare the old inputs with the new ones, property by property."""
        kind = self._types[_token(request.urn)]
        old, new = plain(request.old_inputs), plain(request.news)
        fixed = kind.named and "name" not in new.get(DEFAULTS, ()) and old.get("name") == new.get("name")
        return planned(
            differences(kind.shape, old, new),
            replaces=lambda name: kind.replaces(name, old, new),
            delete_first=fixed,
            failed=status.FAILED in request.olds.fields,
        )

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """Make a resource; in a preview, only tell which outputs are not known yet."""
        kind = self._types[_token(request.urn)]
        if request.preview:
            unknown = {name: UNKNOWN for name in kind.computed if name not in request.properties.fields}
            return provider_pb2.CreateResponse(properties=_outputs(request.properties, unknown))
        with _refusals(context, request.properties):
            made = kind.create(self._call(request.urn), plain(request.properties))
        outputs = _outputs(request.properties, made.computed)
        return provider_pb2.CreateResponse(id=made.id, properties=outputs)

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """Change a resource in place."""
        kind = self._types[_token(request.urn)]
        made = Made(request.id, plain(request.olds))
        computed: Mapping[str, Any] = {k: made.computed[k] for k in kind.computed if k in made.computed}
        if not request.preview:
            with _refusals(context, request.news):
                old, new = plain(request.old_inputs), plain(request.news)
                computed = kind.update(self._call(request.urn), made, old, new)
        return provider_pb2.UpdateResponse(properties=_outputs(request.news, computed))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """Look at a resource: its inputs come back as they are now, and an empty id if it is gone."""
        kind = self._types[_token(request.urn)]
        with _refusals(context):
            if not request.inputs.fields:
                raise Refusal(check.unsupported(f"import of {kind.token}"))
            made = Made(request.id, plain(request.properties))
            seen = kind.read(self._call(request.urn), made, plain(request.inputs))
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
        kind = self._types[_token(request.urn)]
        made = Made(request.id, plain(request.properties))
        with _refusals(context):
            kind.delete(self._call(request.urn), made, plain(request.old_inputs) or dict(made.computed))
        return Empty()

    def _call(self, urn: str) -> Call:
        return Call(
            urn=urn,
            progress=lambda message: self._log.progress(urn, message),
            warn=lambda message: self._log.warn(urn, message),
            cancelled=self._cancelled,
        )


def _token(urn: str) -> str:
    """Return the type of the resource that a URN names."""
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _made_up_name(request: provider_pb2.CheckRequest) -> str:
    """Return the name that was made up before, or a new one."""
    olds = plain(request.olds)
    if "name" in olds.get(DEFAULTS, ()):
        return str(olds["name"])
    return f"{request.urn.rsplit('::', 1)[-1]}-{request.randomSeed.hex()[:7]}"


def _outputs(inputs: Struct, computed: Mapping[str, Any]) -> Struct:
    return merged(without(inputs, [DEFAULTS]), computed)


def _failure(fault: check.Fault) -> provider_pb2.CheckFailure:
    top = re.split(r"[.\[]", fault.path, maxsplit=1)[0]
    return provider_pb2.CheckFailure(property=top, reason=fault.reason)


@contextmanager
def _refusals(context: Context, inputs: Struct | None = None) -> Iterator[None]:
    """Tell the engine why an operation was refused, or that what it made does not work."""
    try:
        yield
    except Half as failure:
        context.abort_with_status(status.half_made(failure, inputs or Struct()))
    except Refusal as failure:
        context.abort_with_status(status.refused(str(failure)))
