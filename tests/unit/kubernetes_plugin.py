"""The Kubernetes plugin's servicer, called as the engine calls it."""

from collections.abc import Mapping, Sequence
from typing import Any

from diff.values import encoded, plain
from offline.kubernetes.provider import KubernetesProvider
from protocol.server import EngineLog
from protocol.wire import Struct, provider_pb2

Values = dict[str, Any]


class Refused(Exception):
    """What the engine was told instead of an answer."""

    def __init__(self, status: Any) -> None:  # noqa: ANN401 -- grpcio ships no types
        super().__init__(status.details)
        self.status = status

    @property
    def half(self) -> provider_pb2.ErrorResourceInitFailed:
        """Return what was made nevertheless."""
        from protocol.wire import status_pb2

        told = status_pb2.Status.FromString(self.status.trailing_metadata[0][1])
        detail = provider_pb2.ErrorResourceInitFailed()
        told.details[0].Unpack(detail)
        return detail


class Context:
    """A call's context, as far as the plugin uses it."""

    def abort_with_status(self, status: Any) -> None:  # noqa: ANN401 -- grpcio ships no types
        raise Refused(status)


class Told(EngineLog):
    """Keeps what a user would be told."""

    def __init__(self) -> None:
        super().__init__("")
        self.progressed: list[str] = []
        self.warned: list[str] = []

    def progress(self, urn: str, message: str) -> None:
        self.progressed.append(message)

    def warn(self, urn: str, message: str) -> None:
        self.warned.append(message)


class Plugin:
    """A configured plugin, and what it told."""

    def __init__(self, **configuration: object) -> None:
        self.told = Told()
        self.provider = KubernetesProvider(self.told)
        self.provider.Configure(provider_pb2.ConfigureRequest(args=struct(configuration)), Context())

    def checked(self, token: str, news: Values, olds: Values | None = None) -> provider_pb2.CheckResponse:
        request = provider_pb2.CheckRequest(
            urn=urn(token), news=struct(news), olds=struct(olds or {}), randomSeed=b"\x12\x34\x56\x78"
        )
        return self.provider.Check(request, Context())

    def diff(
        self, token: str, old: Values, new: Values, ignored: Sequence[str] = ()
    ) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            urn=urn(token), old_inputs=struct(old), news=struct(new), olds=struct(old), ignoreChanges=ignored
        )
        return self.provider.Diff(request, Context())

    def create(
        self, token: str, values: Values, preview: bool = False, timeout: float = 0
    ) -> provider_pb2.CreateResponse:
        request = provider_pb2.CreateRequest(
            urn=urn(token), properties=struct(values), preview=preview, timeout=timeout
        )
        return self.provider.Create(request, Context())

    def update(
        self, token: str, olds: Values, news: Values, preview: bool = False, timeout: float = 0
    ) -> provider_pb2.UpdateResponse:
        request = provider_pb2.UpdateRequest(
            urn=urn(token), olds=struct(olds), news=struct(news), preview=preview, timeout=timeout
        )
        return self.provider.Update(request, Context())

    def read(
        self, token: str, resource_id: str, inputs: Values | None = None, outputs: Values | None = None
    ) -> provider_pb2.ReadResponse:
        request = provider_pb2.ReadRequest(
            urn=urn(token), id=resource_id, inputs=struct(inputs or {}), properties=struct(outputs or {})
        )
        return self.provider.Read(request, Context())

    def delete(self, token: str, resource_id: str, inputs: Values, timeout: float = 0) -> None:
        request = provider_pb2.DeleteRequest(
            urn=urn(token), id=resource_id, old_inputs=struct(inputs), timeout=timeout
        )
        self.provider.Delete(request, Context())


def struct(values: Mapping[str, object]) -> Struct:
    return encoded(values).struct_value


def urn(token: str) -> str:
    return f"urn:pulumi:dev::fate::fate:index:Party${token}::web"


def seen(response: Any, field: str = "properties") -> Values:  # noqa: ANN401 -- any of the responses
    return plain(getattr(response, field))
