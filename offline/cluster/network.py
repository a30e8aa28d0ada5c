"""The pods' bridge, and the machine's rules that let its traffic through. Docker's own rules stay.

The bridge carries the name of the cluster that made it, so that no other bridge is ever taken away.
"""

import json
from pathlib import Path

from offline.cluster import firewall
from offline.cluster.commands import run, succeeds
from offline.cluster.layout import BRIDGE, NODE_ADDRESS, PODS, Home

# What the cluster's parts change in the kernel, and `down` puts back.
SWITCHES = (
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "net/bridge/bridge-nf-call-iptables",
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/route_localnet",
)
KERNEL = Path("/proc/sys")


def owner() -> str | None:
    """Return the home of the cluster that made the bridge; "" for another's bridge, None where is none."""
    links = json.loads(run("ip", "-json", "link", "show"))
    return next((str(link.get("ifalias", "")) for link in links if link.get("ifname") == BRIDGE), None)


def ensure(home: Home) -> bool:
    """Make the bridge and its rules, as far as they are missing. Says whether anything was."""
    made = owner() is None
    if made:
        remember_switches(home)
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "link", "set", BRIDGE, "alias", str(home.root))
        run("ip", "address", "add", f"{NODE_ADDRESS}/{PODS.partition('/')[2]}", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
    for switch in ("net/ipv4/ip_forward", "net/bridge/bridge-nf-call-iptables"):
        if (KERNEL / switch).exists() and (KERNEL / switch).read_text().strip() != "1":
            (KERNEL / switch).write_text("1")
    return firewall.ensure() or made


def remove(home: Home) -> None:
    """Take away the bridge, the pods' ends of it, the rules, and what was changed in the kernel."""
    for link in (
        json.loads(run("ip", "-json", "link", "show", "master", BRIDGE)) if owner() is not None else []
    ):
        succeeds("ip", "link", "delete", link["ifname"])
    if owner() == str(home.root):
        run("ip", "link", "delete", BRIDGE)
    firewall.remove()
    restore_switches(home)


def remember_switches(home: Home) -> None:
    """Write down what the kernel's switches are before the cluster changes them."""
    file = home.root / "kernel.json"
    if not file.exists():
        found = {name: (KERNEL / name).read_text().strip() for name in SWITCHES if (KERNEL / name).exists()}
        file.write_text(json.dumps(found, indent=2))


def restore_switches(home: Home) -> None:
    """Put back the kernel's switches that differ from what was written down."""
    file = home.root / "kernel.json"
    if not file.exists():
        return
    for name, value in json.loads(file.read_text()).items():
        if (KERNEL / name).read_text().strip() != value:
            (KERNEL / name).write_text(value)
