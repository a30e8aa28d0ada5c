"""The way to a Docker engine that a stack names: plain questions, over its socket or through ssh.

Provides no typed objects and no retries: it serves the questions asked before anything is made. Through ssh
it goes the way of the docker command and of Pulumi's provider: `docker system dial-stdio` over there.
"""

import http.client
import json
import socket
import subprocess
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from config import ConfigurationFault, DockerSettings, Fault

TIMEOUT = 10.0
SSH_TIMEOUT = 30.0
"""Seconds for the login over ssh, on top of what an answer takes."""
UNIX = "unix://"


class NoAnswer(Exception):
    """The engine says why it cannot do what it was asked."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)


class DockerEngine:
    """The engine at one address, asked over one connection until it is closed."""

    def __init__(self, settings: DockerSettings, patience: float = TIMEOUT) -> None:
        self.settings = settings
        self._connection: _UnixConnection | _SshConnection = (
            _UnixConnection(settings.host.removeprefix(UNIX), patience)
            if settings.host.startswith(UNIX)
            else _SshConnection(settings, patience + SSH_TIMEOUT)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        self._connection.close()

    @property
    def host(self) -> str:
        """Return the engine's address."""
        return self.settings.host

    def ask(self, url: str) -> Any:  # noqa: ANN401 - JSON of the engine
        """Return what is at a path of the engine's API.

        Raises NoAnswer where the engine says why not, or ConfigurationFault where nothing answers.
        """
        try:
            self._connection.request("GET", url)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConfigurationFault([self._unreachable(error)]) from None
        if answer.status != 200:
            raise NoAnswer(answer.status, _message(text) or answer.reason)
        return json.loads(text)

    def refused(self, error: NoAnswer) -> ConfigurationFault:
        """Return the fault of an engine that answers, and not what it was asked."""
        problem = f"the Docker engine at {self.host} answers {error.status}: {error}"
        return _fault(problem, "Look at the engine's own log, or name another host")

    def _unreachable(self, error: Exception) -> Fault:
        match error:
            case PermissionError():
                problem = f"{self.host} may not be opened by this user"
                remedy = (
                    "Join the group that owns the socket, then log in again: sudo usermod -aG docker $USER"
                )
            case FileNotFoundError() | ConnectionRefusedError() if isinstance(
                self._connection, _UnixConnection
            ):
                problem = f"no Docker engine runs at {self.host}"
                remedy = "Start it: `make docker`, or sudo systemctl start docker; or name another host"
            case _:
                reason = self._connection.complaint() or str(error) or type(error).__name__
                problem = f"the Docker engine at {self.host} does not answer: {reason}"
                remedy = self._connection.remedy
        return _fault(problem, remedy).faults[0]


def ssh_command(settings: DockerSettings, command: Sequence[str]) -> list[str]:
    """Return how to run a command on the machine of an engine over ssh, without a question to a person."""
    target = urlsplit(settings.host)
    unattended = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={TIMEOUT:.0f}"]
    login = ["-l", target.username] if target.username else []
    port = ["-p", str(target.port)] if target.port else []
    return [
        "ssh",
        *settings.ssh_options,
        *unattended,
        "-T",
        *login,
        *port,
        "--",
        target.hostname or "",
        *command,
    ]


class _UnixConnection(http.client.HTTPConnection):
    remedy = "Look at the engine's own log, or name another host"

    def __init__(self, path: str, patience: float) -> None:
        super().__init__("localhost", timeout=patience)
        self.path = path

    def connect(self) -> None:
        """Connect to the engine's socket instead of a host and port."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def complaint(self) -> str:
        """Return nothing: the error says all."""
        return ""


class _SshConnection(http.client.HTTPConnection):
    remedy = "Log in once by hand, `ssh` with the same options, and see that `docker ps` works there"

    def __init__(self, settings: DockerSettings, patience: float) -> None:
        super().__init__("localhost", timeout=patience)
        self.settings = settings
        self.process: subprocess.Popen[str] | None = None
        self.said = ""

    def connect(self) -> None:
        """Connect to the engine that answers `docker system dial-stdio` on the other machine."""
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                ssh_command(self.settings, ("docker", "system", "dial-stdio")),
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.PIPE,
                text=True,
            )
        ours.settimeout(self.timeout)
        self.sock = ours

    def complaint(self) -> str:
        """Return what ssh said when it ended; a file that is missing here is ssh itself."""
        if self.process is None:
            return "there is no ssh command on this machine"
        self.close()
        return " ".join(self.said.split())

    def close(self) -> None:
        """Close both, the connection and ssh, and keep what that said."""
        super().close()
        if self.process is None or self.process.returncode is not None:
            return
        try:
            _, self.said = self.process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            _, self.said = self.process.communicate()


def _message(text: bytes) -> str:
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    return str(told.get("message", "")).strip() if isinstance(told, dict) else ""


def _fault(problem: str, remedy: str) -> ConfigurationFault:
    return ConfigurationFault([Fault("fate:runtime.host", problem, remedy)])
