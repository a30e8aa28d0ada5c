"""An object's own annotations, by which the plugin knows what it named itself."""

from collections.abc import Mapping
from typing import Any

PREFIX = "pulumi.com/"
AUTONAMED = f"{PREFIX}autonamed"


def annotations(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object's annotations; none where they are not known yet."""
    metadata = body.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}
