"""The change to the sheet of ports that a firewall must open."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ORDER = ("party", "service", "port", "bind")
"""The columns that come first."""


@dataclass(frozen=True)
class PortChange:
    """A row of the sheet that comes (`+`) or goes (`-`)."""

    sign: str
    row: Mapping[str, Any]


def port_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[PortChange]:
    """Return the rows that only one of two stacks' outputs has, in the order of the sheets."""
    was, will = _rows(before), _rows(after)
    gone = [PortChange("-", row) for key, row in was.items() if key not in will]
    return [*gone, *(PortChange("+", row) for key, row in will.items() if key not in was)]


def spaced(column: str) -> str:
    """Return a column's name as a reader has it."""
    return column.replace("_", " ")


def _rows(exports: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    sheet = exports.get("ports")
    rows: Sequence[Any] = sheet if isinstance(sheet, list) else []
    return {json.dumps(row, sort_keys=True): _in_order(row) for row in rows if isinstance(row, Mapping)}


def _in_order(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in dict.fromkeys((*ORDER, *row)) if name in row}
