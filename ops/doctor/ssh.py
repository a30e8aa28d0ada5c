"""A Docker engine on another machine, through one ssh connection of the operator's own account.

Takes no password: keys, agents and known hosts are the ssh client's business.
"""

import atexit
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from ops.doctor.symptoms import Fault, Symptom

CONNECT_LIMIT = 20
ENGINE = "/var/run/docker.sock"


def command(url: str, options: Sequence[str], socket: Path) -> list[str]:
    """Return the ssh command that makes `socket` lead to the engine of `ssh://user@machine:port[/socket]`."""
    target = urlsplit(url)
    engine = target.path if target.path not in ("", "/") else ENGINE
    forward = [
        "-N",
        "-T",
        "-o",
        "BatchMode=yes",
        "-o",
        "ExitOnForwardFailure=yes",
        "-L",
        f"{socket}:{engine}",
    ]
    login = ["-l", target.username] if target.username else []
    port = ["-p", str(target.port)] if target.port else []
    return ["ssh", *options, *forward, *login, *port, "--", target.hostname or ""]


def tunnel(url: str, options: Sequence[str]) -> str:
    """Open the connection and return the address of this machine's end. It ends with this process."""
    folder = tempfile.mkdtemp(prefix="fate-doctor-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    socket = Path(folder, "docker.sock")
    try:
        process = subprocess.Popen(
            command(url, options, socket), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
    except FileNotFoundError:
        raise Fault(Symptom.NO_ENGINE, f"{url}: there is no ssh command on this machine") from None
    atexit.register(_close, process)
    _wait(process, socket, url)
    return f"unix://{socket}"


def _wait(process: "subprocess.Popen[str]", socket: Path, url: str) -> None:
    deadline = time.monotonic() + CONNECT_LIMIT
    while not socket.exists():
        if process.poll() is not None:
            told = (process.stderr.read() if process.stderr else "").strip()
            raise Fault(Symptom.NO_ENGINE, f"{url}: {told or 'ssh ended without a word'}")
        if time.monotonic() > deadline:
            process.terminate()
            raise Fault(Symptom.NO_ENGINE, f"{url}: no ssh connection within {CONNECT_LIMIT} s")
        time.sleep(0.05)


def _close(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate()
