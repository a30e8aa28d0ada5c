"""What of a live object is a drift of what was declared, and what is not."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.kubernetes.projection import declared, projected, visible
from offline.kubernetes.quantities import same, value

Body = dict[str, Any]


def live(body: Body, *fields: Body, **metadata: object) -> Body:
    """Return a body as the API server would tell it, with the fields of its managers."""
    managed = [{"manager": f"m{number}", "fieldsV1": each} for number, each in enumerate(fields)]
    return {**body, "metadata": {**body.get("metadata", {}), **metadata, "managedFields": managed}}


def spec(value: Body, wanted: Body, *fields: Body) -> Body:
    """Return what is seen of a spec."""
    managers = [{"f:spec": each} for each in fields]
    found: Body = projected({"spec": wanted}, live({"spec": value}, *managers))["spec"]
    return found


def test_a_field_of_another_hand_is_no_drift() -> None:
    assert spec({"replicas": 1, "paused": True}, {"replicas": 1}) == {"replicas": 1}


def test_a_changed_field_and_a_missing_one_are_drift() -> None:
    assert spec({"replicas": 3}, {"replicas": 1, "paused": True}) == {"replicas": 3}


@pytest.mark.parametrize("empty", [{}, [], "", 0, False, {"limits": {}}])
def test_what_the_server_leaves_away_when_it_is_empty_is_no_drift(empty: object) -> None:
    assert spec({}, {"field": empty}) == {"field": empty}


def test_a_list_of_keyed_elements_shows_only_ours() -> None:
    fields: Body = {
        "f:containers": {'k:{"name":"web"}': {"f:image": {}}, 'k:{"name":"sidecar"}': {"f:image": {}}}
    }
    told = [{"name": "sidecar", "image": "x"}, {"name": "web", "image": "2", "terminationMessagePath": "/d"}]
    wanted = [{"name": "web", "image": "1"}]
    assert spec({"containers": told}, {"containers": wanted}, fields) == {
        "containers": [{"name": "web", "image": "2"}]
    }


def test_a_keyed_element_that_is_gone_is_drift() -> None:
    fields: Body = {"f:containers": {'k:{"name":"web"}': {}}}
    wanted = [{"name": "web"}, {"name": "other"}]
    assert spec({"containers": [{"name": "web"}]}, {"containers": wanted}, fields) == {
        "containers": [{"name": "web"}]
    }


def test_a_port_without_a_protocol_is_the_tcp_one() -> None:
    key = 'k:{"port":53,"protocol":"%s"}'
    fields: Body = {"f:ports": {key % "TCP": {}, key % "UDP": {}}}
    told = [{"port": 53, "protocol": "UDP", "nodePort": 1}, {"port": 53, "protocol": "TCP", "nodePort": 2}]
    wanted = [{"port": 53, "nodePort": 2}]
    assert spec({"ports": told}, {"ports": wanted}, fields) == {"ports": wanted}


@pytest.mark.parametrize("fields", [({"f:args": {}},), ()])
def test_an_element_that_another_added_to_a_whole_list_is_drift(fields: tuple[Body, ...]) -> None:
    assert spec({"args": ["a", "b"]}, {"args": ["a"]}, *fields) == {"args": ["a", "b"]}


def test_defaults_inside_of_a_whole_list_are_no_drift() -> None:
    told = [{"ports": [{"port": 80, "protocol": "TCP"}], "from": [{"podSelector": {}}]}]
    wanted = [{"ports": [{"port": 80}], "from": [{"podSelector": {}}]}]
    assert spec({"ingress": told}, {"ingress": wanted}, {"f:ingress": {}}) == {"ingress": wanted}


def test_an_element_of_a_set_that_another_added_is_not_ours() -> None:
    fields: Body = {"f:finalizers": {'v:"a"': {}, 'v:"b"': {}}}
    assert spec({"finalizers": ["b", "a"]}, {"finalizers": ["a"]}, fields) == {"finalizers": ["a"]}


@pytest.mark.parametrize(
    ("wanted", "told"), [("1024Mi", "1Gi"), ("0.5", "500m"), (1, "1"), ("1000m", "1"), ("1e3", "1k")]
)
def test_a_quantity_is_compared_by_its_value(wanted: object, told: str) -> None:
    resources = {"limits": {"memory": wanted}}
    assert spec({"resources": {"limits": {"memory": told}}}, {"resources": resources}) == {
        "resources": resources
    }


def test_what_looks_like_a_quantity_elsewhere_is_compared_as_text() -> None:
    assert projected({"data": {"a": "1024Mi"}}, live({"data": {"a": "1Gi"}})) == {"data": {"a": "1Gi"}}


def test_the_text_of_a_secret_is_compared_with_its_content() -> None:
    told = live({"data": {"a": "eA==", "b": "eQ=="}})
    assert projected({"stringData": {"a": "x"}}, told) == {"stringData": {"a": "x"}}
    assert projected({"stringData": {"a": "z"}}, told) == {"stringData": {"a": "x"}}
    assert projected({"stringData": {"c": "x"}}, told) == {"stringData": {}}


def test_an_import_leaves_the_server_s_own_away() -> None:
    told = live({"kind": "X", "spec": {"a": 1}, "status": {}}, name="x", uid="u", labels={"a": "b"})
    assert declared(told) == {"kind": "X", "spec": {"a": 1}, "metadata": {"name": "x", "labels": {"a": "b"}}}


def test_what_kubectl_keeps_is_never_shown() -> None:
    notes = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "other": "stays"}
    assert visible(live({}, annotations=notes))["metadata"] == {"annotations": {"other": "stays"}}


@pytest.mark.parametrize("text", ["", "x", "1x", "Ki", "1.2.3", True, None, [], "0x10"])
def test_what_is_no_quantity_has_no_value(text: object) -> None:
    assert value(text) is None
    assert not same(text, text)


@given(st.integers(0, 10**9))
def test_a_quantity_in_thousandths_is_the_same(number: int) -> None:
    assert same(str(number), f"{number * 1000}m")
    assert same(f"{number}Ki", str(number * 1024))


names = st.text("abc", min_size=1, max_size=2)
scalars = st.one_of(st.integers(1, 9), st.sampled_from(["x", "1Gi", "500m"]), st.just(True))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.dictionaries(names, inner, min_size=1, max_size=3), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)
bodies = st.dictionaries(names, values, min_size=1, max_size=3)


@given(bodies)
def test_an_object_that_is_as_declared_has_no_drift(body: Body) -> None:
    assert projected(body, live(copy.deepcopy(body))) == body


@given(bodies, names, scalars)
def test_a_field_that_is_added_anywhere_is_no_drift(body: Body, name: str, added: object) -> None:
    told = copy.deepcopy(body)
    _add(told, f"_{name}", added)
    assert projected(body, live(told)) == body


@given(bodies)
def test_a_field_that_is_taken_away_is_drift(body: Body) -> None:
    told = dict(body)
    name, _ = told.popitem()
    assert name not in projected(body, live(told))


def _add(value: object, name: str, added: object) -> None:
    if isinstance(value, dict):
        for part in value.values():
            _add(part, name, added)
        value[name] = added
