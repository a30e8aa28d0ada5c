"""Which processes of this machine a run of Pulumi still has.

`/proc` tells it. Where there is none, every process with the number that is asked for counts as living, and
no plugin is found.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

PROC = Path("/proc")
PLUGINS = ("pulumi-resource-", "pulumi-language-", "offline.")
"""How the name of a plugin begins; those of `offline/` are Python modules."""
WORDS = 6
SLACK = timedelta(seconds=2)
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True)
class Plugin:
    """A plugin whose Pulumi is gone."""

    pid: int
    name: str


def lives(pid: int, since: datetime) -> bool:
    """Tell whether the process lives that had the number `pid` at the moment `since`.

    A process that started later only has the number of one that ended.
    """
    if not PROC.exists():
        return _answers(pid)
    fields = _fields(pid)
    if fields is None or fields[0] == "Z":
        return False
    return _booted() + timedelta(seconds=int(fields[19]) / TICKS) <= since + SLACK


def orphans(folder: Path) -> Iterator[Plugin]:
    """Yield the plugins that work in a folder and whose Pulumi was killed: each may still make something."""
    for entry in PROC.glob("[0-9]*"):
        name = _plugin(entry)
        if name and _folder(entry) == folder.resolve() and not _has_pulumi(entry):
            yield Plugin(int(entry.name), name)


def _plugin(entry: Path) -> str | None:
    """Return the name of the plugin that a process is, None where it is none."""
    try:
        words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")[:WORDS]
    except OSError:
        return None
    names = [word.rpartition("/")[2] for word in words]
    return next((name for name in names if name.startswith(PLUGINS)), None)


def _folder(entry: Path) -> Path | None:
    try:
        return (entry / "cwd").resolve(strict=True)
    except OSError:
        return None


def _has_pulumi(entry: Path) -> bool:
    """Tell whether a process is a child of Pulumi, or ended meanwhile."""
    fields = _fields(int(entry.name))
    try:
        return fields is None or (PROC / fields[1] / "comm").read_text().strip() == "pulumi"
    except OSError:
        return True


def _fields(pid: int) -> list[str] | None:
    """Return what the kernel tells of a process after its name: state, parent, ...; None where it is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None


def _booted() -> datetime:
    lines = (PROC / "stat").read_text().splitlines()
    return datetime.fromtimestamp(int(next(e for e in lines if e.startswith("btime ")).split()[1]), UTC)


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
