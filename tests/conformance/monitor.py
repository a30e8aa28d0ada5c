"""An engine, as far as a plugin sees one that makes a component: it keeps what is registered and logged."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc  # type: ignore[import-untyped] # grpcio ships no types
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped] # protobuf ships no types
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

from tests.conformance.plugin import Values, packed, unpacked, urn

PROVIDER = urn("pulumi:providers:kubernetes", "cluster")
PROVIDER_ID = "1"
WARNING = engine_pb2.WARNING


@dataclass(frozen=True)
class Registered:
    """A resource as a plugin registers it."""

    token: str
    name: str
    custom: bool
    properties: Values
    after: tuple[str, ...]
    retained: bool
    protected: bool
    provider: str
    parent: str

    @classmethod
    def of(cls, request: Any) -> "Registered":  # noqa: ANN401 -- the protocol's messages have no types
        """Return what a request registers."""
        return cls(
            token=request.type,
            name=request.name,
            custom=request.custom,
            properties=unpacked(request.object),
            after=tuple(each.split("::")[-1] for each in request.dependencies),
            retained=request.retainOnDelete,
            protected=request.protect,
            provider=request.provider,
            parent=request.parent,
        )


@dataclass
class Engine(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Makes nothing: what is registered counts as made."""

    address: str = ""
    registered: list[Registered] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    def SupportsFeature(self, request: Any, context: Any) -> resource_pb2.SupportsFeatureResponse:  # noqa: ANN401
        """Say that this engine can do everything, as Pulumi's own does."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)

    def RegisterResource(self, request: Any, context: Any) -> resource_pb2.RegisterResourceResponse:  # noqa: ANN401
        """Keep what is registered."""
        self.registered.append(Registered.of(request))
        made = "" if not request.custom else f"id of {request.name}"
        return resource_pb2.RegisterResourceResponse(
            urn=urn(request.type, request.name), id=made, object=request.object
        )

    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:  # noqa: ANN401
        """Answer what Pulumi's SDK for Go asks of a provider that it is told of."""
        told = {"urn": PROVIDER, "id": PROVIDER_ID, "state": {}}
        return provider_pb2.InvokeResponse(**{"return": packed(told)})

    def Log(self, request: Any, context: Any) -> Empty:  # noqa: ANN401
        """Keep what a user would be warned of."""
        if request.severity == WARNING:
            self.warned.append(request.message)
        return Empty()


@contextmanager
def engine() -> Iterator[Engine]:
    """Serve an engine until the tests are done."""
    found = Engine()
    server = grpc.server(ThreadPoolExecutor(max_workers=64))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(found, server)
    engine_pb2_grpc.add_EngineServicer_to_server(found, server)
    found.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield found
    server.stop(None)
