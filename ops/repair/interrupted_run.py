"""A run that was killed: whether one was, and how the operations that it began are brought to their ends.

Whether one was, is told from the backend's own files without asking anything else. The ends are asked of the
engines and clusters themselves: `pulumi refresh` writes down what is there and what is gone, and drops what
was never made.
"""

import json
import subprocess
from importlib import import_module

from ops.doctor.exported import Exported, export
from ops.doctor.outputs import PROJECT, UnreadableOutputs
from ops.doctor.symptoms import Ailment
from ops.repair.backend import backend_of, damaged
from ops.repair.found import Found, Kind, Unmended
from ops.repair.locks import locks_of

LIMIT = 900
LINES = 12
DOING = {"creating": "made", "updating": "changed", "deleting": "removed", "reading": "read"}


def was_interrupted(stack: str) -> bool:
    """Tell whether a repair is called for. A stack that is not there yet needs none."""
    backend = backend_of(stack)
    if backend is None:
        return _has_pending(stack)
    if locks_of(backend) or damaged(backend):
        return True
    if not backend.state.exists():
        return False
    checkpoint = json.loads(backend.state.read_text())["checkpoint"]
    return bool((checkpoint.get("latest") or {}).get("pending_operations"))


def _has_pending(stack: str) -> bool:
    try:
        return bool(export(stack).pending)
    except UnreadableOutputs:
        return False


def unfinished(state: Exported, stack: str) -> list[Found]:
    """Return the operations that nobody ended. One refresh settles them all."""
    return [
        Found(
            kind=Kind.PENDING,
            where="state",
            name=pending.resource.name,
            wrong=f"the run ended while it was {DOING.get(pending.operation, pending.operation)}",
            remedy="ask for it, and note what is there",
            mend=lambda: settle(state, stack),
        )
        for pending in state.pending
    ]


def settle(state: Exported, stack: str) -> None:
    """Bring the deletions to their end that the run began, then note what is there. Raises Unmended."""
    try:
        for place in state.places():
            if going := state.deleting_on(place):
                import_module(f"ops.repair.{place.runtime}_deletions").end(place, going)
    except Ailment as fault:
        raise Unmended(fault.detail) from None
    refresh(stack)


def outdated(stack: str) -> Found:
    """Return what is wrong with a state that was restored: it is older than what is there."""
    return Found(
        kind=Kind.STATE,
        where="state",
        name=stack,
        wrong="is older than what engines and clusters have",
        remedy="ask for everything, and note what is there",
        mend=lambda: refresh(stack),
    )


def refresh(stack: str) -> None:
    """Let Pulumi ask after every resource, and drop what was never made. Raises Unmended."""
    command = ["pulumi", "refresh", "--stack", stack, "--yes", "--skip-preview", "--non-interactive"]
    command += ["--clear-pending-creates", "--suppress-outputs", "--color", "never"]
    try:
        run = subprocess.run(
            command,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unmended(f"`{' '.join(command)}` did not end in {LIMIT} s") from None
    if run.returncode:
        last = "\n".join(run.stdout.strip().splitlines()[-LINES:])
        raise Unmended(f"`pulumi refresh --stack {stack}` failed:\n{last}")
