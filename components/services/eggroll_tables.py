"""The tables of Eggroll's cluster manager, as statements that the database runs at every start.

Eggroll makes none by itself. They stand in FATE-Flow's own schema, which both share.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ENCODING = "DEFAULT CHARSET latin1 COLLATE latin1_swedish_ci"
"""With a wider one the indexes would be longer than the database takes."""


def statements(schema: str) -> Iterator[str]:
    """Yield the statement that makes each table in `schema` where it is missing."""
    for name, table in _tables().items():
        parts = [f"{column} {definition}" for column, definition in table["columns"].items()]
        parts += [_index(key, index) for key, index in table.get("indexes", {}).items()]
        yield f"CREATE TABLE IF NOT EXISTS {schema}.{name} ({', '.join(parts)}) {ENCODING};"


def _index(name: str, index: Mapping[str, Any]) -> str:
    return f"{'UNIQUE ' if index['unique'] else ''}INDEX {name} ({index['columns']})"


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
    return tables
