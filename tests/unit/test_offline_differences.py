"""Which properties differ, by which path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.docker.container_shape import SHAPE
from offline.protocol.differences import Change, differences
from offline.protocol.shape import anything
from offline.protocol.values import UNKNOWN

ADD, DELETE, UPDATE = Change.ADD, Change.DELETE, Change.UPDATE
A, B, C = ({"file": f"/{name}", "content": name} for name in "abc")
CHANGED = {"file": "/b", "content": "other"}


@pytest.mark.parametrize(
    ("name", "old", "new", "changes"),
    [
        ("memory", 64, 128, {"memory": UPDATE}),
        ("memory", None, 128, {"memory": ADD}),
        ("memory", 64, None, {"memory": DELETE}),
        ("image", "sha256:1", UNKNOWN, {"image": UPDATE}),
        ("command", ["a", "b"], ["a", "c", "d"], {"command[1]": UPDATE, "command[2]": ADD}),
        ("logOpts", {"max-size": "1m"}, {"max-size": "2m"}, {'logOpts["max-size"]': UPDATE}),
        ("healthcheck", {"retries": 1}, {"retries": 2, "interval": "1s"}, None),
        ("uploads", [A, B], [A, CHANGED], {"uploads[1].content": UPDATE}),
        ("uploads", [A, B], [B, A], {}),
        ("uploads", [A, C], [A, B, C], {"uploads[1]": ADD}),
        ("uploads", [A, B, C], [A, C], {"uploads[1]": DELETE}),
        ("uploads", [A, B], [CHANGED], {"uploads[0]": UPDATE, "uploads[1]": DELETE}),
        ("envs", ["A=1", "B=2"], ["B=2", "A=1"], {}),
        ("envs", ["A=1", "B=2"], ["A=1", "B=3"], {"envs[1]": UPDATE}),
        ("networksAdvanced", [{"name": "n"}], [{"name": UNKNOWN}], {"networksAdvanced[0].name": UPDATE}),
    ],
)
def test_a_change_is_told_by_its_path(
    name: str, old: object, new: object, changes: dict[str, Change] | None
) -> None:
    found = differences(SHAPE, {name: old}, {name: new}).get(name, {})
    expected = {"healthcheck.retries": UPDATE, "healthcheck.interval": ADD} if changes is None else changes
    assert found == expected


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
    assert (differences(SHAPE, {"uploads": old}, {"uploads": new}) == {}) is same


ONE, TWO, THREE = ({"name": name, "image": "1"} for name in ("one", "two", "three"))


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({"a": {"b.c": 1}}, {"a": {"b.c": 2}}, {'spec.a["b.c"]': UPDATE}),
        ([ONE, THREE], [ONE, TWO, THREE], {"spec[1]": ADD}),
        ([ONE, TWO], [ONE, {**TWO, "image": "2"}], {"spec[1].image": UPDATE}),
        ([ONE, TWO], [TWO, ONE], {"spec[0].name": UPDATE, "spec[1].name": UPDATE}),
        ([{"port": 1}], [{"port": 2}, {"port": 1}], {"spec[0].port": UPDATE, "spec[1]": ADD}),
        (["a"], ["a", "b"], {"spec[1]": ADD}),
        (1, {"a": 1}, {"spec": UPDATE}),
    ],
)
def test_what_has_no_shape_is_compared_by_what_it_is(
    old: object, new: object, changes: dict[str, Change]
) -> None:
    assert differences({"spec": anything()}, {"spec": old}, {"spec": new}).get("spec", {}) == changes


values = st.recursive(
    st.integers(0, 2) | st.text("ab", max_size=1),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "name"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(old=values, new=values)
def test_what_has_no_shape_differs_exactly_when_it_is_not_equal(old: object, new: object) -> None:
    assert (differences({"spec": anything()}, {"spec": old}, {"spec": new}) == {}) is (old == new)
