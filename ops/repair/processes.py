"""Which processes of this machine a run of Pulumi still has."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

PLUGINS = ("pulumi-resource-", "pulumi-language-", "offline.", "providers.")
"""How the name of a plugin begins; those of `offline/` and `providers/` are Python modules."""
WORDS = 6
SLACK = timedelta(seconds=2)


@dataclass(frozen=True)
class Plugin:
    """A plugin whose Pulumi is gone."""

    pid: int
    name: str


def lives(pid: int, since: datetime) -> bool:
    """Tell whether the process lives that had the number `pid` at the moment `since`.

    A process that started later only has the number of one that ended.
    """
    try:
        process = psutil.Process(pid)
        started = datetime.fromtimestamp(process.create_time(), UTC)
        return started <= since + SLACK and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def orphans(folder: Path) -> Iterator[Plugin]:
    """Yield the plugins that work in a folder and whose Pulumi was killed: each may still make something."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # it ended meanwhile, or is another user's
            name = _plugin(process)
            if name and Path(process.cwd()) == folder.resolve() and not _has_pulumi(process):
                yield Plugin(process.pid, name)


def _plugin(process: psutil.Process) -> str | None:
    """Return the name of the plugin that a process is, None where it is none."""
    names = [word.rpartition("/")[2] for word in process.cmdline()[:WORDS]]
    return next((name for name in names if name.startswith(PLUGINS)), None)


def _has_pulumi(process: psutil.Process) -> bool:
    """Tell whether a process is a child of Pulumi, or of who cannot be seen."""
    parent = process.parent()
    return parent is None or parent.name() == "pulumi"
