"""The plugin's servicer: the engine's calls, handed to the resource type that they are for.

It speaks the protocol itself. The SDK's own `pulumi.provider.experimental.Provider` tells an engine a
refusal as "Unexpected <class ...>" with a traceback, has no old inputs in a diff, and breaks in DiffConfig.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from threading import Event, Lock
from typing import Any

from clients.failures import Refused, Unreachable, Untrusted
from clients.harbor import Harbor, WrongLogin
from diff.differences import Change, differences, property_of
from diff.shape import Shape
from diff.values import UNKNOWN, Empty, Plain, Refusal, Struct, Value, encoded, plain, secret
from protocol.server import EngineLog
from protocol.wire import grpc, plugin_pb2, provider_pb2, provider_pb2_grpc
from protocol.words import KINDS, token_of
from providers.harbor.checking import completed, faults
from providers.harbor.configuration import (
    SHAPE,
    Configuration,
    configuration_faults,
    configured,
    sensitive,
    spelled,
)
from providers.harbor.kind import Call, Fault, Kind, Made, Seen

PACKAGE = "fate-harbor"
VERSION = "0.1.0"
ADOPT = "adopt"
SECONDS = 1800.0
"""How long an operation may take that has no time of its own."""
Context = Any  # grpcio ships no types


class HarborProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves the resource types of one Harbor. Nothing is asked of it before a resource is made or read.

    Secrets come opened, and the engine marks what follows from them; what is secret by what it is, such as
    a robot's, is marked here whatever the program says.
    """

    def __init__(self, kinds: Sequence[type[Kind]], log: EngineLog) -> None:
        self._kinds = {kind.token: kind for kind in kinds}
        self._log = log
        self._cancelled = Event()
        self._configuration = Configuration()
        self._harbor: Harbor | None = None
        self._warning, self._is_warned = Lock(), False

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Tell the engine how values are to come."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=False)

    def GetPluginInfo(self, request: object, context: Context) -> plugin_pb2.PluginInfo:
        """Tell the plugin's version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def Cancel(self, request: object, context: Context) -> Empty:
        """End every wait that is under way."""
        self._cancelled.set()
        return Empty()

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Refuse a configuration that leads to no Harbor, before one is asked."""
        news = spelled({name: value for name, value in plain(request.news).items() if name != "version"})
        found = map(_failure, configuration_faults(news))
        return provider_pb2.CheckResponse(inputs=_struct(SHAPE, completed(SHAPE, news)), failures=found)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Change a provider in place: another address or another login is the same Harbor."""
        return _planned(SHAPE, plain(request.old_inputs), plain(request.news))

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        """Take the configuration; nothing is connected before it is needed."""
        self._configuration = configured(completed(SHAPE, spelled(plain(request.args))))
        self._harbor = None
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Fill in defaults, and refuse what Harbor would refuse or ignore."""
        token, news = token_of(request.urn), plain(request.news)
        kind = self._kinds.get(token)
        if kind is None:
            reason = f"{token} is no type of this plugin; it has {', '.join(sorted(self._kinds))}"
            return provider_pb2.CheckResponse(failures=[provider_pb2.CheckFailure(reason=reason)])
        found = list(faults(token, kind.shape, news))
        inputs = completed(kind.shape, news)
        if not found:
            found = list(kind.faults(inputs))
        inputs = inputs if found else kind.normal(inputs)
        return provider_pb2.CheckResponse(inputs=_struct(kind.shape, inputs), failures=map(_failure, found))

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Compare what a resource was last seen to be with its new inputs."""
        kind = self._kinds[token_of(request.urn)]
        state, news = plain(request.olds), plain(request.news)
        shape = {name: prop for name, prop in kind.shape.items() if name != ADOPT}
        stays = not kind.name_key or state.get(kind.name_key) == news.get(kind.name_key)
        return _planned(shape, state, news, kind.outlived(state), stays)

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """Make a resource; in a preview, only tell which outputs are not known yet."""
        token, inputs = token_of(request.urn), plain(request.properties)
        kind = self._kinds[token]
        if request.preview:
            unknown = {**inputs, **dict.fromkeys(kind.computed, UNKNOWN)}
            return provider_pb2.CreateResponse(properties=_struct(kind.shape, unknown))
        with self._refusals(context, kind.shape, inputs):
            id, outputs = kind(self._connected()).create(self._call(request), inputs)
        return provider_pb2.CreateResponse(id=id, properties=_struct(kind.shape, {**inputs, **outputs}))

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """Change a resource in place."""
        kind = self._kinds[token_of(request.urn)]
        made = Made(request.id, plain(request.old_inputs), plain(request.olds))
        news = plain(request.news)
        with self._refusals(context, kind.shape, {**made.state, **news}):
            if request.preview:
                outputs = kind.foreseen(made, news)
            else:
                outputs = kind(self._connected()).update(self._call(request), made, news)
        return provider_pb2.UpdateResponse(properties=_struct(kind.shape, {**news, **outputs}))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """Look at a resource: its inputs come back as they are now, and no id if it is gone.

        Where Harbor is down they come back as they were, with a warning: or the `up --refresh` that starts
        a Harbor of the same stack anew would fail at what is in it.
        """
        kind = self._kinds[token_of(request.urn)]
        made = Made(request.id, plain(request.inputs), plain(request.properties))
        with self._refusals(context, kind.shape, made.inputs):
            try:
                seen = kind(self._connected()).read(made)
            except (Unreachable, Refused) as failure:
                if not made.state or not _is_down(failure):
                    raise
                self._warn_of(failure)
                seen = Seen(made.id, made.inputs, made.state)
        if seen is None:
            return provider_pb2.ReadResponse()
        kept = completed(_untold(kind.shape), made.inputs)
        inputs = {**kept, **seen.inputs}
        return provider_pb2.ReadResponse(
            id=seen.id,
            inputs=_struct(kind.shape, inputs),
            properties=_struct(kind.shape, {**inputs, **seen.outputs}),
        )

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Empty:
        """Take a resource away, where nothing is lost by it."""
        kind = self._kinds[token_of(request.urn)]
        made = Made(request.id, plain(request.old_inputs), plain(request.properties))
        with self._refusals(context, kind.shape, made.state):
            kind(self._connected()).delete(self._call(request), made)
        return Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        """Refuse: there is no function."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the plugin {PACKAGE} has no function {request.tok}")
        raise AssertionError("unreachable: the call was aborted")

    def GetSchema(self, request: object, context: Context) -> provider_pb2.GetSchemaResponse:
        """Refuse: the resources of Python stand in components/harbor, and are written by hand."""
        told = f"the plugin {PACKAGE} has no schema: give `pulumi import` the option --generate-code=false"
        context.abort(grpc.StatusCode.UNIMPLEMENTED, told)
        raise AssertionError("unreachable: the call was aborted")

    def _connected(self) -> Harbor:
        if self._harbor is None:
            self._harbor = self._configuration.harbor()
        return self._harbor

    def _warn_of(self, failure: Exception) -> None:
        """Warn of a Harbor that is down, once."""
        with self._warning:
            if not self._is_warned:
                told = _redacted(_told(failure, self._configuration.url), [self._configuration.password])
                self._log.warn("", f"{told}. What is in it was not looked at, and is taken for unchanged")
            self._is_warned = True

    def _call(self, request: Any) -> Call:  # noqa: ANN401 -- the protocol's messages have no types
        def progress(message: str) -> None:
            self._log.progress(request.urn, message)

        return Call(getattr(request, "timeout", 0) or SECONDS, progress, self._cancelled)

    @contextmanager
    def _refusals(self, context: Context, shape: Shape, values: Plain) -> Iterator[None]:
        """Tell the engine why an operation was refused, without what is secret."""
        try:
            yield
        except (Refusal, Refused, Unreachable, KeyError, TypeError, ValueError) as failure:
            hidden = [values[name] for name in shape if name in values and sensitive(shape[name])]
            told = _told(failure, self._configuration.url)
            context.abort(grpc.StatusCode.UNKNOWN, _redacted(told, [*hidden, self._configuration.password]))


def _is_down(failure: Exception) -> bool:
    """Return whether nobody answers for Harbor, or its proxy alone does. Who is not trusted may answer."""
    if isinstance(failure, Refused):
        return failure.status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)
    return not isinstance(failure, Untrusted)


def _told(failure: Exception, url: str | None) -> str:
    match failure:
        case WrongLogin() | Refusal():
            return str(failure)
        case Refused() if _is_down(failure):
            return (
                f"Harbor at {url} refuses (status {failure.status}): {failure}. Its proxy answers, and its "
                "core does not: start the core; where that was replaced, an nginx of Harbor's own asks at "
                "the old address until it is restarted too"
            )
        case Refused():
            return f"Harbor at {url} refuses (status {failure.status}): {failure}"
        case Untrusted():
            return (
                f"Harbor at {url} shows a certificate that nobody trusted here has signed: {failure}; give "
                "the provider the PEM of who signed it as `ca`"
            )
        case KeyError() | TypeError() | ValueError():
            return (
                f"Harbor at {url} answers otherwise than 2.15.2 does, for which this plugin is written "
                f"({type(failure).__name__}: {failure}): its pages tell its version below About; update it"
            )
        case _:
            return f"Harbor at {url} does not answer: {failure}; start it, or correct the provider's `url`"


def _redacted(message: str, hidden: Sequence[object]) -> str:
    for each in sorted({part for part in hidden if isinstance(part, str) and part}, key=len, reverse=True):
        message = message.replace(each, "[secret]")
    return message


def _planned(
    shape: Shape, old: Plain, new: Plain, outlived: str | None = None, stays: bool = False
) -> provider_pb2.DiffResponse:
    """Return what a diff leads to, by path; what `outlived` its time is made anew."""
    changed = differences(shape, old, new)
    in_place = {name: prop.in_place or shape is SHAPE for name, prop in shape.items()}
    detailed = {
        path: provider_pb2.PropertyDiff(kind=KINDS[change, not in_place[property_of(path)]])
        for changes in changed.values()
        for path, change in changes.items()
    }
    replaces = [name for name in changed if not in_place[name]]
    if outlived:
        detailed[outlived] = provider_pb2.PropertyDiff(kind=KINDS[Change.UPDATE, True])
        replaces.append(outlived)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if detailed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=[*changed, *([outlived] if outlived else [])],
        replaces=replaces,
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=stays and bool(replaces),
    )


def _untold(shape: Shape) -> Shape:
    """Return the inputs that Harbor does not tell, so that they stay as they were."""
    return {name: prop for name, prop in shape.items() if name == ADOPT or sensitive(prop)}


def _failure(fault: Fault) -> provider_pb2.CheckFailure:
    path, reason = fault
    return provider_pb2.CheckFailure(property=property_of(path), reason=reason)


def _struct(shape: Shape, values: Mapping[str, Any]) -> Struct:
    return Struct(fields={name: _value(shape, name, value) for name, value in values.items()})


def _value(shape: Shape, name: str, value: Any) -> Value:  # noqa: ANN401 -- any JSON value
    return secret(value) if sensitive(shape.get(name)) and value is not None else encoded(value)
