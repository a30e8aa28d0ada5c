"""The preview for machines."""

import json

from ops.preview.exports import port_changes
from ops.preview.overview import Overview, counted
from ops.preview.picture import picture
from ops.preview.stack_changes import StackChange


def as_json(overview: Overview) -> str:
    """Return the whole preview as one JSON object."""
    tree = {
        "base": overview.base,
        "head": overview.head,
        "runs": overview.runs,
        "notes": list(overview.notes),
        "dangers": [vars(danger) for danger in overview.dangers],
        "stacks": [_stack(stack) for stack in overview.stacks],
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _stack(stack: StackChange) -> dict[str, object]:
    changes = port_changes(stack.before, stack.after) if stack.touched else []
    return {
        "name": stack.name,
        "presence": str(stack.presence),
        "base-failure": stack.before_failure,
        "head-failure": stack.after_failure,
        "notes": list(stack.notes),
        "counts": counted(stack),
        "steps": list(stack.steps),
        "ports": [{"sign": change.sign, **change.row} for change in changes],
        "topology": picture(stack) if stack.touched else "",
    }
