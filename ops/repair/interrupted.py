"""Whether a run of a stack was killed, told from the backend's own files without asking anything else."""

import json

from ops.doctor.exported import export
from ops.doctor.outputs import UnreadableOutputs
from ops.repair.backend import backend_of
from ops.repair.locks import locks_of
from ops.repair.state_file import damaged


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
