"""The stand-in for Harbor with a registry behind it: robots pull and push by tokens, and runs bring bytes.

What a run moves is what a run of Harbor's does (its source, src/controller/replication/transfer/image): the
manifest each time, nothing more where the tag is there by that digest, else each layer that is nowhere here.
"""

import base64
import io
import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from time import time
from typing import IO, ClassVar
from urllib.parse import parse_qs, urlsplit

from clients.registry import answered
from clients.repository import Repository, Server
from tests.engine.tiny_registry import body_of
from tests.harbor.api import Api, harbor
from tests.harbor.state import Answer, Json, State, error

KEPT = ("Content-Type", "Content-Length", "Docker-Content-Digest", "Location", "Range", "Docker-Upload-UUID")
NOT_HANDED_ON = ("Authorization", "Content-Length", "Transfer-Encoding")
READING = ("GET", "HEAD")


class WholeHarbor(Api):
    """One question to one Harbor, of its API or of its registry."""

    behind: ClassVar[str]

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path == "/service/token":
            self.send(self.token(parse_qs(path.query).get("scope", [""])))
        elif path.path.startswith("/v2/"):
            self.hand_on(path.path)
        else:
            super().do_GET()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def token(self, scopes: Sequence[str]) -> Answer:
        """Give a token, which says who asked: what that one may do is looked at when it is shown.

        Who does not log in gets one without a right. An engine that pushes asks for more than one scope, to
        mount what it has pushed elsewhere.
        """
        if "Authorization" not in self.headers:
            return Answer(200, {"token": "nobody"})
        actions = ",".join(scope.rpartition(":")[2] for scope in scopes)
        for robot in self.state.robots.values():
            login = base64.b64encode(f"{robot['name']}:{robot['kept_secret']}".encode()).decode()
            if self.headers.get("Authorization") == f"Basic {login}" and is_valid(robot):
                return Answer(200, {"token": f"{robot['id']}-{actions}"})
        return error(401, "unauthorized")

    def hand_on(self, path: str) -> None:
        """Ask the registry behind, where the token's robot may do that in the project."""
        body = body_of(self)
        project, action = path.split("/")[2], "pull" if self.command in READING else "push"
        if not self.may(project, action):
            name = path.removeprefix("/v2/").partition("/blobs/")[0].partition("/manifests/")[0]
            told = error(401, f"unauthorized to access repository: {name}, action: {action}")
            self.relay(401, {"WWW-Authenticate": self.way(name, action)}, json.dumps(told.body).encode())
            return
        self.state.asked.append(f"{self.robot['name']} {action} {path}")
        asked = {key: value for key, value in self.headers.items() if key not in NOT_HANDED_ON}
        asked |= {"Content-Length": str(len(body)), "X-Forwarded-Proto": self.scheme}
        with answered(self.command, self.behind + self.path, asked, body=body, direct=True) as answer:
            headers = {key: answer.headers[key] for key in KEPT if key in answer.headers}
            self.relay(answer.status, headers, answer.read())

    def way(self, name: str, action: str) -> str:
        """Return where a token is got, and for what: nothing in particular by the registry's root."""
        realm = f"{self.scheme}://{self.headers['Host']}/service/token"
        scope = f',scope="repository:{name}:{action}"' if name else ""
        return f'Bearer realm="{realm}",service="harbor-registry"{scope}'

    @property
    def scheme(self) -> str:
        return "https" if isinstance(self.connection, ssl.SSLSocket) else "http"

    @property
    def robot(self) -> Json:
        """The one whose token is shown; None where it is none of this Harbor's."""
        id = self.shown.partition("-")[0]
        return self.state.robots.get(int(id)) if id.isdecimal() else None

    @property
    def shown(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def may(self, project: str, action: str) -> bool:
        robot, asked = self.robot, self.shown.partition("-")[2]
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
def whole_harbor(
    state: State, behind: str, upstream: str, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Serve a Harbor before a registry, whose runs copy from an upstream; both are asked without a login."""
    state.bring = Bringing(Server(upstream, direct=True), Server(behind, direct=True)).bring
    with harbor(state, tls, of=type("Before", (WholeHarbor,), {"behind": behind})) as url:
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
