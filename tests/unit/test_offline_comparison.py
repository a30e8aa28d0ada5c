"""What differs between the state of a container and the one that a program leads to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diff.comparison import compared
from diff.differences import Change
from diff.docker.container_shape import SHAPE
from diff.state import stated
from diff.values import UNKNOWN

ADD, DELETE, UPDATE = Change.ADD, Change.DELETE, Change.UPDATE
WHOLE = {"contentBase64": "", "executable": False, "permissions": "0444", "source": "", "sourceHash": ""}
A, B, C = ({**WHOLE, "file": f"/{name}", "content": f"# {name}"} for name in "abc")
SHORT = {"file": "/b", "content": "# b more"}
VOLUME = {"volumeName": "v", "containerPath": "/a"}


def changes(name: str, old: object, new: object) -> dict[str, Change]:
    """Return what differs inside of one property, by path."""
    before = {} if old is None else {name: old}
    after: dict[str, Any] = {} if new is None else {name: new}
    state = stated(SHAPE, before)
    return compared(SHAPE, state, stated(SHAPE, after, state), after).changes.get(name, {})


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("memory", 64, 128, {"memory": UPDATE}),
        ("memory", None, 128, {"memory": ADD}),
        ("memory", 64, None, {"memory": DELETE}),
        ("image", "sha256:1", UNKNOWN, {"image": UPDATE}),
        ("command", ["a", "b"], ["a", "c", "d"], {"command[1]": UPDATE, "command[2]": ADD}),
        ("command", ["a", "b"], None, {}),
        ("labels", [{"label": "a", "value": "1"}], None, {}),
        ("waitTimeout", 60, None, {}),
        ("waitTimeout", 61, None, {"waitTimeout": UPDATE}),
        ("logOpts", {"max-size": "1m"}, {"max-size": "2m"}, {'logOpts["max-size"]': UPDATE}),
        ("healthcheck", {"retries": 1}, {"retries": 2}, {"healthcheck.retries": UPDATE}),
        ("healthcheck", {"interval": "1s"}, {"interval": "1000ms"}, {"healthcheck.interval": UPDATE}),
        ("uploads", [A, B], [A, {**B, "content": "# b more"}], {"uploads[1].content": UPDATE}),
        ("uploads", [A, B], [A, SHORT], {"uploads": UPDATE}),
        ("uploads", [A, B], [B, A], {}),
        ("uploads", [A, C], [A, B, C], {"uploads[1]": ADD}),
        ("uploads", [A, B, C], [A, C], {"uploads[1]": DELETE}),
        ("uploads", [A, B], [{**A, "content": "# c"}, B], {"uploads[0].content": UPDATE}),
        ("envs", ["A=1", "B=2"], ["B=2", "A=1"], {}),
        ("envs", ["A=1", "B=2"], ["A=1", "B=3"], {"envs[1]": UPDATE}),
        ("envs", ["A=1", "B=2"], ["A=1", UNKNOWN], {"envs": UPDATE}),
        ("volumes", [VOLUME], [{**VOLUME, "readOnly": False}], {}),
        ("volumes", [VOLUME], [{**VOLUME, "readOnly": True}], {"volumes": UPDATE}),
        ("ports", [{"internal": 1}], [{"internal": 1, "protocol": "tcp", "ip": "0.0.0.0"}], {}),
        ("networksAdvanced", [{"name": "n"}], [{"name": UNKNOWN}], {"networksAdvanced": UPDATE}),
    ],
)
def test_a_change_is_told_by_its_path(name: str, old: object, new: object, found: dict[str, Change]) -> None:
    assert changes(name, old, new) == found


@pytest.mark.parametrize(
    ("new", "replacing"),
    [
        ({"healthcheck": {"retries": 2}}, set()),
        ({"memory": 64}, set()),
        ({"capabilities": {"drops": ["ALL"]}}, {"capabilities"}),
        ({"cpus": "0.5"}, {"cpus"}),
        ({"uploads": [A]}, {"uploads"}),
    ],
)
def test_only_what_cannot_change_in_place_replaces(new: dict[str, Any], replacing: set[str]) -> None:
    state = stated(SHAPE, {})
    assert compared(SHAPE, state, stated(SHAPE, new, state), new).replacing == replacing


uploads = st.lists(
    st.fixed_dictionaries(
        {"file": st.sampled_from(["/a", "/b", "/c", "/d"]), "content": st.text(max_size=3)}
    ),
    unique_by=lambda upload: upload["file"],
)


@given(old=uploads, new=uploads)
def test_a_set_has_a_difference_exactly_when_its_elements_do(
    old: list[dict[str, str]], new: list[dict[str, str]]
) -> None:
    same = {each["file"]: each["content"] for each in old} == {each["file"]: each["content"] for each in new}
    assert (changes("uploads", old, new) == {}) is same


@given(uploads)
def test_a_set_is_kept_in_one_order(given_in_some_order: list[dict[str, str]]) -> None:
    kept = [
        stated(SHAPE, {"uploads": order})["uploads"]
        for order in (given_in_some_order, given_in_some_order[::-1])
    ]
    assert kept[0] == kept[1]


def test_a_line_end_sorts_as_go_writes_it() -> None:
    files = [
        {"file": "/1", "content": "a\nx"},
        {"file": "/2", "content": "a b"},
        {"file": "/3", "content": "a"},
    ]
    state = stated(SHAPE, {"uploads": files})["uploads"]
    assert [upload["file"] for upload in state] == ["/2", "/3", "/1"], (
        "a space, a quotation mark, a backslash"
    )
