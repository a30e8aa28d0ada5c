"""Property values: what is secret stays secret."""

from typing import Any

import pytest

from offline.protocol.values import (
    SECRET,
    SIGNATURE,
    UNKNOWN,
    contains_secret,
    encoded,
    marked,
    merged,
    plain,
)
from offline.protocol.wire import Struct, Value

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


def element(*values: object) -> Value:
    return encoded([{"name": name, "value": value} for name, value in zip("abc", values, strict=False)])


def test_a_secret_deep_inside_stays_secret_when_the_rest_changes() -> None:
    result = marked([{"name": "b", "value": "2"}, {"name": "a", "value": "hunter2"}], element(HIDDEN, "1"))
    assert plain(Struct(fields={"list": result}))["list"][1] == {"name": "a", "value": "hunter2"}
    first, second = (part.struct_value.fields["value"] for part in result.list_value.values)
    assert not contains_secret(first), "what was no secret is none"
    assert contains_secret(second), "the secret is found by its element's name, not by its place"


@pytest.mark.parametrize("value", [["2", "hunter2"], ["hunter2"], ["hunter2", "1", "2"]])
def test_a_list_without_names_that_changed_is_secret_as_a_whole(value: list[str]) -> None:
    result = marked(value, encoded([HIDDEN, "1"]))
    assert result.struct_value.fields[SIGNATURE].string_value == SECRET


def test_a_list_without_names_that_did_not_change_is_secret_where_it_was() -> None:
    first, second = marked(["hunter2", "1"], encoded([HIDDEN, "1"])).list_value.values
    assert contains_secret(first)
    assert not contains_secret(second)
