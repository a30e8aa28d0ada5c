"""The plugin as a process beside the engine: how it is served, and how it writes the engine's log."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from providers.harbor.wire import engine_pb2, engine_pb2_grpc, grpc

WORKERS = 32
OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]


def serve(add: Callable[[Any], None]) -> None:
    """Print a port, and serve there until the parent has gone or is interrupted. Calls run side by side."""
    server = grpc.server(ThreadPoolExecutor(max_workers=WORKERS), options=OPTIONS)
    add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    server.start()
    print(port, flush=True)
    parent = os.getppid()
    while not done.wait(1) and os.getppid() == parent:
        pass
    os._exit(0)  # calls under way belong to an engine that is gone


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
