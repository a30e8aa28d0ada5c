"""A registry that says yes, for stacks whose images lie on the engine already."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PREFIX = "fate-bench"
KIND = "application/vnd.docker.distribution.manifest.list.v2+json"
NOTHING = f'{{"schemaVersion": 2, "mediaType": "{KIND}", "manifests": []}}'.encode()
"""An image for no platform: an engine that asks whether it is there is content."""


class _Yes(http.server.BaseHTTPRequestHandler):
    """Has every image that is asked for, and nothing in it: a pull from it fails."""

    def do_HEAD(self) -> None:
        """Say that the image is there."""
        self.send_response(200)
        self.send_header("Content-Type", KIND)
        self.send_header("Content-Length", str(len(NOTHING)))
        self.send_header("Docker-Content-Digest", f"sha256:{hashlib.sha256(NOTHING).hexdigest()}")
        self.end_headers()

    def do_GET(self) -> None:
        """Show that there is nothing in it."""
        self.do_HEAD()
        self.wfile.write(NOTHING)

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
