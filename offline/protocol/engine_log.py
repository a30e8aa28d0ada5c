"""Messages to the user, through the engine's log."""

from typing import Any

from offline.protocol.wire import engine_pb2, engine_pb2_grpc, grpc


class EngineLog:
    """The engine's log. A message that cannot be delivered is dropped: no operation fails for it."""

    def __init__(self, address: str) -> None:
        self._stub: Any = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if address else None

    def progress(self, urn: str, message: str) -> None:
        """Show a message beside the resource while it is worked on."""
        self._send(engine_pb2.LogRequest(urn=urn, message=message, severity=engine_pb2.INFO, ephemeral=True))

    def warn(self, urn: str, message: str) -> None:
        """Show a warning that stays."""
        self._send(engine_pb2.LogRequest(urn=urn, message=message, severity=engine_pb2.WARNING))

    def _send(self, request: engine_pb2.LogRequest) -> None:
        if self._stub is None:
            return
        try:
            self._stub.Log(request, timeout=5)
        except grpc.RpcError:
            return
