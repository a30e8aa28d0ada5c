"""A registry that refuses what distribution refuses, with the faults that a test asks for.

It keeps blobs by repository; a blob of another digest than named is a 400 DIGEST_INVALID, a manifest whose
blobs the repository lacks a 400 MANIFEST_BLOB_UNKNOWN.
"""

import base64
import hashlib
import json
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PLACE = re.compile(r"/v2/(?P<name>.+?)/(?P<kind>manifests|blobs/uploads|blobs)/(?P<rest>.*)")
IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LARGE = 1000
QUOTA = "adding 1.2 GiB of storage resource, which will exceed the configured upper limit of 1.0 GiB"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class Strict:
    """What the registry holds, what it was asked, and how it fails."""

    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    breaks: int = 0
    """How many answers with a large blob break off in the middle of what they were to send."""
    busy: int = 0
    """How many questions are answered with 503."""
    ranges: bool = True
    mounts: bool = True
    full: str = ""
    """What it says to every upload."""
    full_status: int = 403
    login: str = ""
    """`user:password`, where it wants one."""
    tokens: bool = False
    """Whether it wants a token that is got with the login."""
    mangles: bool = False
    """Whether it keeps other bytes than it was sent."""
    plain: bool = False
    """Whether layers are not compressed, and each image is configured as one of these."""
    url: str = ""

    @property
    def address(self) -> str:
        return urlsplit(self.url).netloc

    def wrote(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _ in self.asked if method in ("POST", "PATCH", "PUT")]

    def gets(self, part: str) -> list[str]:
        return [span for method, path, span in self.asked if method == "GET" and part in path]

    def hold(self, name: str, tag: str, *layers: bytes, arch: str = "amd64") -> str:
        """Put an image there, and return its digest."""
        told: dict[str, object] = {"architecture": arch, "os": "linux"}
        if self.plain:
            told["rootfs"] = {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]}
        config = json.dumps(told).encode()
        parts = [{"digest": digest_of(part), "size": len(part)} for part in (config, *layers)]
        self.blobs |= {(name, digest_of(part)): part for part in (config, *layers)}
        tree = {"schemaVersion": 2, "mediaType": IMAGE, "config": parts[0], "layers": parts[1:]}
        return self.keep(name, tag, IMAGE, json.dumps(tree).encode())

    def hold_index(self, name: str, tag: str, children: list[str]) -> str:
        """Put an index of images there, and return its digest."""
        tree = {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": [{"digest": each, "size": 1} for each in children],
        }
        return self.keep(name, tag, INDEX, json.dumps(tree).encode())

    def keep(self, name: str, reference: str, kind: str, content: bytes) -> str:
        digest = digest_of(content)
        self.manifests |= {(name, reference): (kind, content), (name, digest): (kind, content)}
        return digest


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    held: Strict

    def do_GET(self) -> None:
        if self.path.startswith("/token") and self._is_known("Basic " + _encoded(self.held.login)):
            return self._answer(200, b'{"token": "t"}')
        if self._turned_away():
            return None
        place = self._place()
        if place["kind"] == "manifests":
            kind, content = self.held.manifests.get((place["name"], place["rest"]), ("", b""))
            return self._found(content, kind, Docker_Content_Digest=digest_of(content))
        return self._blob(self.held.blobs.get((place["name"], place["rest"]), b""))

    do_HEAD = do_GET

    def do_POST(self) -> None:
        body = self._body()
        if self._turned_away():
            return None
        place, query = self._place(), parse_qs(urlsplit(self.path).query)
        if self.held.full:
            return self._refuse(self.held.full_status, "DENIED", self.held.full)
        if "mount" in query and self.held.mounts:
            digest, source = query["mount"][0], query["from"][0]
            if content := self.held.blobs.get((source, digest)):
                self.held.blobs[place["name"], digest] = content
                return self._answer(201, Location=f"/v2/{place['name']}/blobs/{digest}")
        session = str(uuid.uuid4())
        self.held.uploads[session] = body
        return self._answer(202, Location=f"/v2/{place['name']}/blobs/uploads/{session}?_state=x")

    def do_PATCH(self) -> None:
        body = self._body()
        if self._turned_away():
            return None
        session = self._place()["rest"]
        begun = len(self.held.uploads[session])
        if self.headers.get("Content-Range") != f"{begun}-{begun + len(body) - 1}":
            return self._refuse(416, "RANGE_INVALID", "invalid content range")
        self.held.uploads[session] += body
        return self._answer(202, Location=urlsplit(self.path).path, Range=f"0-{begun + len(body) - 1}")

    def do_PUT(self) -> None:
        body = self._body()
        if self._turned_away():
            return None
        place = self._place()
        if place["kind"] == "manifests":
            return self._take_manifest(place["name"], place["rest"], body)
        content = self.held.uploads.pop(place["rest"]) + body
        digest = parse_qs(urlsplit(self.path).query)["digest"][0]
        if digest_of(content) != digest:
            return self._refuse(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        self.held.blobs[place["name"], digest] = content
        return self._answer(201, Docker_Content_Digest=digest)

    def do_DELETE(self) -> None:
        known = self.held.uploads.pop(self._place()["rest"], None)
        self._answer(404 if known is None else 204)

    def _take_manifest(self, name: str, reference: str, body: bytes) -> None:
        tree = json.loads(body)
        parts = [tree["config"], *tree["layers"]] if "layers" in tree else []
        lacking = [part["digest"] for part in parts if (name, part["digest"]) not in self.held.blobs]
        lacking += [
            each["digest"]
            for each in tree.get("manifests", ())
            if (name, each["digest"]) not in self.held.manifests
        ]
        if lacking:
            return self._refuse(400, "MANIFEST_BLOB_UNKNOWN", f"blob unknown to registry: {lacking}")
        if reference.startswith("sha256:") and digest_of(body) != reference:
            return self._refuse(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        digest = digest_of(body)
        kept = body + b" " * self.held.mangles
        self.held.manifests |= {
            (name, each): (self.headers["Content-Type"], kept) for each in (reference, digest)
        }
        return self._answer(201, Docker_Content_Digest=digest)

    def _blob(self, content: bytes) -> None:
        span = self.headers.get("Range", "")
        if not content or self.command == "HEAD":
            return self._found(content, "application/octet-stream")
        start = int(span[6:-1]) if span and self.held.ranges else 0
        rest = content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if self.held.breaks and len(content) > LARGE:
            self.held.breaks -= 1
            rest, self.close_connection = rest[: len(rest) // 2], True
        self.wfile.write(rest)
        return None

    def _turned_away(self) -> bool:
        """Answer for who is not let in, and where the registry is busy; tell whether that was done."""
        self.held.asked.append((self.command, self.path, self.headers.get("Range", "")))
        if self.held.busy:
            self.held.busy -= 1
            self._refuse(503, "UNAVAILABLE", "try again")
            return True
        wanted = "Bearer t" if self.held.tokens else "Basic " + _encoded(self.held.login)
        if not self.held.login or self._is_known(wanted):
            return False
        way = f'Bearer realm="{self.held.url}/token",service="r"' if self.held.tokens else 'Basic realm="r"'
        self._refuse(401, "UNAUTHORIZED", "authentication required", WWW_Authenticate=way)
        return True

    def _is_known(self, wanted: str) -> bool:
        return self.headers.get("Authorization", "") == wanted

    def _place(self) -> dict[str, str]:
        found = PLACE.fullmatch(urlsplit(self.path).path)
        assert found, f"no registry is asked for {self.path}"
        return found.groupdict()

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _found(self, content: bytes, kind: str, **headers: str) -> None:
        if not content:
            return self._refuse(404, "NOT_FOUND", "unknown")
        return self._answer(200, content, Content_Type=kind, **headers)

    def _refuse(self, status: int, code: str, message: str, **headers: str) -> None:
        body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
        self._answer(status, body, **headers)

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content_Length": str(len(body))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


def _encoded(login: str) -> str:
    return base64.b64encode(login.encode()).decode()


@contextmanager
def strict_registry() -> Iterator[Strict]:
    """Serve on a free port of loopback."""
    held = Strict()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"held": held})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        held.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield held
        server.shutdown()
        thread.join()
