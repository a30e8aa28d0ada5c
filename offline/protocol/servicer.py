"""What every plugin's servicer does alike: its configuration, what it refuses, how it tells differences."""

from collections.abc import Callable, Mapping
from threading import Event
from typing import ClassVar

from diff.differences import Change, Changes, differences, property_of
from diff.shape import Shape
from diff.state import FAILED
from diff.values import Plain, parsed, plain
from offline.protocol import check
from offline.protocol.failures import Context, Refusal, refusals
from offline.protocol.resource import Call
from protocol.server import EngineLog
from protocol.wire import Empty, plugin_pb2, provider_pb2, provider_pb2_grpc
from protocol.words import KINDS


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """The calls that are for the plugin as a whole. Those that are for a resource are its heirs'."""

    accepts_secrets: ClassVar[bool] = True
    """Whether secrets come marked as such; else the engine opens them, and marks what comes back."""

    def __init__(self, package: str, version: str, configuration: Shape, log: EngineLog) -> None:
        self.package = package
        self.version = version
        self.configuration = configuration
        self._log = log
        self._cancelled = Event()

    def configure(self, values: Plain) -> None:
        """Take the provider's configuration."""
        raise NotImplementedError

    def given(self, values: Plain) -> Plain:
        """Return a configuration as it was before the SDK made text of it."""
        return parsed(values)

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Tell the engine whether secrets may come marked as such."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=self.accepts_secrets)

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
        news = self.given(plain(request.news))
        found = check.faults(token, self.configuration, {k: v for k, v in news.items() if k != "version"})
        return provider_pb2.CheckResponse(inputs=request.news, failures=[failure(fault) for fault in found])

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Change a provider in place: what it made stays."""
        changed = differences(self.configuration, plain(request.old_inputs), plain(request.news))
        return planned(changed)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        """Take the configuration; nothing is connected before it is needed."""
        with refusals(context):
            self.configure(plain(request.args))
        return provider_pb2.ConfigureResponse(acceptSecrets=self.accepts_secrets, supportsPreview=True)

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        """Refuse: no function is supported."""
        with refusals(context):
            raise Refusal(check.unsupported(f"function {request.tok}"))
        raise AssertionError("unreachable: the call was aborted")

    def GetSchema(self, request: object, context: Context) -> provider_pb2.GetSchemaResponse:
        """Refuse: there is no schema, and who asks wants code to be written from it."""
        with refusals(context):
            raise Refusal(
                "writing code from a schema is not supported by the offline plugin; "
                "give `pulumi import` the option --generate-code=false, or install the official plugin"
            )
        raise AssertionError("unreachable: the call was aborted")

    def Construct(
        self, request: provider_pb2.ConstructRequest, context: Context
    ) -> provider_pb2.ConstructResponse:
        """Refuse: no component is made by the plugin."""
        with refusals(context):
            raise Refusal(check.unsupported(f"component {request.type}"))
        raise AssertionError("unreachable: the call was aborted")

    def call(self, urn: str) -> Call:
        """Return the circumstances of an operation on the resource of that URN."""
        return Call(
            urn=urn,
            progress=lambda message: self._log.progress(urn, message),
            warn=lambda message: self._log.warn(urn, message),
            cancelled=self._cancelled,
        )


def name_of(urn: str) -> str:
    """Return the name of the resource that a URN names."""
    return urn.split("::", 3)[-1]


def failure(fault: check.Fault) -> provider_pb2.CheckFailure:
    """Return a fault, as the engine wants to hear it."""
    return provider_pb2.CheckFailure(property=property_of(fault.path), reason=fault.reason)


def planned(
    changed: Mapping[str, Changes],
    replaces: Callable[[str], bool] = lambda path: False,
    delete_first: bool = False,
    failed: bool = False,
    against_inputs: bool = True,
) -> provider_pb2.DiffResponse:
    """Return what a diff leads to, from the changes inside every property that differs, by path.

    A resource that was made but does not work is replaced. The engine shows changes beside the old inputs, or
    beside the old state where they are not `against_inputs`.
    """
    replacing = [name for name, changes in changed.items() if any(map(replaces, changes))]
    detailed = {
        path: provider_pb2.PropertyDiff(kind=KINDS[change, replaces(path)], inputDiff=against_inputs)
        for changes in changed.values()
        for path, change in changes.items()
    }
    if failed:
        replacing.append(FAILED)
        detailed[FAILED] = provider_pb2.PropertyDiff(kind=KINDS[Change.DELETE, True])
    some = bool(changed) or failed
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=[*changed, *([FAILED] if failed else [])],
        replaces=replacing,
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=delete_first and bool(replacing),
    )
