"""The way to a Docker engine on another machine, `ssh://user@host:port`, through the operator's ssh client.

Takes no password: keys, agents and known hosts are that client's business. `docker system dial-stdio` over
there is the way of the docker command and of Pulumi's provider, a login a connection; a tunnel carries all
connections over one login, and finds the engine at its usual socket.
"""

import atexit
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from clients.failures import NoSsh, Unreachable

SCHEME = "ssh://"
DIAL = ("docker", "system", "dial-stdio")
UNATTENDED = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-T")
"""What keeps ssh from asking a person, and from waiting for a machine that is not there."""
ENGINE = "/var/run/docker.sock"
TUNNEL_LIMIT = 20


def command(url: str, options: Sequence[str], *asked: str, own: Sequence[str] = ()) -> list[str]:
    """Return what runs something on a machine; a stack's options stand before the caller's `own`, and win."""
    target = urlsplit(url)
    login = ["-l", target.username] if target.username else []
    port = ["-p", str(target.port)] if target.port else []
    return ["ssh", *options, *own, *login, *port, "--", target.hostname or "", *asked]


class Dialled:
    """A connection to the engine of another machine, over a login that asks nobody. Raises NoSsh."""

    def __init__(self, url: str, options: Sequence[str]) -> None:
        arguments = _found(command(url, options, *DIAL, own=UNATTENDED))
        self.socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                arguments, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.PIPE, text=True
            )

    def end(self) -> str:
        """Hang up, and return what ssh said."""
        self.socket.close()
        try:
            said = self._process.communicate(timeout=1)[1]
        except subprocess.TimeoutExpired:
            self._process.terminate()
            said = self._process.communicate()[1]
        return " ".join(said.split())


def relay(url: str, options: Sequence[str]) -> str:
    """Return the address of a socket here, each of whose connections is one to the engine, made by ssh.

    What ssh asks or says is between it and the terminal. Raises NoSsh.
    """
    arguments = _found(command(url, options, *DIAL))
    path = _new_socket()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(64)
    threading.Thread(target=_forward, args=(listener, arguments), daemon=True).start()
    return f"unix://{path}"


def tunnel(url: str, options: Sequence[str]) -> str:
    """Return the address of a socket here that one ssh joins to the engine's until this process ends.

    Raises Unreachable.
    """
    path = _new_socket()
    arguments = _found(tunnel_command(url, options, path))
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    atexit.register(_close, process)
    _wait(process, path)
    return f"unix://{path}"


def tunnel_command(url: str, options: Sequence[str], path: Path) -> list[str]:
    """Return the command that makes `path` lead to the engine of `ssh://user@machine:port[/socket]`."""
    engine = urlsplit(url).path.rstrip("/") or ENGINE
    joined = ("-o", "ExitOnForwardFailure=yes", "-L", f"{path}:{engine}")
    return command(url, options, own=("-N", "-T", "-o", "BatchMode=yes", *joined))


def _found(arguments: list[str]) -> list[str]:
    if shutil.which(arguments[0]) is None:
        raise NoSsh
    return arguments


def _new_socket() -> Path:
    folder = tempfile.mkdtemp(prefix="docker-ssh-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder, "docker.sock")


def _forward(listener: socket.socket, arguments: list[str]) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            process = subprocess.Popen(arguments, stdin=connection.fileno(), stdout=connection.fileno())
        threading.Thread(target=process.wait, daemon=True).start()


def _wait(process: "subprocess.Popen[str]", path: Path) -> None:
    deadline = time.monotonic() + TUNNEL_LIMIT
    while not path.exists():
        if process.poll() is not None:
            said = (process.stderr.read() if process.stderr else "").strip()
            raise Unreachable(said or "ssh ended without a word")
        if time.monotonic() > deadline:
            process.terminate()
            raise Unreachable(f"no ssh connection within {TUNNEL_LIMIT} s")
        time.sleep(0.05)


def _close(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate()
