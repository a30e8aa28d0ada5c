"""What of an object is compared: its declared part, in its normal form, place by place."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diff.differences import Change
from diff.kubernetes.normal import normal
from diff.kubernetes.object_changes import compared, written
from diff.kubernetes.quantities import shortest
from diff.values import UNKNOWN
from offline.kubernetes.projection import declared, projected

Body = dict[str, Any]


def of(api_version: str, kind: str, **more: object) -> Body:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}, **more}


def test_what_another_hand_adds_is_not_seen() -> None:
    wanted = {"spec": {"replicas": 1, "podSelector": {}, "args": ["a"]}}
    live = {"spec": {"replicas": 1, "podSelector": {"x": "y"}, "args": ["a", "b"], "paused": True}}
    assert projected(wanted, live) == wanted


def test_what_changed_or_is_gone_is_seen() -> None:
    wanted = {"spec": {"replicas": 1, "paused": True, "args": ["a", "b"]}}
    assert projected(wanted, {"spec": {"replicas": 3, "args": ["c"]}}) == {
        "spec": {"replicas": 3, "args": ["c"]}
    }


def test_an_element_that_another_hand_puts_first_moves_all_that_follow() -> None:
    wanted = {"containers": [{"name": "web", "image": "1"}]}
    live = {"containers": [{"name": "more"}, {"name": "web", "image": "1"}]}
    assert projected(wanted, live) == {"containers": [{"name": "more"}]}


def test_a_list_of_another_kind_is_seen_as_a_whole() -> None:
    assert projected({"a": ["1"]}, {"a": [1, 2]}) == {"a": [1, 2]}


def test_an_import_leaves_the_server_s_own_away() -> None:
    notes = {"deployment.kubernetes.io/revision": "1", "other": "stays"}
    metadata = {"name": "x", "uid": "u", "managedFields": [], "annotations": notes}
    told = {"kind": "X", "spec": {"a": 1}, "status": {}, "metadata": metadata}
    kept = {"name": "x", "annotations": {"other": "stays"}}
    assert declared(told) == {"kind": "X", "spec": {"a": 1}, "metadata": kept}


@pytest.mark.parametrize(
    ("spelled", "found"),
    [
        *(("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("0.5Gi", "512Mi"), ("1000Mi", "1000Mi"), ("0.5Ki", "512")),
        *(("0.5", "500m"), ("1000m", "1"), ("1500m", "1500m"), (1, "1"), ("2000000", "2M"), ("1024", "1024")),
        *(("0", "0"), ("1e3", "1e3"), ("100n", "100n")),
    ],
)
def test_a_quantity_is_spelled_as_kubernetes_does(spelled: object, found: str) -> None:
    assert shortest(spelled) == found


@pytest.mark.parametrize("text", ["", "x", "1x", "Ki", "1.2.3", True, None, "0x10"])
def test_what_is_no_quantity_stays_as_it_is(text: object) -> None:
    assert shortest(text) == text


@given(st.integers(0, 10**9))
def test_two_spellings_of_one_quantity_become_one(number: int) -> None:
    assert shortest(str(number)) == shortest(f"{number * 1000}m")
    assert shortest(f"{number + 1}Gi") == shortest(f"{(number + 1) * 1024}Mi")


@pytest.mark.parametrize(
    "spec",
    [
        {"hostNetwork": False},
        {"minReadySeconds": 0},
        {"egress": []},
        {"nodeSelector": {}},
        {"priorityClassName": ""},
    ],
)
def test_an_empty_value_that_kubernetes_types_leave_away_is_gone(spec: Body) -> None:
    assert normal(of("apps/v1", "Deployment", spec=spec))["spec"] == {}


@pytest.mark.parametrize(
    "spec",
    [
        {"replicas": 0},
        {"shareProcessNamespace": False},
        {"storageClassName": ""},
        {"emptyDir": {}},
        {"podSelector": {}},
        {"selector": {}},
        {"matchLabels": {"a": ""}},
        {"selector": {"app": ""}},
        {"containers": []},
    ],
)
def test_an_empty_value_that_means_something_stays(spec: Body) -> None:
    assert normal(of("apps/v1", "Deployment", spec=spec))["spec"] == spec


def test_a_variable_without_text_has_no_value() -> None:
    spec = {"env": [{"name": "A", "value": ""}], "tolerations": [{"key": "a", "value": "b"}]}
    found = normal(of("apps/v1", "Deployment", spec=spec))["spec"]
    assert found == {"env": [{"name": "A"}], "tolerations": [{"key": "a", "value": "b"}]}


def test_quantities_are_known_by_the_field_that_holds_them() -> None:
    spec = {"resources": {"limits": {"memory": "1024Mi"}}, "args": ["1024Mi"]}
    found = normal(of("apps/v1", "Deployment", spec=spec))["spec"]
    assert found == {"resources": {"limits": {"memory": "1Gi"}}, "args": ["1024Mi"]}
    assert normal(of("v1", "ConfigMap", data={"a": "1024Mi", "b": ""}))["data"] == {"a": "1024Mi", "b": ""}


@pytest.mark.parametrize(
    ("given", "data"),
    [
        ({"stringData": {"a": "x"}, "data": {"a": "eQ==", "b": "eQ=="}}, {"a": "eA==", "b": "eQ=="}),
        ({"data": {"a": "eA==\n"}}, {"a": "eA=="}),
        ({"data": {"a": "no base64"}}, {"a": "no base64"}),
    ],
)
def test_the_text_of_a_secret_is_content_in_base64(given: Body, data: Body) -> None:
    found = normal(of("v1", "Secret", **given))
    assert found["data"] == data
    assert "stringData" not in found


@pytest.mark.parametrize(
    "body",
    [
        of("gateway.networking.k8s.io/v1", "HTTPRoute", spec={"weight": 0, "rules": []}),
        of("apps/v1", "Deployment", spec={"hostNetwork": False, "image": UNKNOWN}),
    ],
)
def test_a_kind_without_a_type_and_what_is_not_known_yet_stay_as_they_are(body: Body) -> None:
    assert normal(body) == body


def test_what_only_the_server_writes_is_not_declared() -> None:
    body = of("v1", "ConfigMap")
    metadata = {"name": "web", "uid": "u", "resourceVersion": "7"}
    assert normal({**body, "metadata": metadata}) == body


def changes(old: object, new: object) -> dict[str, Change]:
    return {written(path): change for path, change in compared(old, new)}


def test_lists_are_compared_place_by_place() -> None:
    old = {"env": [{"name": "A", "value": "1"}, {"name": "B"}]}
    assert changes(old, {"env": [{"name": "AA"}, {"name": "B"}, {"name": "C"}]}) == {
        "env[0].name": Change.UPDATE,
        "env[0].value": Change.DELETE,
        "env[2]": Change.ADD,
    }
    assert changes(old, {"env": []}) == {"env[0]": Change.DELETE, "env[1]": Change.DELETE}


def test_a_place_is_written_as_the_engine_reads_it() -> None:
    assert written(("data", "nginx.conf")) == 'data["nginx.conf"]'
    assert written(("metadata", "labels", "fate.io/x-y")) == 'metadata.labels["fate.io/x-y"]'
    assert written(("spec", "ports", 0, "node-port")) == "spec.ports[0].node-port"
    assert written(("a", 'b"c')) == r'a["b\"c"]'


def test_what_is_not_known_yet_may_change() -> None:
    assert changes({"a": 1, "b": UNKNOWN}, {"a": UNKNOWN, "b": UNKNOWN}) == {
        "a": Change.UPDATE,
        "b": Change.UPDATE,
    }


names = st.text("abc", min_size=1, max_size=2)
scalars = st.one_of(st.integers(1, 9), st.sampled_from(["x", "1Gi"]), st.just(True))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.dictionaries(names, inner, min_size=1, max_size=3), st.lists(inner, max_size=3)
    ),
    max_leaves=12,
)
bodies = st.dictionaries(names, values, min_size=1, max_size=3)


@given(bodies)
def test_an_object_that_is_as_declared_has_no_difference(body: Body) -> None:
    assert changes(projected(body, copy.deepcopy(body)), body) == {}


@given(bodies, names, scalars)
def test_a_field_that_is_added_anywhere_is_no_difference(body: Body, name: str, added: object) -> None:
    told = copy.deepcopy(body)
    _add(told, f"_{name}", added)
    assert changes(projected(body, told), body) == {}


@given(bodies)
def test_a_field_that_is_taken_away_is_one(body: Body) -> None:
    told = dict(body)
    name, _ = told.popitem()
    assert changes(projected(body, told), body) == {name: Change.ADD}


def _add(value: object, name: str, added: object) -> None:
    if isinstance(value, list):
        for part in value:
            _add(part, name, added)
    if isinstance(value, dict):
        for part in value.values():
            _add(part, name, added)
        value[name] = added
