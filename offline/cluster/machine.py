"""Whether this machine can carry the cluster, told before anything is started, and what it is like."""

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

from offline.cluster import network, processes
from offline.cluster.commands import ClusterFault, program, run
from offline.cluster.layout import BRIDGE, NODE_ADDRESS, PORTS, Home
from offline.cluster.settings import has_upstream

DEBIAN_PROGRAMS = ("containerd", "ctr", "runc", "iptables", "conntrack", "ip", "ss")
CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory", "pids")
CGROUPS = Path("/sys/fs/cgroup")
PROGRAM = re.compile(r'"(?P<name>[^"]+)",pid=(?P<pid>\d+)')
SYS_RESOURCE = 24  # the number of CAP_SYS_RESOURCE, linux/capability.h


@dataclass(frozen=True)
class Machine:
    """The machine's traits: `node_ports` are the networks of the addresses where NodePorts answer."""

    lowers_scores: bool
    has_upstream: bool
    node_ports: list[str]


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
    found = psutil.net_if_addrs().get("docker0", ())
    return [f"{each.address}/32" for each in found if each.family is socket.AF_INET]


def require_root() -> None:
    """Refuse to go on as another user: bridges, mounts and cgroups are root's."""
    if os.geteuid() != 0:
        raise ClusterFault(
            "the cluster makes network interfaces, mounts and cgroups, which only root may",
            "Run it as root: sudo make cluster",
        )


def require_machine(home: Home) -> None:
    """Refuse a machine on which the cluster would not start, with the reason."""
    for name in DEBIAN_PROGRAMS:
        program(name)
    _require_cgroups()
    _require_bridge(home)
    _require_ports(home)


def missing_controllers(cgroups: Path = CGROUPS) -> list[str]:
    """Return the cgroup controllers that the kubelet needs and this machine has not mounted."""
    unified = cgroups / "cgroup.controllers"
    if unified.exists():
        needed = [name for name in CONTROLLERS if name != "cpuacct"]
        return [name for name in needed if name not in unified.read_text().split()]
    return [name for name in CONTROLLERS if not (cgroups / name).is_dir()]


def _require_cgroups() -> None:
    if missing := missing_controllers():
        raise ClusterFault(
            f"the kubelet needs the cgroup controllers {', '.join(missing)}, which {CGROUPS} does not have",
            "Inside a container: give it --privileged --cgroupns=host. On a machine: mount them.",
        )


def _require_bridge(home: Home) -> None:
    owner = network.owner()
    if owner in (None, str(home.root)):
        return
    if not owner:
        raise ClusterFault(
            f"the interface {BRIDGE} is here already, and no cluster of this project made it",
            f"Stop the program that made it (podman, k3s, ...), or: ip link delete {BRIDGE}",
        )
    raise ClusterFault(
        f"a cluster runs already on this machine, from {owner}",
        f"Use it, or stop it: make -C {Path(owner).parent.parent} cluster-down",
    )


def _require_ports(home: Home) -> None:
    own = {process.pid for process in processes.of(home)}
    for port, holders in listeners(run("ss", "-Hltnp")).items():
        strangers = {pid: name for pid, name in holders.items() if pid not in own}
        if port in PORTS and (strangers or not holders):
            named = ", ".join(f"{name} (process {pid})" for pid, name in strangers.items())
            raise ClusterFault(
                f"port {port}, which {PORTS[port]} needs, is taken by {named or 'another program'}",
                "Stop that program, then run this again.",
            )


def listeners(table: str) -> dict[int, dict[int, str]]:
    """Return, from what `ss -Hltnp` prints, the programs that listen on each port, by their pids."""
    found: dict[int, dict[int, str]] = {}
    for line in table.splitlines():
        port = line.split()[3].rpartition(":")[2]
        if port.isdigit():
            programs = {int(match["pid"]): match["name"] for match in PROGRAM.finditer(line)}
            found.setdefault(int(port), {}).update(programs)
    return found
