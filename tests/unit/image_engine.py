"""A Docker engine as far as images go: saved, loaded and named, by the API that 20.10 has.

A mock: tests/federation/test_closed_network.py does the same on real engines. Like those it takes a layer
compressed or plain, asks for no layer that it has, and says within an answer of 200 what it does not take.
"""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from urllib.parse import parse_qs, unquote, urlsplit


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def config_of(*layers: bytes, arch: str = "amd64") -> bytes:
    """Return the configuration of an image with these plain layers."""
    rootfs = {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]}
    return json.dumps({"architecture": arch, "os": "linux", "rootfs": rootfs}).encode()


@dataclass
class ImageEngine:
    """What the engine has, and what it was asked."""

    host: str
    images: dict[str, bytes] = field(default_factory=dict)
    """By id, the configuration."""
    names: dict[str, str] = field(default_factory=dict)
    layers: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    full: bool = False

    def hold(self, name: str, *layers: bytes) -> str:
        """Have an image, as if it was built there; return its id."""
        config = config_of(*layers)
        self.layers |= {digest_of(layer): layer for layer in layers}
        return self.keep(name, config)

    def keep(self, name: str, config: bytes) -> str:
        self.images[digest_of(config)] = config
        self.names[name.removeprefix("docker.io/")] = digest_of(config)
        return digest_of(config)

    def id_of(self, name: str) -> str | None:
        found = self.names.get(name.removeprefix("docker.io/"), name)
        return found if found in self.images else None

    def loads(self) -> int:
        return sum(path.endswith("/images/load") for _, path in self.asked)


class _Handler(BaseHTTPRequestHandler):
    engine: ImageEngine

    def do_GET(self) -> None:
        path = self._path()
        if path.endswith("/version"):
            return self._answer(200, {"ApiVersion": "1.41", "Os": "linux", "Arch": "amd64"})
        name, _, what = path.partition("/images/")[2].rpartition("/")
        if (found := self.engine.id_of(name)) is None:
            return self._answer(404, {"message": f"No such image: {name}"})
        if what == "get":
            return self._send(200, self._saved(name, found))
        rootfs = json.loads(self.engine.images[found])["rootfs"]
        return self._answer(200, {"Id": found, "RootFS": {"Layers": rootfs["diff_ids"]}})

    def do_POST(self) -> None:
        path = self._path()
        if path.endswith("/images/load"):
            return self._answer(200, self._loaded(b"".join(self._chunks())))
        asked = {key: value[0] for key, value in parse_qs(urlsplit(self.path).query).items()}
        name = path.partition("/images/")[2].removesuffix("/tag")
        found = self.engine.id_of(name)
        assert found, f"{name} is named anew and is not there"
        self.engine.names[f"{asked['repo']}:{asked['tag']}".removeprefix("docker.io/")] = found
        return self._send(201, b"")

    def _saved(self, name: str, found: str) -> bytes:
        config = self.engine.images[found]
        layers = [self.engine.layers[each] for each in json.loads(config)["rootfs"]["diff_ids"]]
        files = {f"{found[7:]}.json": config}
        files |= {f"{place}/layer.tar": layer for place, layer in enumerate(layers)}
        paths = [f"{place}/layer.tar" for place in range(len(layers))]
        told = [{"Config": f"{found[7:]}.json", "RepoTags": [name], "Layers": paths}]
        return _tar({**files, "manifest.json": json.dumps(told).encode()})

    def _loaded(self, archive: bytes) -> dict[str, str]:
        if self.engine.full:
            return {"error": "write /layer.tar: no space left on device"}
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            files = {each.name: tar.extractfile(each) for each in tar}
            content = {name: file.read() for name, file in files.items() if file}
        for told in json.loads(content["manifest.json"]):
            config = content[told["Config"]]
            for diff, path in zip(json.loads(config)["rootfs"]["diff_ids"], told["Layers"], strict=True):
                if diff not in self.engine.layers:
                    if (layer := content.get(path)) is None:
                        return {"error": f"open /var/lib/docker/tmp/{path}: no such file or directory"}
                    plain = gzip.decompress(layer) if layer.startswith(b"\x1f\x8b") else layer
                    if digest_of(plain) != diff:
                        return {"error": f"invalid diffID for layer: expected {diff}"}
                    self.engine.layers[diff] = plain
            for name in told["RepoTags"]:
                self.engine.keep(name, config)
        return {"stream": "Loaded image"}

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()

    def _path(self) -> str:
        path = unquote(urlsplit(self.path).path)
        self.engine.asked.append((self.command, path))
        return path

    def _answer(self, status: int, told: object) -> None:
        self._send(status, json.dumps(told).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def address_string(self) -> str:
        return "unix"


@contextmanager
def image_engine(socket: Path) -> Iterator[ImageEngine]:
    """Serve at a socket."""
    engine = ImageEngine(f"unix://{socket}")
    with UnixStreamServer(str(socket), type("Handler", (_Handler,), {"engine": engine})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield engine
        server.shutdown()
        thread.join()


def _tar(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()
