"""The connection to an API server, made when it is first needed and shared by all operations."""

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from offline.kubernetes import credentials
from offline.kubernetes.explained import Answer, unreachable
from offline.kubernetes.kubeconfig import Access
from offline.protocol.failures import Refusal

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

Live = dict[str, Any]
Query = Mapping[str, str | int]
CONNECTIONS = 32
CONNECT_LIMIT = 10
ANSWER_LIMIT = 60
ATTEMPTS = 5
BUSY = (429, 503, 504)
EVENT_SIZE = 65536
JSON = "application/json"
APPLY, JSON_PATCH = "application/apply-patch+yaml", "application/json-patch+json"


class ApiServer:
    """One API server. What it refuses comes as `Answer`, what is in the way as `Refusal`."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._lock = threading.Lock()
        self._pool: PoolManager | None = None
        self._headers: dict[str, str] = {}

    def get(self, path: str, **query: str | int) -> Live:
        """Return what is at a path."""
        found: Live = json.loads(self._answered("GET", path, query).data)
        return found

    def events(self, path: str, **query: str | int) -> Iterator[Live]:
        """Yield what happens to what is at a path, as it happens, until the server ends the connection."""
        response = self._answered("GET", path, query, streamed=True)
        try:
            rest = b""
            for piece in response.stream(EVENT_SIZE, decode_content=True):
                *lines, rest = (rest + piece).split(b"\n")
                yield from map(json.loads, filter(None, lines))
        except _broken() as failure:
            raise unreachable(self.access, failure) from failure
        finally:
            response.close()

    def make(self, path: str, body: Mapping[str, Any], **query: str | int) -> Live:
        """Make an object among those at a path."""
        return self._changed("POST", path, query, body, JSON)

    def apply(self, path: str, body: Mapping[str, Any], **query: str | int) -> Live:
        """Make the object at a path have these fields."""
        return self._changed("PATCH", path, query, body, APPLY)

    def patch(self, path: str, operations: Sequence[Mapping[str, Any]]) -> Live:
        """Change single fields of the object at a path."""
        return self._changed("PATCH", path, {}, operations, JSON_PATCH)

    def delete(self, path: str, body: Mapping[str, Any]) -> None:
        """Begin to take the object at a path away."""
        self._answered("DELETE", path, {}, body, JSON)

    def _changed(self, method: str, path: str, query: Query, body: object, kind: str) -> Live:
        found: Live = json.loads(self._answered(method, path, query, body, kind).data)
        return found

    def _answered(
        self,
        method: str,
        path: str,
        query: Query,
        body: object = None,
        kind: str = "",
        streamed: bool = False,
    ) -> "BaseHTTPResponse":
        """Ask until there is an answer; a server that is busy is asked again."""
        renewed = False
        for attempt in range(ATTEMPTS):
            response = self._asked(method, path, query, body, kind, streamed)
            if response.status < 400:
                return response
            if response.status == 401 and not renewed and "exec" in self.access.user:
                renewed = True
                self._forget()
            elif not _busy(response) or attempt == ATTEMPTS - 1:
                break
            else:
                time.sleep(_pause(response))
        raise Answer(response.status, _status(response))

    def _asked(
        self,
        method: str,
        path: str,
        query: Query,
        body: object,
        kind: str,
        streamed: bool,
    ) -> "BaseHTTPResponse":
        from urllib.parse import urlencode

        from urllib3.exceptions import HTTPError

        url = f"{self.access.server.rstrip('/')}{path}" + (f"?{urlencode(query)}" if query else "")
        pool, headers = self._connected()
        headers |= {"accept": "application/json"} | ({"content-type": kind} if body is not None else {})
        content = None if body is None else json.dumps(body)
        try:
            return _sent(pool, method, url, headers, content, streamed)
        except HTTPError as failure:
            raise unreachable(self.access, failure) from failure

    def _connected(self) -> "tuple[PoolManager, dict[str, str]]":
        with self._lock:
            if self._pool is None:
                user = credentials.user_of(self.access)
                self._headers = credentials.headers(self.access, user)
                self._pool = _pool(self.access, user)
            return self._pool, dict(self._headers)

    def _forget(self) -> None:
        with self._lock:
            self._pool = None


def _sent(
    pool: "PoolManager",
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: str | None,
    streamed: bool,
) -> "BaseHTTPResponse":
    """Send a request, once more where the server had closed the connection: every one may be repeated."""
    from urllib3.exceptions import ProtocolError

    options: dict[str, Any] = {"body": content, "headers": headers, "preload_content": not streamed}
    try:
        return pool.request(method, url, **options)
    except ProtocolError:
        return pool.request(method, url, **options)


def _broken() -> "type[Exception]":
    """Return what is raised when a connection breaks off."""
    from urllib3.exceptions import HTTPError

    return HTTPError


def _pool(access: Access, user: Mapping[str, Any]) -> "PoolManager":
    from urllib3 import PoolManager, ProxyManager, Timeout

    options: dict[str, Any] = {
        "maxsize": CONNECTIONS,
        "block": True,
        "timeout": Timeout(connect=CONNECT_LIMIT, read=ANSWER_LIMIT),
        "retries": False,
    }
    if access.server.startswith("https://"):
        options["ssl_context"] = credentials.tls(access, user)
        if name := access.cluster.get("tls-server-name"):
            options |= {"server_hostname": name, "assert_hostname": name}
        if access.cluster.get("insecure-skip-tls-verify"):
            options |= {"cert_reqs": "CERT_NONE", "assert_hostname": False}
            _silence()
    proxy = _proxy(access)
    return ProxyManager(proxy, **options) if proxy else PoolManager(**options)


def _silence() -> None:
    """Say nothing at every request about a trust that the kubeconfig itself gave up."""
    import urllib3

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def _proxy(access: Access) -> str | None:
    """Return the proxy that the kubeconfig names, or the environment for this server."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    if named := access.cluster.get("proxy-url"):
        if not str(named).startswith(("http://", "https://")):
            raise Refusal(f"proxy-url {named!r} of context {access.context!r}: write http:// or https://")
        return str(named)
    address = urlsplit(access.server)
    found = getproxies().get(address.scheme)
    return None if not found or proxy_bypass(address.hostname or "") else found


def _busy(response: "BaseHTTPResponse") -> bool:
    return response.status in BUSY or (
        response.status == 409 and b"object has been modified" in response.data
    )


def _pause(response: "BaseHTTPResponse") -> float:
    told = response.headers.get("retry-after", "")
    return min(float(told), 10.0) if told.isdigit() else 1.0


def _status(response: "BaseHTTPResponse") -> Live:
    try:
        found = json.loads(response.data)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    return {"message": response.data.decode(errors="replace").strip()[:500] or response.reason or ""}
