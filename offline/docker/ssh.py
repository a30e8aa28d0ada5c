"""A Docker engine on another machine, by ssh: each connection runs `docker system dial-stdio` there."""

import atexit
import shutil
import socket
import subprocess
import tempfile
import threading
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

from offline.protocol.failures import Refusal


def command(url: str, options: Sequence[str]) -> list[str]:
    """Return the ssh command that connects to the engine of `ssh://user@host:port`."""
    target = urllib.parse.urlsplit(url)
    if not target.hostname:
        raise Refusal(f"Docker host {url!r} names no machine. Write ssh://user@machine.")
    login = ["-l", target.username] if target.username else []
    port = ["-p", str(target.port)] if target.port else []
    return ["ssh", *options, *login, *port, "--", target.hostname, "docker", "system", "dial-stdio"]


def local_socket(url: str, options: Sequence[str]) -> str:
    """Open a socket on this machine that leads to the engine, and return its path."""
    if shutil.which("ssh") is None:
        raise Refusal(f"Docker host {url!r}: there is no ssh command here. Install an ssh client.")
    folder = tempfile.mkdtemp(prefix="docker-ssh-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = str(Path(folder, "docker.sock"))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    arguments = command(url, options)
    threading.Thread(target=_forward, args=(listener, arguments), daemon=True).start()
    return path


def _forward(listener: socket.socket, arguments: list[str]) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            process = subprocess.Popen(arguments, stdin=connection.fileno(), stdout=connection.fileno())
        threading.Thread(target=process.wait, daemon=True).start()
