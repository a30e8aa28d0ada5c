"""Whether this machine can carry the cluster: told before anything is started."""

import os
import re
from pathlib import Path

from offline.cluster import network, processes
from offline.cluster.addresses import BRIDGE, PORTS
from offline.cluster.commands import run
from offline.cluster.fault import ClusterFault
from offline.cluster.home import Home
from offline.cluster.machine import Machine

DEBIAN_PROGRAMS = ("containerd", "ctr", "runc", "iptables", "conntrack", "ip", "ss")
CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory", "pids")
CGROUPS = Path("/sys/fs/cgroup")
PROGRAM = re.compile(r'"(?P<name>[^"]+)",pid=(?P<pid>\d+)')


def require_root() -> None:
    """Refuse to go on as another user: bridges, mounts and cgroups are root's."""
    if os.geteuid() != 0:
        raise ClusterFault(
            "the cluster makes network interfaces, mounts and cgroups, which only root may",
            "Run it as root: sudo make cluster",
        )


def require_machine(home: Home) -> None:
    """Refuse a machine on which the cluster would not start, with the reason."""
    for program in DEBIAN_PROGRAMS:
        Machine.program(program)
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
