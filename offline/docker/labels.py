"""Labels, which are pairs in a program and a map on the engine."""

from collections.abc import Mapping
from typing import Any


def as_map(pairs: list[dict[str, Any]]) -> dict[str, str]:
    """Return declared labels as the engine takes them."""
    return {pair["label"]: pair["value"] for pair in pairs}


def as_pairs(labels: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Return what the engine tells as a program declares it."""
    return [{"label": name, "value": value} for name, value in (labels or {}).items()]
