"""What is mounted below a folder, and how it is detached."""

from pathlib import Path

from offline.cluster.commands import run
from offline.cluster.fault import ClusterFault

TABLE = Path("/proc/self/mountinfo")


def below(folder: Path, table: str) -> list[str]:
    """Return the mount points at or below a folder, the deepest first."""
    points = [_plain(line.split()[4]) for line in table.splitlines()]
    return [point for point in reversed(points) if Path(point).is_relative_to(folder)]


def detach_below(folder: Path) -> None:
    """Detach everything that is mounted below a folder; refuse to go on while something still is.

    Files are deleted after this, and a mount that stayed would have its own deleted with them.
    """
    for point in below(folder, TABLE.read_text()):
        run("umount", "--lazy", point)
    if left := below(folder, TABLE.read_text()):
        raise ClusterFault(f"still mounted: {', '.join(left)}", f"umount {left[0]}, then run this again")


def _plain(point: str) -> str:
    """Undo the kernel's spelling of a space, a tab, a newline and a backslash."""
    for spelled, plain in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        point = point.replace(spelled, plain)
    return point
