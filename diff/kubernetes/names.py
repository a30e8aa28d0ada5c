"""Names of objects: those that are not given are made up from the resource's own, once, and noted on them."""

import secrets
from collections.abc import Mapping
from typing import Any

from diff.values import Plain, Unknown

PREFIX = "pulumi.com/"
AUTONAMED = f"{PREFIX}autonamed"
DIGITS = 7


def annotations(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object's annotations; none where they are not known yet."""
    metadata = body.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def autonamed_metadata(resource: str, seed: bytes, olds: Plain, news: Plain) -> Plain | None:
    """Return the `metadata` with a name made up for inputs that have none; nothing where none is needed."""
    metadata = news.get("metadata", {})
    if isinstance(metadata, Unknown) or metadata.get("name") or metadata.get("generateName"):
        return None
    name = _before(olds) or f"{resource}-{seed.hex()[:DIGITS] or secrets.token_hex(4)[:DIGITS]}"
    notes = metadata.get("annotations", {})
    if not isinstance(notes, Unknown):
        notes = {**notes, AUTONAMED: "true"}
    return {**metadata, "name": name, "annotations": notes}


def autonamed(body: Mapping[str, Any]) -> bool:
    """Return whether the object's name was made up."""
    return AUTONAMED in annotations(body)


def _before(olds: Plain) -> str | None:
    return olds["metadata"].get("name") if olds and autonamed(olds) else None
