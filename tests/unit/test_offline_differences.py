"""Which properties differ of what has no shape, by which path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diff.differences import Change, differences
from diff.shape import anything

ADD, DELETE, UPDATE = Change.ADD, Change.DELETE, Change.UPDATE
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
