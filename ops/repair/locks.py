"""The locks of a stack in a backend of plain files: whose they are, and whether their run still lives."""

import getpass
import json
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops.repair.backend import FileBackend
from ops.repair.found import Found, Kind


@dataclass(frozen=True)
class Lock:
    """A lock, and the run that took it. `pid` is 0 where the lock cannot be read."""

    file: Path
    pid: int
    user: str
    host: str
    since: datetime

    @property
    def wrong(self) -> str:
        """Return whose it is, in words."""
        return f"{self.user}@{self.host} (pid {self.pid}) since {self.since:%Y-%m-%d %H:%M:%S} UTC"


class Held(Exception):
    """A run holds the stack, or may; the text says which, and what to do."""


def locks_of(backend: FileBackend) -> list[Lock]:
    """Return the locks of a stack, the oldest first."""
    return sorted(map(_read, backend.locks.glob("*.json")), key=lambda lock: lock.since)


def dead_locks(backend: FileBackend) -> list[Found]:
    """Return the locks whose run is gone. Raises Held for one that lives, and for one of another machine."""
    locks = locks_of(backend)
    for lock in locks:
        _refuse_held(lock, backend.stack)
    return [_dead(lock) for lock in locks]


@contextmanager
def held(backend: FileBackend | None) -> Iterator[None]:
    """Hold the stack, so that no run of Pulumi begins meanwhile. Raises Held where another was faster.

    Where there is no folder of locks, nothing is held.
    """
    if backend is None:
        yield
        return
    backend.locks.mkdir(parents=True, exist_ok=True)
    own = backend.locks / f"{uuid.uuid4()}.json"
    _write(own)
    try:
        for lock in locks_of(backend):
            if lock.file != own:
                _refuse_held(lock, backend.stack)
        yield
    finally:
        own.unlink(missing_ok=True)


def _read(file: Path) -> Lock:
    try:
        wrong = json.loads(file.read_text())
        since = datetime.fromisoformat(wrong["timestamp"])
        return Lock(file, int(wrong["pid"]), wrong["username"], wrong["hostname"], since.astimezone(UTC))
    except (OSError, ValueError, LookupError, TypeError):
        return Lock(file, 0, "", "", datetime.now(UTC))


def _refuse_held(lock: Lock, stack: str) -> None:
    """Refuse a lock that may be held. What asks for processes is imported where a lock is."""
    from ops.repair.processes import lives

    if lock.pid == 0:
        return
    if lock.host != socket.gethostname():
        raise Held(
            f"stack {stack} is locked by {lock.wrong}, on another machine: from here nobody can tell whether "
            f"that run lives. Repair it there; or, if you know that it is gone, type: pulumi cancel --stack "
            f"{stack} --yes, then this again."
        )
    if lives(lock.pid, lock.since):
        raise Held(
            f"stack {stack} is locked by {lock.wrong}, and that process lives. Wait for its end; or stop it "
            f"with Ctrl-C or: kill -INT {lock.pid}"
        )


def _dead(lock: Lock) -> Found:
    wrong = f"of {lock.wrong}, whose process is gone" if lock.pid else "cannot be read: it was never written"
    return Found(
        kind=Kind.LOCK,
        where="state",
        name=lock.file.stem,
        wrong=wrong,
        remedy="release it",
        mend=lambda: lock.file.unlink(missing_ok=True),
    )


def _write(file: Path) -> None:
    content = {
        "pid": os.getpid(),
        "username": getpass.getuser(),
        "hostname": socket.gethostname(),
        "timestamp": datetime.now(UTC).isoformat(),
    }
    part = file.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.rename(file)
