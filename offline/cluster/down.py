"""Takes the cluster away without a trace: processes, containers, mounts, interfaces, rules, files."""

import os
import shutil
import time
from pathlib import Path

from offline.cluster import network, processes
from offline.cluster.commands import ClusterFault, run, say, timed
from offline.cluster.layout import Home
from offline.cluster.machine import require_root

CGROUPS = Path("/sys/fs/cgroup")
POD_GROUPS = ("kubepods",)
LINKS = Path("/var/log/containers")
NETWORK_CACHE = Path("/var/lib/cni")
MOUNTS = Path("/proc/self/mountinfo")


def down(home: Home) -> None:
    """Stop everything and delete everything, the data of volumes included."""
    require_root()
    if not home.root.exists() and network.owner() != str(home.root) and not processes.of(home):
        say("no cluster of this checkout is here")
        return
    with timed("the cluster's processes and containers have ended"):
        _stop_processes(home)
    clear(home)
    shutil.rmtree(home.root)
    say("the cluster is gone: processes, mounts, interfaces, rules and data; Docker is untouched")


def clear(home: Home) -> None:
    """Take away what a cluster without processes leaves on the machine; its own folder stays."""
    _detach_below(home.root)
    _remove_cgroups()
    network.remove(home)
    _remove_left_files(home)


def _stop_processes(home: Home) -> None:
    """End what makes containers, then the containers, then what looks after them."""
    running = processes.of(home)
    shims = [process.pid for process in running if process.shim]
    makers = [process.pid for process in running if not process.shim]
    processes.stop(makers, patience=1)
    inside = processes.descendants(shims)
    sockets = _shim_sockets(home)
    processes.stop(inside, patience=2)
    processes.stop(shims, patience=1)
    for socket in sockets:
        socket.unlink(missing_ok=True)
    if left := processes.of(home):
        raise ClusterFault(
            f"these processes do not end: {[process.pid for process in left]}", "Run this again."
        )


def _shim_sockets(home: Home) -> list[Path]:
    """Return the shims' sockets, which lie outside of the home and outlive a shim that is killed."""
    files = (home.root / "run" / "containerd").glob("io.containerd.runtime.v2.task/*/*/address")
    return [Path(file.read_text().strip().removeprefix("unix://")) for file in files]


def mounted_below(folder: Path, table: str) -> list[str]:
    """Return the mount points at or below a folder, the deepest first."""
    points = [_plain(line.split()[4]) for line in table.splitlines()]
    return [point for point in reversed(points) if Path(point).is_relative_to(folder)]


def _detach_below(folder: Path) -> None:
    """Detach everything that is mounted below a folder; refuse to go on while something still is.

    Files are deleted after this, and a mount that stayed would have its own deleted with them.
    """
    for point in mounted_below(folder, MOUNTS.read_text()):
        run("umount", "--lazy", point)
    if left := mounted_below(folder, MOUNTS.read_text()):
        raise ClusterFault(f"still mounted: {', '.join(left)}", f"umount {left[0]}, then run this again")


def _plain(point: str) -> str:
    """Undo the kernel's spelling of a space, a tab, a newline and a backslash."""
    for spelled, plain in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        point = point.replace(spelled, plain)
    return point


def _remove_cgroups() -> None:
    """Remove the pods' cgroups in every hierarchy; one that was just emptied may need a moment."""
    for name in POD_GROUPS:
        for top in [CGROUPS / name, *CGROUPS.glob(f"*/{name}")]:
            for folder, _, _ in os.walk(top, topdown=False):
                _remove_cgroup(Path(folder))


def _remove_cgroup(folder: Path) -> None:
    for _ in range(50):
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.05)


def _remove_left_files(home: Home) -> None:
    """Remove what the kubelet and the network plugins leave outside of the home."""
    if LINKS.is_dir():
        for link in LINKS.iterdir():
            if link.is_symlink() and str(link.readlink()).startswith(str(home.root)):
                link.unlink()
        _remove_empty(LINKS)
    for file in NETWORK_CACHE.glob("results/fate-cluster-*"):
        file.unlink()
    for folder in (NETWORK_CACHE / "results", NETWORK_CACHE):
        _remove_empty(folder)


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
