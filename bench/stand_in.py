"""A registry that says yes, for stacks whose images lie on the engine already."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PREFIX = "fate-bench"


class _Yes(http.server.BaseHTTPRequestHandler):
    """Answers every question about an image with 200. It has no image: a pull from it fails."""

    def do_HEAD(self) -> None:
        """Say that the image is there."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def registry_that_says_yes() -> Iterator[str]:
    """Serve on a free port of loopback, and return the address that a stack's mirror is given."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Yes)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"localhost:{server.server_port}/{PREFIX}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
