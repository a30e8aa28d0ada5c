"""A stand-in for Harbor's API over real HTTP, faithful to what Harbor 2.15.2 was seen to do.

`recorded.yaml` is what was seen; `test_recorded.py` holds this against it.
"""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from tests.harbor import accounts, contents, replications, system
from tests.harbor.state import ADMIN, ROUTES, Answer, Question, State, broken, error

HANDLERS = (accounts, contents, replications, system)
"""Imported for the routes that they add."""
API = "/api/v2.0"


class Api(BaseHTTPRequestHandler):
    """One question to one Harbor."""

    state: ClassVar[State]
    lock: ClassVar[threading.Lock]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with self.lock:
            answer = self.answered(json.loads(body) if body else None)
        self.send(answer)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def answered(self, body: object) -> Answer:
        if self.state.crashed:
            return Answer(502, "<html>502 Bad Gateway</html>")
        path = urlsplit(self.path)
        asked = path.path.removeprefix(API)
        self.state.asked.append(f"{self.command} {asked}")
        by_name = self.headers.get("X-Is-Resource-Name") == "true"
        question = Question(body, dict(parse_qsl(path.query)), by_name)
        if (self.state.forgetful or not self.is_admin()) and asked != "/health":
            return self.to_nobody(asked)
        for method, pattern, handler in ROUTES:
            found = pattern.fullmatch(asked)
            if found and method == self.command:
                return handler(self.state, question, *found.groups())
        return error(404, f"the double has no {self.command} {asked}")

    def is_admin(self) -> bool:
        given = "Basic " + base64.b64encode(":".join(ADMIN).encode()).decode()
        return self.headers.get("Authorization") == given

    def to_nobody(self, asked: str) -> Answer:
        """Answer one who is not known: an empty list of projects, and that is the trap."""
        if self.command == "GET" and asked == "/projects":
            return broken() if self.state.forgetful else Answer(200, [])
        return error(401, "unauthorized")

    def send(self, answer: Answer) -> None:
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        sent = b"" if answer.body is None else text.encode()
        self.send_response(answer.status)
        if answer.made is not None:
            self.send_header("Location", f"{self.path.partition('?')[0]}/{answer.made}")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextmanager
def harbor(state: State, tls: ssl.SSLContext | None = None, of: type[Api] = Api) -> Iterator[str]:
    """Serve a Harbor, and give its URL; over TLS where there is a certificate."""
    handler = type("OneHarbor", (of,), {"state": state, "lock": threading.Lock()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
