"""A plugin or a language host as a process beside the engine: how it is served, and how it writes the log."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from protocol.wire import CHANNEL_OPTIONS, engine_pb2, engine_pb2_grpc, grpc

WORKERS = 256
"""A component takes one for as long as its children are made, and these take others."""


def serve(add: Callable[[Any], None], workers: int = WORKERS) -> None:
    """Print a port, and serve there until the parent has gone or SIGINT comes. Calls run side by side."""
    server = grpc.server(ThreadPoolExecutor(max_workers=workers), options=CHANNEL_OPTIONS)
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
    sys.stdout.flush()
    sys.stderr.flush()
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
