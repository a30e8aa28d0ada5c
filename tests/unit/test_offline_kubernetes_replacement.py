"""Which changes replace an object, and who owns which of its fields."""

from typing import Any

import pytest

from diff.kubernetes.configuration import Configuration, configured, with_switches
from diff.kubernetes.object_changes import checked, deletes_first, differences
from diff.values import UNKNOWN
from offline.kubernetes import ownership
from offline.kubernetes.still_to_come import StillToCome
from offline.protocol.failures import Refusal

STRICT = Configuration()
MUTABLE = Configuration(mutable_config_maps=True, mutable_secrets=True)
Body = dict[str, Any]


def of(api_version: str, kind: str, **body: object) -> Body:
    return {"apiVersion": api_version, "kind": kind, **body}


def replacing(old: Body, new: Body, configuration: Configuration = MUTABLE) -> list[str]:
    return [found.path for found in differences(old, new, configuration) if found.replaces]


def test_what_comes_along_with_a_whole_field_replaces_too() -> None:
    old, new = of("v1", "Service"), of("v1", "Service", spec={"clusterIP": "None"})
    assert replacing(old, new) == ["spec"]
    assert replacing(old, of("v1", "Service", spec={"ports": []})) == []
    assert replacing(new, old) == [], "the official plugin does not look at what goes with it"


def test_what_is_not_known_yet_replaces_only_where_it_stands_itself() -> None:
    old = of("v1", "Service", spec={"clusterIP": "None"})
    assert replacing(old, of("v1", "Service", spec=UNKNOWN)) == []
    assert replacing(old, of("v1", "Service", spec={"clusterIP": UNKNOWN})) == ["spec.clusterIP"]


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_content_replaces_unless_it_is_mutable(kind: str) -> None:
    old, new = of("v1", kind, data={"a": "1"}), of("v1", kind, data={"a": "2"})
    assert replacing(old, new, STRICT) == ["data.a"]
    assert replacing(old, new, MUTABLE) == []
    assert replacing(old, {**new, "immutable": True}, MUTABLE) == ["data.a"]


def test_an_object_of_the_same_name_has_to_go_first() -> None:
    old = {"metadata": {"name": "web", "namespace": "a"}}
    assert deletes_first(old, old)
    assert not deletes_first(old, {"metadata": {"name": "web", "namespace": "b"}})
    made_up = {"metadata": {**old["metadata"], "annotations": {"pulumi.com/autonamed": "true"}}}
    assert not deletes_first(old, made_up), "another name is made up for the new one"


@pytest.mark.parametrize("labels", [{"tier": "one"}, {"app.kubernetes.io/managed-by": "us"}])
def test_the_label_that_tells_of_pulumi_stays(labels: Body) -> None:
    pulumi = {"metadata": {"labels": {"app.kubernetes.io/managed-by": "pulumi"}}}
    found = checked({"metadata": {"labels": labels}}, pulumi)
    assert found["metadata"]["labels"] == {**labels, "app.kubernetes.io/managed-by": "pulumi"}
    assert checked({"metadata": {"labels": labels}}, {}) == {"metadata": {"labels": labels}}
    assert checked({"metadata": UNKNOWN}, pulumi) == {"metadata": UNKNOWN}


def entry(manager: str, operation: str, fields: Body, **more: str) -> Body:
    return {"manager": manager, "operation": operation, "fieldsV1": fields, **more}


def live(*entries: Body, **more: object) -> Body:
    return {"metadata": {"managedFields": list(entries)}, **more}


OURS = entry("pulumi-kubernetes-1", "Apply", {"f:data": {"f:a": {}}})


def test_what_kubectl_wrote_becomes_ours() -> None:
    edited = entry("kubectl-edit", "Update", {"f:data": {"f:b": {}}})
    other = entry("controller", "Update", {"f:status": {}})
    found = ownership.taken_over(live(edited, OURS, other), OURS["manager"])
    assert found == [other, {**OURS, "fieldsV1": {"f:data": {"f:a": {}, "f:b": {}}}}]


def test_what_pulumi_made_without_an_apply_becomes_ours() -> None:
    made = entry("pulumi-kubernetes", "Update", {"f:data": {}})
    assert ownership.by_a_client(live(made))
    assert ownership.taken_over(live(made), OURS["manager"]) == [
        {**made, "manager": OURS["manager"], "operation": "Apply"}
    ]


@pytest.mark.parametrize(
    "others",
    [
        (),
        (entry("controller", "Update", {}),),
        (entry("pulumi-kubernetes-2", "Apply", {}),),
        (entry("kubectl", "Update", {}, subresource="scale"),),
    ],
)
def test_what_others_wrote_stays_theirs(others: tuple[Body, ...]) -> None:
    assert ownership.taken_over(live(OURS, *others), OURS["manager"]) is None


def test_an_ignored_field_stays_as_it_is_or_with_its_owner() -> None:
    inputs = {"data": {"a": "new", "b": "new", "c": "new"}}
    theirs = entry("controller", "Update", {"f:data": {"f:b": {}}})
    found = ownership.without_ignored(
        inputs,
        live(OURS, theirs, data={"a": "old", "b": "old"}),
        OURS["manager"],
        ("data.a", "data.b", "data.c"),
    )
    assert found == {"data": {"a": "old", "c": "new"}}
    assert inputs["data"]["a"] == "new", "what is declared stays as it is"


def test_of_objects_of_one_shape_in_a_namespace_to_come_one_is_asked_about() -> None:
    def declared(namespace: str, **data: object) -> Body:
        return of("v1", "ConfigMap", metadata={"name": "x", "namespace": namespace}, data=data)

    known = StillToCome()
    known.answered(declared("later", a="1"))
    assert known.holds(declared("later", a="2"))
    assert not known.holds(declared("later", a=2)), "a number may be refused where a text is not"
    assert not known.holds(declared("later", b="1"))
    assert not known.holds(declared("other", a="1"))
    known.answered(declared("later", ports=[{"name": "a"}, {"name": "b"}]))
    assert known.holds(declared("later", ports=[{"name": "a"}]))
    assert not known.holds(declared("later", ports=[{"name": "a"}, {"name": "a"}])), (
        "one key twice is refused"
    )


def test_switches_come_as_text() -> None:
    assert with_switches({"enablePatchForce": "true", "kubeconfig": "true"}) == {
        "enablePatchForce": True,
        "kubeconfig": "true",
    }
    assert configured({"enablePatchForce": "true", "enableSecretMutable": "false"}) == Configuration(
        force=True
    )


def test_a_configuration_that_is_not_known_reaches_nothing() -> None:
    assert not configured({"kubeconfig": UNKNOWN}).known


def test_a_kubeconfig_is_in_no_message() -> None:
    assert "token" not in repr(configured({"kubeconfig": "token: hunter2\n"}))


def test_client_side_apply_is_refused() -> None:
    with pytest.raises(Refusal, match=r"enableServerSideApply false: .* Leave it out"):
        configured({"enableServerSideApply": False})
