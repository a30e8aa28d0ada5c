"""The one way to a Docker engine, on this machine or over ssh, with two faces.

`Engine` asks plain questions over one connection and loads nothing that is not needed for that; `sdk` gives
the client of Docker's own library, which takes a fifth of a second to import.
"""

import http.client
import json
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from clients import ssh
from clients.failures import NotPermitted, NotRunning, Refused, Unreachable

if TYPE_CHECKING:
    from docker import DockerClient

UNIX = "unix://"
TIMEOUT = 10.0
SSH_TIMEOUT = 30.0
"""Seconds for the login over ssh, on top of what an answer takes."""

Way = Callable[[str, Sequence[str]], str]
"""What makes a socket of this machine lead to an engine over ssh, and returns its address."""


class Engine:
    """The engine at one address, asked over one connection until it is closed."""

    def __init__(self, host: str, ssh_options: Sequence[str] = (), patience: float = TIMEOUT) -> None:
        self.host = host
        self._ssh_options = ssh_options
        self._dialled: ssh.Dialled | None = None
        self._patience = patience if host.startswith(UNIX) else patience + SSH_TIMEOUT
        self._connection = _Connection(self._connected)

    def close(self) -> str:
        """Close the connection, and return what ssh said; the next question opens another."""
        self._connection.close()
        dialled, self._dialled = self._dialled, None
        return dialled.end() if dialled else ""

    def ask(self, path: str) -> Any:  # noqa: ANN401 - JSON of the engine
        """Return what is at a path of the engine's API. Raises Refused, or a kind of Unreachable."""
        try:
            self._connection.request("GET", path)
            answer = self._connection.getresponse()
            text = answer.read()
        except PermissionError as error:
            raise NotPermitted(str(error)) from None
        except (OSError, http.client.HTTPException) as error:
            reason = self.close() or str(error) or type(error).__name__
            absent = isinstance(error, FileNotFoundError | ConnectionRefusedError)
            raise (NotRunning if absent else Unreachable)(reason) from None
        if answer.status != 200:
            raise Refused(answer.status, _message(text) or answer.reason)
        return json.loads(text)

    def _connected(self) -> socket.socket:
        if self.host.startswith(UNIX):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self._patience)
            connection.connect(self.host.removeprefix(UNIX))
        else:
            self._dialled = ssh.Dialled(self.host, self._ssh_options)
            connection = self._dialled.socket
            connection.settimeout(self._patience)
        return connection


class _Connection(http.client.HTTPConnection):
    def __init__(self, connected: Callable[[], socket.socket]) -> None:
        super().__init__("localhost")
        self._connected = connected

    def connect(self) -> None:
        """Connect to the engine instead of a host and port."""
        self.sock = self._connected()


def sdk(
    host: str | None, ssh_options: Sequence[str] = (), *, timeout: int, way: Way = ssh.relay, pool: int = 10
) -> "DockerClient":
    """Return a client of the engine at a host, or of DOCKER_HOST's. Raises Unreachable."""
    from docker import DockerClient
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    try:
        given = {"base_url": host} if host else kwargs_from_env()
        if str(given.get("base_url")).startswith(ssh.SCHEME):
            given["base_url"] = way(given["base_url"], ssh_options)
        return DockerClient(**given, timeout=timeout, max_pool_size=pool)
    except (DockerException, OSError) as error:
        raise Unreachable(str(error)) from error


def _message(text: bytes) -> str:
    try:
        answer = json.loads(text)
    except ValueError:
        return ""
    return str(answer.get("message", "")).strip() if isinstance(answer, dict) else ""
