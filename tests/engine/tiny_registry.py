"""A registry that holds in memory what is pushed to it: enough of one for an engine to push and pull."""

import hashlib
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MANIFEST = re.compile(r"/v2/(?P<name>.+)/manifests/(?P<reference>.+)")
BLOB = re.compile(r"/v2/(?P<name>.+)/blobs/(?P<reference>sha256:.+)")
UPLOAD = re.compile(r"/v2/(?P<name>.+)/blobs/uploads/(?P<reference>[^?]*)(\?digest=(?P<digest>.+))?")


class TinyRegistry(ThreadingHTTPServer):
    """A registry on a free port of an address of this machine."""

    daemon_threads = True

    def __init__(self, address: str = "127.0.0.1") -> None:
        super().__init__((address, 0), _Handler)
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.deleted: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """The host and port of the registry."""
        return f"localhost:{self.server_port}"

    def forget(self) -> None:
        """Lose every manifest."""
        self.manifests.clear()


class _Handler(BaseHTTPRequestHandler):
    server: TinyRegistry
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/v2/":
            return self._answer(200)
        if found := MANIFEST.fullmatch(self.path):
            kind, body = self.server.manifests.get(found["reference"], ("", b""))
        else:
            blob = BLOB.fullmatch(self.path)
            kind, body = (
                "application/octet-stream",
                self.server.blobs.get(blob["reference"] if blob else "", b""),
            )
        if not body:
            error = b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'
            return self._answer(404, error, Content_Type="application/json")
        return self._answer(200, body, Content_Type=kind, Docker_Content_Digest=_digest(body))

    do_HEAD = do_GET

    def do_POST(self) -> None:
        body_of(self)
        self._answer(202, Location=f"{self.path.partition('?')[0]}{uuid.uuid4()}", Range="0-0")

    def do_PATCH(self) -> None:
        body = body_of(self)
        self.server.blobs[self.path] = body
        self._answer(202, Location=self.path, Range=f"0-{len(body)}")

    def do_PUT(self) -> None:
        body = body_of(self)
        if manifest := MANIFEST.fullmatch(self.path):
            stored = self.headers["Content-Type"], body
            self.server.manifests |= {manifest["reference"]: stored, _digest(body): stored}
            return self._answer(201, Docker_Content_Digest=_digest(body))
        path, _, query = self.path.partition("?")
        digest = query.removeprefix("digest=").replace("%3A", ":")
        self.server.blobs[digest] = self.server.blobs.pop(path, b"") + body
        return self._answer(201, Location=path, Docker_Content_Digest=digest)

    def do_DELETE(self) -> None:
        self.server.deleted.append(self.path)
        self._answer(202)

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content_Length": str(len(body))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: ANN401 -- the base class names it so
        """Stay silent."""


def body_of(request: BaseHTTPRequestHandler) -> bytes:
    """Return what was sent; an engine sends a layer in parts, whose number it does not tell."""
    if request.headers.get("Transfer-Encoding") != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length") or 0))
    parts = []
    while size := int(request.rfile.readline(), 16):
        parts.append(request.rfile.read(size))
        request.rfile.readline()
    request.rfile.readline()
    return b"".join(parts)


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
