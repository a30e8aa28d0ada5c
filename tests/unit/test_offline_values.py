"""Property values: what is secret stays secret."""

from typing import Any

import pytest

from diff.values import (
    SECRET,
    SIGNATURE,
    UNKNOWN,
    encoded,
    merged,
    plain,
)
from protocol.wire import Struct

HIDDEN = {SIGNATURE: SECRET, "value": "hunter2"}


def struct(values: dict[str, Any]) -> Struct:
    return encoded(values).struct_value


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        (3, 3),
        (0.5, 0.5),
        (True, True),
        ("text", "text"),
        (UNKNOWN, UNKNOWN),
        (HIDDEN, "hunter2"),
        ([HIDDEN, {"deep": HIDDEN}], ["hunter2", {"deep": "hunter2"}]),
    ],
)
def test_a_value_is_read_without_its_marks(wire: object, value: object) -> None:
    assert plain(struct({"name": wire})) == {"name": value}


def test_a_null_is_no_value() -> None:
    assert plain(struct({"name": None})) == {}


def test_what_was_secret_stays_secret_when_it_changes() -> None:
    result = merged(struct({"uploads": HIDDEN, "memory": 64}), {"uploads": "drifted", "memory": 128})
    assert result.fields["uploads"].struct_value.fields[SIGNATURE].string_value == SECRET
    assert plain(result) == {"uploads": "drifted", "memory": 128}
