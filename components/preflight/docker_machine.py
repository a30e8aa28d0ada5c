"""The machine that a Docker engine runs on, as far as it can be looked at from here.

An engine behind a socket may be anywhere: in the virtual machine of Docker Desktop or colima, at the other
end of a forwarded socket. This machine is looked at only where the engine describes this very one, and the
machine behind ssh on the same terms. Of any other nothing is said.
"""

import ipaddress
import shlex
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clients import ssh
from clients.docker import SSH_TIMEOUT, UNIX
from config import DockerSettings

LOOK = """uname -n; uname -r; sed -n 's/^MemTotal: *\\([0-9]*\\) kB$/\\1/p' /proc/meminfo
df -Pk {root} 2>/dev/null | tail -n 1 | grep . || echo -
cat /proc/sys/net/ipv4/ip_unprivileged_port_start || echo 0
cat /proc/net/tcp /proc/net/tcp6"""
"""What is asked of a machine: who it is, what its disk has free, and the ports that are listened on."""

LISTENS = "0A"
EVERYWHERE = ("0.0.0.0", "::")

Told = Mapping[str, Any]
"""What an engine says of itself at `/info`."""


@dataclass(frozen=True)
class Machine:
    """What was seen of an engine's machine. `free` are bytes on the disk of its images, None if unseen."""

    here: bool
    free: int | None
    first_open_port: int
    listening: frozenset[tuple[str, int]]

    def listens(self, address: str, port: int) -> bool:
        """Say whether some program listens on a port in a way that shuts others out."""
        return any(
            number == port and (at == address or at in EVERYWHERE or address in EVERYWHERE)
            for at, number in self.listening
        )


def machine_of(settings: DockerSettings, facts: Told) -> Machine | None:
    """Look at the machine of an engine; None where that cannot be done from here."""
    here = settings.host.startswith(UNIX)
    look = LOOK.format(root=shlex.quote(facts["DockerRootDir"]))
    command = ["sh", "-c", look]
    if not here:
        asked = shlex.join(command)
        command = ssh.command(settings.host, settings.ssh_options, asked, own=ssh.UNATTENDED)
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=SSH_TIMEOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _seen(ended.stdout.splitlines(), facts, here)


def _seen(lines: Sequence[str], facts: Told, here: bool) -> Machine | None:
    """Read what a machine answered; None unless it is the one that the engine describes."""
    try:
        name, kernel, memory, disk, first_open_port, *sockets = lines
        who = (name, kernel, int(memory) * 1024)
        if who != (facts["Name"], facts["KernelVersion"], facts["MemTotal"]):
            return None
        return Machine(here, _free(disk), int(first_open_port), frozenset(_listening(sockets)))
    except (ValueError, LookupError):
        return None


def _free(disk: str) -> int | None:
    """Read a line of `df -Pk` from its end: a device's name may have spaces, a mount point seldom."""
    columns = disk.split()
    return int(columns[-3]) * 1024 if len(columns) >= 6 else None


def _listening(sockets: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Read the kernel's own tables: no right is needed for them, whoever listens."""
    for line in sockets:
        columns = line.split()
        if len(columns) > 3 and columns[3] == LISTENS:
            address, _, port = columns[1].partition(":")
            yield _address(address), int(port, 16)


def _address(digits: str) -> str:
    """Return an address that the kernel writes as words in the order of its processor's bytes."""
    words = [bytes.fromhex(digits[start : start + 8])[::-1] for start in range(0, len(digits), 8)]
    found = ipaddress.ip_address(b"".join(words))
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)
