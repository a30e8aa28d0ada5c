"""A small Pulsar: the part of its administration that makes clusters and tenants, with its refusals."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

BUSYBOX = r"""#!/bin/bash
case $1 in
    wget)
        url=${!#} place=${url#http://}
        at=${place%%/*}
        exec 3<>"/dev/tcp/${at%:*}/${at#*:}"
        printf 'GET /%s HTTP/1.0\r\n\r\n' "${place#*/}" >&3
        read -r _ status _ <&3
        while read -r line && [ "$line" != $'\r' ]; do :; done <&3
        cat <&3
        [ "$status" = 200 ]
        ;;
    nc)
        port=${!#} host=${@: -2:1}
        exec 3<>"/dev/tcp/$host/$port"
        cat >&3
        cat <&3
        ;;
esac
"""
"""What the scripts call of busybox, which this machine may lack."""


Kept = dict[str, dict[str, Any]]


class PulsarAdmin:
    """What the tests see of it: its clusters, its tenants, what was asked, what it refuses."""

    def __init__(self, own: str) -> None:
        self.clusters: Kept = {own: {"brokerServiceUrl": "pulsar://localhost:6650"}}
        self.tenants: Kept = {"public": {"allowedClusters": [own]}}
        self.healthy = True
        self.refused: set[str] = set()
        self.changes: list[str] = []
        self.port = 0

    def answer(self, method: str, path: str, body: str) -> tuple[int, str]:
        """Answer as Pulsar 3.0.7 was seen to."""
        kind, _, name = path.removeprefix("/admin/v2/").partition("/")
        if kind == "brokers":
            return (200, "ok") if self.healthy else (500, "")
        if method != "GET":
            self.changes.append(f"{method} {kind}/{name}")
        if f"{method} {kind}/{name}" in self.refused:
            return 412, "refused"
        kept = self.clusters if kind == "clusters" else self.tenants
        if not name:
            return 200, json.dumps(list(kept), separators=(",", ":"))
        return self._changed(method, kept, name, body)

    def _changed(self, method: str, kept: Kept, name: str, body: str) -> tuple[int, str]:
        there = name in kept
        if method == "PUT" and there:
            return 409, "it exists already"
        if method != "PUT" and not there:
            return 404, "it does not exist"
        if method == "GET":
            return 200, json.dumps(kept[name], separators=(",", ":"))
        if method == "DELETE":
            del kept[name]
            return 204, ""
        told = json.loads(body)
        if missing := set(told.get("allowedClusters", ())) - self.clusters.keys():
            return 412, f"Clusters do not exist: {missing}"
        kept[name] = told
        return 204, ""


@contextmanager
def pulsar(own: str, folder: Path) -> Iterator[PulsarAdmin]:
    """Serve one on a free port of loopback; `folder` gets the busybox that the scripts call."""
    admin = PulsarAdmin(own)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            code, text = admin.answer(self.command, self.path, body)
            self.send_response(code)
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(text.encode())
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    admin.port = server.server_port
    (folder / "busybox").write_text(BUSYBOX)
    (folder / "busybox").chmod(0o755)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield admin
    finally:
        server.shutdown()
        server.server_close()
