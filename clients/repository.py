"""One repository of a registry: its manifests and blobs, read and written.

Source: the OCI distribution specification 1.1. What is read or is named by its digest is asked for again
where the network failed or the registry is busy; what a registry refuses is not.
"""

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from clients.failures import Failure, NoTls, Refused, Unreachable, Untrusted
from clients.manifests import Manifest
from clients.registry import ACCEPT, answered, basic

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

T = TypeVar("T")
DIGEST = "Docker-Content-Digest"
BUSY = frozenset({429, 502, 503, 504})
PAUSES = (0.5, 2.0, 5.0)
"""Seconds before each further try."""
PIECE = 64 * 2**20
"""Bytes of a blob that are sent in one request: many proxies refuse larger ones."""
READ = 2**18
TIMEOUT = 120.0
"""Seconds that a registry may say nothing: a large blob is hashed before it answers."""


@dataclass(frozen=True)
class Server:
    """A registry, and how it is asked."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    trust: ssl.SSLContext | None = None
    direct: bool = False
    """Past any proxy."""

    @property
    def host(self) -> str:
        """Return its host and port."""
        return urlsplit(self.url).netloc


@dataclass
class Repository:
    """A repository by its name within a registry."""

    server: Server
    name: str
    actions: str = "pull"
    """What a token is asked for: `pull`, or `pull,push`."""
    pauses: tuple[float, ...] = field(default_factory=lambda: PAUSES)
    _login: dict[str, str] = field(default_factory=dict, repr=False)

    def manifest(self, reference: str) -> Manifest:
        """Return a manifest by its tag or digest. Raises Unreachable, or Refused: 404 where there is none."""
        answer = self._told("GET", f"manifests/{reference}", {"Accept": ACCEPT})
        return Manifest(answer.data, answer.headers.get("Content-Type") or "")

    def digest_of(self, reference: str) -> str | None:
        """Return the digest that a tag or digest stands for, None where the registry has no such manifest."""
        answer = self._told("HEAD", f"manifests/{reference}", {"Accept": ACCEPT}, missing=True)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            return None
        return answer.headers.get(DIGEST) or self.manifest(reference).digest

    def has_blob(self, digest: str) -> bool:
        """Tell whether the repository has a blob; another of the same registry may have it still."""
        return self._told("HEAD", f"blobs/{digest}", missing=True).status < HTTPStatus.BAD_REQUEST

    def blob(self, digest: str, start: int, size: int) -> Iterator[bytes]:
        """Yield a blob's bytes from `start` on; where the network breaks, it goes on where that was.

        It checks no digest. Raises Unreachable once several tries bring nothing further, or Refused.
        """
        pauses = iter(self.pauses)
        while start < size:
            before = start
            try:
                for piece in _bytes(self, digest, start):
                    start += len(piece)
                    yield piece
                if start == before:
                    raise Unreachable(f"it sends {start} bytes of {size}")
            except (Unreachable, Refused) as failure:
                pauses = iter(self.pauses) if start > before else pauses
                pause = next(pauses, None)
                if pause is None or not passes(failure):
                    raise
                time.sleep(pause)

    def mount(self, digest: str, source: str) -> bool:
        """Take a blob over from another repository of the registry; tell whether that was done."""
        query = urlencode({"mount": digest, "from": source})
        answer = self._told("POST", f"blobs/uploads/?{query}", {"Content-Length": "0"})
        if answer.status == HTTPStatus.CREATED:
            return True
        self._give_up(self._location(answer))
        return False

    def upload(self, digest: str, size: int, content: Callable[[int, int], IO[bytes]]) -> None:
        """Send a blob that the repository lacks: `content` gives so many of its bytes, from the first named.

        One request where it is small, else a request for each 64 MiB. The registry checks the digest. A
        failed try leaves nothing. Raises Unreachable, or Refused.
        """
        patiently(lambda: self._upload(digest, size, content), self.pauses)

    def put(self, manifest: Manifest, reference: str) -> None:
        """Send a manifest once its blobs are there, by tag or digest. Raises Unreachable, or Refused."""
        headers = {"Content-Type": manifest.kind, "Content-Length": str(len(manifest.content))}
        answer = self._told("PUT", f"manifests/{reference}", headers, manifest.content)
        told = answer.headers.get(DIGEST) or manifest.digest
        if told != manifest.digest:
            raise Refused(answer.status, f"it took {manifest.digest} for {told}")

    def asked(
        self,
        method: str,
        place: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | IO[bytes] | None = None,
    ) -> AbstractContextManager["BaseHTTPResponse"]:
        """Ask once, with the login, at a place within the repository or wherever the registry named."""
        url = urljoin(f"{self.server.url}/v2/{self.name}/", place)
        own = urlsplit(url)[:2] == urlsplit(self.server.url)[:2]
        return answered(
            method,
            url,
            {**(headers or {}), **(self._login if own else {})},
            timeout=TIMEOUT,
            trust=self.server.trust if url.startswith("https:") else None,
            direct=self.server.direct,
            body=body,
        )

    def log_in(self, answer: "BaseHTTPResponse") -> None:
        """Get ready for what an answer of 401 asks for: a token, or the password itself."""
        challenge = answer.headers.get("WWW-Authenticate") or ""
        given = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        if not challenge.lower().startswith("bearer") or "realm" not in given:
            self._login = basic(self.server.username, self.server.password)
            return
        query = {"service": given.get("service", ""), "scope": f"repository:{self.name}:{self.actions}"}
        login = basic(self.server.username, self.server.password)
        trust = self.server.trust if given["realm"].startswith("https:") else None
        url = f"{given['realm']}?{urlencode(query)}"
        with answered("GET", url, login, trust=trust, direct=self.server.direct) as told:
            token = json.loads(accepted(told).data)
        self._login = {"Authorization": f"Bearer {token.get('token') or token['access_token']}"}

    def _told(
        self,
        method: str,
        place: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        missing: bool = False,
    ) -> "BaseHTTPResponse":
        """Ask until there is an answer, read it whole. Raises Refused, unless `missing` may be the answer."""
        return patiently(lambda: self._once(method, place, headers, body, missing), self.pauses)

    def _once(
        self,
        method: str,
        place: str,
        headers: Mapping[str, str] | None,
        body: bytes | IO[bytes] | None,
        missing: bool = False,
    ) -> "BaseHTTPResponse":
        with self.asked(method, place, headers, body) as answer:
            answer.read(cache_content=True)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self.log_in(answer)
            if body is not None and not isinstance(body, bytes):
                body.seek(0)
            with self.asked(method, place, headers, body) as answer:
                answer.read(cache_content=True)
        return answer if missing and answer.status == HTTPStatus.NOT_FOUND else accepted(answer)

    def _upload(self, digest: str, size: int, content: Callable[[int, int], IO[bytes]]) -> None:
        place = self._location(self._once("POST", "blobs/uploads/", {"Content-Length": "0"}, None))
        try:
            start = 0
            while size - start > PIECE:
                place = self._piece(place, content(start, PIECE), start, PIECE)
                start += PIECE
            last = {"Content-Length": str(size - start), "Content-Type": "application/octet-stream"}
            if start:
                last["Content-Range"] = f"{start}-{size - 1}"
            joined = "&" if "?" in place else "?"
            place = f"{place}{joined}{urlencode({'digest': digest})}"
            self._once("PUT", place, last, content(start, size - start))
        except (Refused, Unreachable):
            self._give_up(place)
            raise

    def _piece(self, place: str, content: IO[bytes], start: int, size: int) -> str:
        headers = {
            "Content-Length": str(size),
            "Content-Type": "application/octet-stream",
            "Content-Range": f"{start}-{start + size - 1}",
        }
        return self._location(self._once("PATCH", place, headers, content))

    def _location(self, answer: "BaseHTTPResponse") -> str:
        given = answer.headers.get("Location")
        if not given:
            raise Refused(answer.status, "it names no place to send a blob to")
        return urljoin(f"{self.server.url}/v2/{self.name}/blobs/uploads/", given)

    def _give_up(self, place: str) -> None:
        """End an upload; a registry that cannot be told clears it away itself, in time."""
        try:
            self._once("DELETE", place, None, None, missing=True)
        except (Refused, Unreachable):
            return


@contextmanager
def _stream(repository: Repository, digest: str, start: int) -> Iterator["BaseHTTPResponse"]:
    headers = {"Range": f"bytes={start}-"} if start else {}
    with repository.asked("GET", f"blobs/{digest}", headers) as answer:
        if answer.status != HTTPStatus.UNAUTHORIZED:
            yield answer
            return
        repository.log_in(answer)
    with repository.asked("GET", f"blobs/{digest}", headers) as answer:
        yield answer


def _bytes(repository: Repository, digest: str, start: int) -> Iterator[bytes]:
    """Yield a blob's bytes from `start` on, whether or not the registry knows ranges."""
    with _stream(repository, digest, start) as answer:
        if answer.status >= HTTPStatus.BAD_REQUEST:
            answer.read(cache_content=True)
            accepted(answer)
        known = 0 if answer.status == HTTPStatus.PARTIAL_CONTENT else start
        for piece in answer.stream(READ):
            if known < len(piece):
                yield piece[known:]
            known = max(0, known - len(piece))


def passes(failure: Failure) -> bool:
    """Tell whether a failure may be gone at the next try."""
    if isinstance(failure, Refused):
        return failure.status in BUSY
    return not isinstance(failure, Untrusted | NoTls)


def patiently(ask: Callable[[], T], pauses: tuple[float, ...]) -> T:
    """Ask once more after each pause while the failure may pass: only for what may be done twice."""
    for pause in pauses:
        try:
            return ask()
        except (Unreachable, Refused) as failure:
            if not passes(failure):
                raise
            time.sleep(pause)
    return ask()


def accepted(answer: "BaseHTTPResponse") -> "BaseHTTPResponse":
    """Return an answer that grants what was asked. Raises Refused with the registry's own words."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        return answer
    try:
        errors = json.loads(answer.data)["errors"]
        said = "; ".join(f"{each['code']}: {each.get('message') or ''}".rstrip(": ") for each in errors)
    except (ValueError, KeyError, TypeError):
        said = ""
    raise Refused(answer.status, f"{answer.status} {said or answer.reason or ''}".strip())
