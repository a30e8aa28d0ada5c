"""What an object's own annotations tell the plugin to do."""

from collections.abc import Mapping
from typing import Any

from diff.kubernetes.names import AUTONAMED, PREFIX, annotations

SKIP_AWAIT = f"{PREFIX}skipAwait"
TIMEOUT = f"{PREFIX}timeoutSeconds"
PATCH_FORCE = f"{PREFIX}patchForce"
REPLACE_UNREADY = f"{PREFIX}replaceUnready"
KNOWN = {AUTONAMED, SKIP_AWAIT, TIMEOUT, PATCH_FORCE, REPLACE_UNREADY}
DEFAULT_LIMIT = 600.0


def says(body: Mapping[str, Any], annotation: str) -> bool:
    """Return whether an annotation is there, and true."""
    return annotations(body).get(annotation) in ("true", "True", True)


def limit(body: Mapping[str, Any], given: float) -> float:
    """Return for how many seconds to wait: as the resource's options or its annotation say, else 600."""
    written = str(annotations(body).get(TIMEOUT, ""))
    return given or (float(written) if written.isdigit() else DEFAULT_LIMIT)


def faults(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the annotations that ask for what this plugin does not do: path and reason."""
    return [
        (f'metadata.annotations["{name}"]', f"annotation {name} is not supported by the offline plugin")
        for name in annotations(body)
        if name.startswith(PREFIX) and name not in KNOWN
    ]
