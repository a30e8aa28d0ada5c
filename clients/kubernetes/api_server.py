"""An API server: the connections to it are made when they are first needed, and shared by all threads."""

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from clients.kubernetes import credentials
from clients.kubernetes.failures import Refused, Strange, Unreachable, Untrusted, Unusable
from clients.kubernetes.kubeconfig import Access

if TYPE_CHECKING:
    import ssl

    from urllib3 import BaseHTTPResponse, PoolManager

Live = dict[str, Any]
Query = Mapping[str, str | int]
CONNECTIONS = 32
CONNECT_LIMIT = 10
ANSWER_LIMIT = 60
BUSY = (429, 503, 504)
EVENT_SIZE = 65536
JSON = "application/json"
APPLY, JSON_PATCH = "application/apply-patch+yaml", "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"


@dataclass(frozen=True)
class Request:
    """A question: what it brings, of which kind, and which kind of answer it takes."""

    method: str
    path: str
    query: Query | None = None
    body: object = None
    kind: str = JSON
    accept: str = JSON


class Connection(NamedTuple):
    """Connections to a server, and who we are to it: by headers, and by the certificate of a TLS context."""

    pool: "PoolManager"
    headers: dict[str, str]
    context: "ssl.SSLContext | None"


class ApiServer:
    """One API server. Every method raises KubernetesFailure; all that return an object ask by `request`.

    `attempts` is how often a server that is busy is asked, `direct` asks past any proxy of the environment.
    """

    def __init__(
        self,
        access: Access,
        *,
        connect_limit: float = CONNECT_LIMIT,
        answer_limit: float = ANSWER_LIMIT,
        attempts: int = 1,
        direct: bool = False,
    ) -> None:
        self.access = access
        self.limits = connect_limit, answer_limit
        self._attempts, self._direct = attempts, direct
        self._lock = threading.Lock()
        self._connected: Connection | None = None

    def get(self, path: str, query: Query | None = None, accept: str = JSON) -> Live:
        """Return what is at a path."""
        return self.request(Request("GET", path, query, accept=accept))

    def post(self, path: str, body: Mapping[str, Any], query: Query | None = None) -> Live:
        """Make an object among those at a path, or ask what a body asks."""
        return self.request(Request("POST", path, query, body))

    def apply(self, path: str, body: Mapping[str, Any], query: Query | None = None) -> Live:
        """Make the object at a path have these fields."""
        return self.request(Request("PATCH", path, query, body, APPLY))

    def merge(self, path: str, body: Mapping[str, Any]) -> Live:
        """Merge fields into the object at a path."""
        return self.request(Request("PATCH", path, None, body, MERGE_PATCH))

    def patch(self, path: str, operations: Sequence[Mapping[str, Any]]) -> Live:
        """Change single fields of the object at a path, all of them or none."""
        return self.request(Request("PATCH", path, None, operations, JSON_PATCH))

    def delete(self, path: str, body: Mapping[str, Any] | None = None) -> None:
        """Begin to take the object at a path away."""
        self.request(Request("DELETE", path, None, body))

    def events(self, path: str, query: Query) -> Iterator[Live]:
        """Yield what happens to what is at a path, as it happens, until the server ends the connection."""
        from urllib3.exceptions import HTTPError

        response = self.opened(Request("GET", path, {"watch": "true", **query}), streamed=True)
        try:
            rest = b""
            for piece in response.stream(EVENT_SIZE, decode_content=True):
                *lines, rest = (rest + piece).split(b"\n")
                yield from map(json.loads, filter(None, lines))
        except HTTPError as failure:
            raise Unreachable(failure) from failure
        finally:
            response.close()

    def request(self, asked: Request) -> Live:
        """Ask, and return the object that is the answer."""
        answer = self.opened(asked).data
        try:
            found = json.loads(answer)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Strange(answer)
        return found

    def opened(self, asked: Request, streamed: bool = False) -> "BaseHTTPResponse":
        """Ask until there is an answer that is no refusal; an expired login is renewed once."""
        renewed, attempt = False, 1
        while True:
            response = self._sent(asked, streamed)
            if response.status < 400:
                return response
            if response.status == 401 and not renewed and "exec" in self.access.user:
                renewed = True
                self.forget()
            elif attempt >= self._attempts or not _busy(response):
                raise Refused(response.status, response.data, response.reason or "")
            else:
                attempt += 1
                time.sleep(_pause(response))

    @property
    def connection(self) -> Connection:
        """Return the connections and the login, made now if there are none."""
        with self._lock:
            if self._connected is None:
                user = credentials.user_of(self.access)
                secured = self.access.server.startswith("https://")
                context = credentials.tls(self.access, user) if secured else None
                self._connected = Connection(
                    self._pool(context), credentials.headers(self.access, user), context
                )
            return self._connected

    @property
    def proxy(self) -> str | None:
        """Return the proxy that the kubeconfig names, or the environment for this server."""
        from clients.registry import proxy_of

        if self._direct:
            return None
        if named := self.access.cluster.get("proxy-url"):
            if not str(named).startswith(("http://", "https://")):
                raise Unusable(
                    f"proxy-url {named!r} of context {self.access.context!r}: write http:// or https://"
                )
            return str(named)
        return proxy_of(self.access.server)

    def forget(self) -> None:
        """Give the connections and the login up; the next question makes others."""
        with self._lock:
            if self._connected is not None:
                self._connected.pool.clear()
            self._connected = None

    def _sent(self, asked: Request, streamed: bool) -> "BaseHTTPResponse":
        """Send a request, once more where the server had closed the connection: every one may be repeated."""
        from urllib.parse import urlencode

        from urllib3.exceptions import HTTPError, ProtocolError, SSLError

        pool, login, _ = self.connection
        query = f"?{urlencode(asked.query, safe='/')}" if asked.query else ""
        url, headers = f"{self.access.server}{asked.path}{query}", {**login, "accept": asked.accept}
        has_body = asked.body is not None
        options: dict[str, Any] = {
            "body": json.dumps(asked.body) if has_body else None,
            "headers": headers | ({"content-type": asked.kind} if has_body else {}),
            "preload_content": not streamed,
        }
        try:
            try:
                return pool.request(asked.method, url, **options)
            except ProtocolError:
                return pool.request(asked.method, url, **options)
        except SSLError as failure:
            raise Untrusted(failure) from failure
        except HTTPError as failure:
            raise Unreachable(failure) from failure

    def _pool(self, context: "ssl.SSLContext | None") -> "PoolManager":
        from urllib3 import PoolManager, ProxyManager, Timeout, disable_warnings
        from urllib3.exceptions import InsecureRequestWarning

        cluster, (connect_limit, answer_limit) = self.access.cluster, self.limits
        options: dict[str, Any] = {
            "maxsize": CONNECTIONS,
            "block": True,
            "timeout": Timeout(connect=connect_limit, read=answer_limit),
            "retries": False,
        }
        if context is not None:
            options["ssl_context"] = context
            if name := cluster.get("tls-server-name"):
                options |= {"server_hostname": name, "assert_hostname": name}
            if cluster.get("insecure-skip-tls-verify"):
                options |= {"cert_reqs": "CERT_NONE", "assert_hostname": False}
                disable_warnings(InsecureRequestWarning)
        proxy = self.proxy
        return ProxyManager(proxy, **options) if proxy else PoolManager(**options)


def _busy(response: "BaseHTTPResponse") -> bool:
    return response.status in BUSY or (
        response.status == 409 and b"object has been modified" in response.data
    )


def _pause(response: "BaseHTTPResponse") -> float:
    wanted = response.headers.get("retry-after", "")
    return min(float(wanted), 10.0) if wanted.isdigit() else 1.0
