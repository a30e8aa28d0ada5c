"""A plugin or a language host as a process: it prints its port, and leaves with its parent or on SIGINT."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from offline.protocol.wire import CHANNEL_OPTIONS, grpc

WORKERS = 64


def serve(add: Callable[[Any], None]) -> None:
    """Serve until the engine wants us gone. Calls run side by side."""
    server = grpc.server(ThreadPoolExecutor(max_workers=WORKERS), options=CHANNEL_OPTIONS)
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
