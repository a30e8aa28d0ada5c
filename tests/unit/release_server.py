"""Pulumi's releases in their published form, served on this machine, with the faults that a test asks for."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from setup.toolchain.checkout import machine, system

VERSION, DOCKER, KUBERNETES = "3.259.0", "5.1.0", "4.32.0"
CLI = f"/sdk/pulumi-v{VERSION}-{system()}-{machine(amd64='x64')}.tar.gz"
CLI_SUMS = f"/sdk/pulumi-{VERSION}-checksums.txt"
DOCKER_ARCHIVE = f"/plugins/pulumi-resource-docker-v{DOCKER}-{system()}-{machine()}.tar.gz"
DOCKER_SUMS = f"/plugins/pulumi-docker_{DOCKER}_checksums.txt"
KUBERNETES_ARCHIVE = f"/plugins/pulumi-resource-kubernetes-v{KUBERNETES}-{system()}-{machine()}.tar.gz"
KUBERNETES_SUMS = f"/plugins/pulumi-kubernetes_{KUBERNETES}_checksums.txt"
PROGRAM = b"\x7fELF" + bytes(range(256)) * 4096
"""What no archive can make much smaller, so that a download can break off in its middle."""


@dataclass
class Releases:
    """What is served, what was asked for, and how often an answer breaks off in its middle."""

    files: dict[str, bytes]
    breaks: int = 0
    resumes: bool = True
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""

    def gets(self, path: str) -> list[str]:
        """Return the ranges that were asked for, empty for a whole file."""
        return [span for method, asked, span in self.asked if (method, asked) == ("GET", path)]


def published() -> dict[str, bytes]:
    """Return the archives and checksum files as their publisher names and writes them."""
    cli = archive({f"pulumi/{name}": script(name) for name in ("pulumi", "pulumi-language-python")})
    docker = archive({"pulumi-resource-docker": PROGRAM, "LICENSE": b"Apache"})
    kubernetes = archive({"pulumi-resource-kubernetes": PROGRAM, "README.md": b"read"})
    return {
        CLI: cli,
        CLI_SUMS: sums(hashlib.sha256(cli).hexdigest(), CLI),
        DOCKER_ARCHIVE: docker,
        DOCKER_SUMS: sums(hashlib.sha1(docker).hexdigest(), DOCKER_ARCHIVE, before="./"),
        KUBERNETES_ARCHIVE: kubernetes,
        KUBERNETES_SUMS: sums(hashlib.sha256(kubernetes).hexdigest(), KUBERNETES_ARCHIVE),
    }


def script(name: str) -> bytes:
    return f"#!/bin/sh\necho v{VERSION} # {name}\n".encode()


def sums(digest: str, path: str, before: str = "") -> bytes:
    name = path.rpartition("/")[2]
    return f"{'0' * len(digest)}  another.tar.gz\n{digest}  {before}{name}\n".encode()


def archive(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=0) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@contextmanager
def serving(releases: Releases) -> Iterator[Releases]:
    """Serve on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            span = self.headers.get("Range", "")
            releases.asked.append((self.command, self.path, span))
            content = releases.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            resumed = bool(span) and releases.resumes
            rest = content[int(span[6:-1]) :] if resumed else content
            self.send_response(206 if resumed else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            if body:
                self.wfile.write(self.cut(rest))

        def cut(self, rest: bytes) -> bytes:
            if not releases.breaks or not self.path.endswith(".gz"):
                return rest
            releases.breaks -= 1
            return rest[: len(rest) // 2]

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        releases.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield releases
        server.shutdown()
        thread.join()
