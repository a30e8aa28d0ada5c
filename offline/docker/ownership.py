"""Whose a container or a network is: ours carry a label with their URN and the checkout's own mark.

An interrupted `up` leaves things that no state knows. By the label the next one tells them from the things of
others, and from those of the same stack in another checkout.
"""

import hashlib
import os
from collections.abc import Mapping
from typing import Any

LABEL = "io.pulumi.offline.owner"


def owner(urn: str) -> str:
    """Return the label's value for a resource of this checkout."""
    checkout = hashlib.sha256(os.getcwd().encode()).hexdigest()[:12]
    return f"{urn}@{checkout}"


def owned(labels: Mapping[str, str] | None, urn: str) -> bool:
    """Return whether something with these labels was made for this resource, by this checkout."""
    return (labels or {}).get(LABEL) == owner(urn)


def labelled(pairs: list[dict[str, Any]], urn: str) -> dict[str, str]:
    """Return declared labels as the engine takes them, with ours."""
    return {**declared(pairs), LABEL: owner(urn)}


def declared(pairs: list[dict[str, Any]]) -> dict[str, str]:
    """Return declared labels as a map."""
    return {pair["label"]: pair["value"] for pair in pairs}


def drifted(pairs: list[dict[str, Any]], seen: Mapping[str, str] | None) -> list[dict[str, Any]] | None:
    """Return the declared labels as they are seen, or nothing if they are as declared."""
    kept = seen or {}
    found = [{**pair, "value": kept[pair["label"]]} for pair in pairs if pair["label"] in kept]
    return None if found == pairs else found
