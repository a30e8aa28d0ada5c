"""Where a stack's state lies, the files of it that concern a killed run, and whether the state can be read.

Only Pulumi's backend of plain files is looked into; of every other, Pulumi's own commands tell what they can.
The layout of the files is that of Pulumi 3.259: `.pulumi/stacks`, `.pulumi/locks`, `.pulumi/history`. A state
that a crash of the machine left empty or half written gives way to the newest earlier one.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.doctor.outputs import PROJECT, project_name
from ops.repair.found import Found, Kind, Unmended

FILE = "file://"
LIMIT = 30


@dataclass(frozen=True)
class FileBackend:
    """The folder of a state, and the stack in it."""

    root: Path
    project: str
    stack: str

    @property
    def state(self) -> Path:
        """Return the file of the stack's state."""
        return self.root / ".pulumi" / "stacks" / self.project / f"{self.stack}.json"

    @property
    def copies(self) -> list[Path]:
        """Return the earlier states that Pulumi keeps, the newest first."""
        history = self.root / ".pulumi" / "history" / self.project / self.stack
        checkpoints = sorted(history.glob("*.checkpoint.json"), key=lambda file: file.name, reverse=True)
        return [copy for copy in [self.state.with_suffix(".json.bak"), *checkpoints] if copy.exists()]

    @property
    def locks(self) -> Path:
        """Return the folder of the stack's locks."""
        return self.root / ".pulumi" / "locks" / "organization" / self.project / self.stack


def backend_of(stack: str) -> FileBackend | None:
    """Return the backend of a stack; None where it is no folder that can be looked into."""
    address = os.environ.get("PULUMI_BACKEND_URL") or _asked()
    if not address.startswith(FILE):
        return None
    root = PROJECT / Path(address.removeprefix(FILE).partition("?")[0]).expanduser()
    return FileBackend(root, project_name(), stack.rpartition("/")[2])


def _asked() -> str:
    """Ask Pulumi which backend it is logged in to; an empty answer where it is to none."""
    command = ["pulumi", "whoami", "--json", "--non-interactive"]
    try:
        run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=LIMIT, check=False)
        return str(json.loads(run.stdout)["url"])
    except (OSError, subprocess.TimeoutExpired, ValueError, LookupError):
        return ""


def damaged(backend: FileBackend) -> list[Found]:
    """Return the state if it cannot be read. One that is not there is no fault: Pulumi itself removes it."""
    if not backend.state.exists() or readable(backend.state):
        return []
    return [
        Found(
            kind=Kind.STATE,
            where="state",
            name=backend.state.name,
            wrong="is empty or half written",
            remedy="restore the newest earlier one that Pulumi keeps",
            mend=lambda: _restore(backend),
        )
    ]


def readable(file: Path) -> bool:
    """Tell whether a file holds a state."""
    try:
        return "checkpoint" in json.loads(file.read_text())
    except (OSError, ValueError, TypeError):
        return False


def _restore(backend: FileBackend) -> None:
    """Put the newest readable copy in the state's place; what was there stays beside it."""
    for copy in backend.copies:
        if readable(copy):
            break
    else:
        raise Unmended(
            f"no earlier state of {backend.stack} can be read beside {backend.state}. Take one from a backup "
            f"of yours: pulumi stack import --stack {backend.stack} --file FILE"
        )
    shutil.copyfile(backend.state, backend.state.with_suffix(".json.unreadable"))
    part = backend.state.with_suffix(".json.part")
    shutil.copyfile(copy, part)
    os.replace(part, backend.state)
