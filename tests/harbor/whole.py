"""The stand-in for Harbor with a registry behind it: robots pull and push by tokens, and runs bring bytes.

What a run moves is what a run of Harbor's does (its source, src/controller/replication/transfer/image): the
manifest each time, nothing more where the tag is there by that digest, else each layer that is nowhere here.
"""

import base64
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from time import time
from typing import IO, ClassVar
from urllib.parse import parse_qs, urlsplit

from clients.registry import answered
from clients.repository import Repository, Server
from tests.harbor.api import Api, harbor
from tests.harbor.state import Answer, Json, State, error

KEPT = ("Content-Type", "Content-Length", "Docker-Content-Digest", "Location", "Range", "Docker-Upload-UUID")
READING = ("GET", "HEAD")


class WholeHarbor(Api):
    """One question to one Harbor, of its API or of its registry."""

    behind: ClassVar[str]

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path == "/service/token":
            self.send(self.token(parse_qs(path.query).get("scope", [""])[0]))
        elif path.path.startswith("/v2/"):
            self.hand_on(path.path)
        else:
            super().do_GET()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def token(self, scope: str) -> Answer:
        """Give a token, which says who asked: what that one may do is looked at when it is shown."""
        for robot in self.state.robots.values():
            login = base64.b64encode(f"{robot['name']}:{robot['kept_secret']}".encode()).decode()
            if self.headers.get("Authorization") == f"Basic {login}" and is_valid(robot):
                return Answer(200, {"token": f"{robot['id']}-{scope.rpartition(':')[2]}"})
        return error(401, "unauthorized")

    def hand_on(self, path: str) -> None:
        """Ask the registry behind, where the token's robot may do that in the project."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        project, action = path.split("/")[2], "pull" if self.command in READING else "push"
        if not self.may(project, action):
            name = path.removeprefix("/v2/").partition("/blobs/")[0].partition("/manifests/")[0]
            told = error(401, f"unauthorized to access repository: {name}, action: {action}")
            self.relay(401, {"WWW-Authenticate": self.way}, json.dumps(told.body).encode())
            return
        asked = {key: value for key, value in self.headers.items() if key != "Authorization"}
        with answered(self.command, self.behind + self.path, asked, body=body, direct=True) as answer:
            headers = {key: answer.headers[key] for key in KEPT if key in answer.headers}
            self.relay(answer.status, headers, answer.read())

    @property
    def way(self) -> str:
        return f'Bearer realm="http://{self.headers["Host"]}/service/token",service="harbor-registry"'

    def may(self, project: str, action: str) -> bool:
        id, _, asked = self.headers.get("Authorization", "").removeprefix("Bearer ").partition("-")
        robot = self.state.robots.get(int(id)) if id.isdecimal() else None
        if robot is None or action not in asked.split(","):
            return False
        rights = chain.from_iterable(
            each["access"] for each in robot["permissions"] if each["namespace"] == project
        )
        return is_valid(robot) and action in {right["action"] for right in rights}

    def relay(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def is_valid(robot: Json) -> bool:
    return not robot["disable"] and (robot["expires_at"] == -1 or robot["expires_at"] > time())


@contextmanager
def whole_harbor(state: State, behind: str, upstream: str) -> Iterator[str]:
    """Serve a Harbor before a registry, whose runs copy from an upstream; both are asked without a login."""
    state.bring = Bringing(Server(upstream, direct=True), Server(behind, direct=True)).bring
    with harbor(state, of=type("Before", (WholeHarbor,), {"behind": behind})) as url:
        yield url


@dataclass
class Bringing:
    """What the runs of one Harbor have brought, by which a layer comes once."""

    upstream: Server
    behind: Server
    known: dict[str, str] = field(default_factory=dict)
    """By the digest of a blob, a repository that has it."""

    def bring(self, source: str, target: str, tag: str) -> None:
        """Copy an image of one architecture."""
        here, there = Repository(self.behind, target, "pull,push"), Repository(self.upstream, source)
        manifest = there.manifest(tag)
        if here.digest_of(tag) == manifest.digest:
            return
        for blob in manifest.blobs:
            if blob.digest not in self.known:
                content = b"".join(there.blob(blob.digest, 0, blob.size))
                here.upload(blob.digest, blob.size, parts_of(content))
            elif not here.has_blob(blob.digest):
                assert here.mount(blob.digest, self.known[blob.digest]), "it has the layer, and gives it on"
            self.known.setdefault(blob.digest, target)
        here.put(manifest, tag)


def parts_of(content: bytes) -> Callable[[int, int], IO[bytes]]:
    return lambda start, size: io.BytesIO(content[start : start + size])
