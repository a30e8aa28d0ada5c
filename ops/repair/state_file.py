"""A state that a crash of the machine left empty or half written: the newest earlier one takes its place."""

import json
import os
import shutil
from pathlib import Path

from ops.repair.backend import FileBackend
from ops.repair.found import Found, Kind, Unmended


def damaged(backend: FileBackend) -> list[Found]:
    """Return the state if it cannot be read. One that is not there is no fault: Pulumi itself removes it."""
    if not backend.state.exists() or readable(backend.state):
        return []
    return [
        Found(
            kind=Kind.STATE,
            where="state",
            name=backend.state.name,
            told="is empty or half written",
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
