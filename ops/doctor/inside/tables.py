"""The doctor's table: scikit-learn's breast cancer data, split by columns between guest and host."""

from __future__ import annotations

import importlib
import os
import tempfile
from typing import Any

GUEST_COLUMNS = 10
META = {
    "guest": {
        "delimiter": ",",
        "dtype": "float64",
        "label_type": "int64",
        "label_name": "y",
        "match_id_name": "id",
    },
    "host": {"delimiter": ",", "dtype": "float64", "match_id_name": "id"},
}


def main(side: str) -> dict[str, Any]:
    """Write the table of one side to a file that FATE-Flow can read; return what to call its upload with.

    FATE-Flow removes nothing here: the file lies in a temporary folder, and is the same at every call.
    """
    folder = os.path.join(tempfile.gettempdir(), "fate-doctor")
    os.makedirs(folder, exist_ok=True)
    file = os.path.join(folder, f"{side}.csv")
    _split(side).to_csv(file, index=False)
    return {"file": file, "head": True, "partitions": 1, "meta": META[side], "extend_sid": True}


def _split(side: str) -> Any:  # noqa: ANN401 a pandas frame
    table = importlib.import_module("sklearn.datasets").load_breast_cancer(as_frame=True)
    columns = table.data.round(6).set_axis([f"x{n}" for n in range(table.data.shape[1])], axis=1)
    half = columns.iloc[:, :GUEST_COLUMNS] if side == "guest" else columns.iloc[:, GUEST_COLUMNS:]
    if side == "guest":
        half.insert(0, "y", table.target)
    half.insert(0, "id", range(len(half)))
    return half
