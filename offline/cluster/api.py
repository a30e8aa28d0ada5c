"""A small client of the cluster's API, for this package alone: JSON over one connection that is kept open."""

import json
import ssl
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Any

from offline.cluster import access
from offline.cluster.layout import API_PORT, NODE_ADDRESS, Home

MERGE = "application/merge-patch+json"
MISSING = 404


class ApiError(Exception):
    """The API refused a request, or did not answer; `code` is 0 where it did not."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Api:
    """The API, with the administrator's token."""

    def __init__(self, home: Home, *, limit: float = 10) -> None:
        self._home = home
        self._limit = limit
        self._headers: dict[str, str] = {}
        self._connection: HTTPSConnection | None = None

    def get(self, path: str) -> dict[str, Any]:
        """Return the object or list at a path."""
        return self._call("GET", path)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the objects of a list."""
        return list(self.get(path).get("items") or [])

    def ensure(self, path: str, content: dict[str, Any]) -> None:
        """Make an object in a collection, unless one of its name is there."""
        try:
            self.get(f"{path}/{content['metadata']['name']}")
        except ApiError as fault:
            if fault.code != MISSING:
                raise
            self._call("POST", path, content)

    def change(self, path: str, patch: dict[str, Any]) -> None:
        """Merge a patch into an object."""
        self._call("PATCH", path, patch, MERGE)

    def delete(self, path: str) -> None:
        """Delete an object, if it is there."""
        try:
            self._call("DELETE", path)
        except ApiError as fault:
            if fault.code != MISSING:
                raise

    def ready(self) -> bool:
        """Say whether the API server calls itself ready."""
        try:
            self._answer("GET", "/readyz").read()
        except ApiError:
            return False
        return True

    def changes(self, path: str, seconds: int) -> Iterator[None]:
        """Yield at the start, and for every change below a path, for some seconds; not what changed."""
        version = self.get(f"{path}?limit=1")["metadata"]["resourceVersion"]
        answer = self._answer("GET", f"{path}?watch=1&resourceVersion={version}&timeoutSeconds={seconds}")
        yield
        try:
            for _line in answer:
                yield
        except (OSError, HTTPException) as fault:
            raise ApiError(0, str(fault)) from fault

    def _call(
        self,
        method: str,
        path: str,
        content: dict[str, Any] | None = None,
        kind: str = "application/json",
    ) -> dict[str, Any]:
        answer = self._answer(method, path, content, kind)
        found: dict[str, Any] = json.loads(answer.read())
        return found

    def _answer(
        self,
        method: str,
        path: str,
        content: dict[str, Any] | None = None,
        kind: str = "application/json",
    ) -> HTTPResponse:
        body = None if content is None else json.dumps(content)
        kept = self._connection is not None
        try:
            connection = self._connected()
            connection.request(method, path, body, {**self._headers, "Content-Type": kind})
            answer = connection.getresponse()
        except (OSError, HTTPException) as fault:
            self.close()
            if kept and isinstance(fault, ConnectionError):
                # The server ends connections that were idle for long; that says nothing of this request.
                return self._answer(method, path, content, kind)
            raise ApiError(0, str(fault)) from fault
        if answer.status >= 400:
            raise ApiError(answer.status, _message(answer.read()))
        return answer

    def _connected(self) -> HTTPSConnection:
        if self._connection is None:
            context = ssl.create_default_context(cafile=str(self._home.files / "ca.crt"))
            self._headers = {"Authorization": f"Bearer {access.read(self._home).admin}"}
            self._connection = HTTPSConnection(NODE_ADDRESS, API_PORT, timeout=self._limit, context=context)
        return self._connection

    def close(self) -> None:
        """Give the connection back; the next request makes another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:300]
