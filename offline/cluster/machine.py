"""What this machine is like, as far as the cluster's settings depend on it."""

import ipaddress
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from offline.cluster.addresses import NODE_ADDRESS
from offline.cluster.commands import run
from offline.cluster.fault import ClusterFault
from offline.cluster.settings import has_upstream

SYS_RESOURCE = 24  # the number of CAP_SYS_RESOURCE, linux/capability.h
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Machine:
    """The machine's traits: `node_ports` are the networks of the addresses where NodePorts answer."""

    lowers_scores: bool
    has_upstream: bool
    node_ports: list[str]

    @staticmethod
    def program(name: str) -> str:
        """Return the path of a program that Debian installs."""
        found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")
        if not found:
            raise ClusterFault(f"there is no program {name}", "Run: make cluster (it installs it on Debian)")
        return found


def this_machine() -> Machine:
    """Look at this machine."""
    resolver = Path("/etc/resolv.conf")
    return Machine(
        lowers_scores=has_capability(Path("/proc/self/status").read_text(), SYS_RESOURCE),
        has_upstream=resolver.exists() and has_upstream(resolver.read_text()),
        node_ports=["127.0.0.0/8", f"{NODE_ADDRESS}/32", *docker_bridge()],
    )


def has_capability(status: str, number: int) -> bool:
    """Say whether /proc/self/status names a capability as effective."""
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> number & 1)


def docker_bridge() -> list[str]:
    """Return the address of Docker's own bridge, or nothing where there is none."""
    links = json.loads(run("ip", "-json", "-4", "address", "show"))
    return [
        str(ipaddress.ip_network(address["local"]))
        for link in links
        if link.get("ifname") == "docker0"
        for address in link["addr_info"]
    ]
