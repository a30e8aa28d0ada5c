"""The plan takes the decisions that Pulumi's engine takes, on small graphs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diff.values import UNKNOWN
from ops.preview.dangers import dangers_in
from ops.preview.property_changes import changes_in
from ops.preview.resource import Resource
from ops.preview.seal import Secret
from ops.preview.steps import Operation, Plan, Step

CONTAINER = "docker:index/container:Container"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"
PARTY = "urn:pulumi:s::p::fate:index:Party::party-9999"
LOSSES = {"gateway": "its peers cannot reach it meanwhile"}


def resource(kind: str, name: str, inputs: Mapping[str, Any], **options: Any) -> Resource:  # noqa: ANN401
    urn = f"urn:pulumi:s::p::fate:index:Party${kind}::party-9999-{name}"
    return Resource(urn, kind, f"party-9999-{name}", PARTY, True, inputs, **options)


def steps(before: list[Resource], after: list[Resource]) -> list[Step]:
    plan = Plan({found.urn: found for found in before})
    for wanted in after:
        plan.register(wanted)
    return plan.finish()


def operations(before: list[Resource], after: list[Resource]) -> dict[str, str]:
    return {s.resource.name.removeprefix("party-9999-"): str(s.operation) for s in steps(before, after)}


NET = resource(NETWORK, "network", {"name": "n"}, delete_before_replace=True)
RUNNING = resource(
    CONTAINER,
    "database",
    {"name": "c", "image": "i", "networksAdvanced": [{"name": "n"}]},
    property_dependencies={"networksAdvanced": (NET.urn,)},
)


def test_what_is_as_it_was_stays() -> None:
    assert operations([NET, RUNNING], [NET, RUNNING]) == {"network": "same", "database": "same"}


def test_the_order_of_registration_changes_nothing_that_is_shown() -> None:
    many = [resource(VOLUME, f"data-{number}", {"name": "v", "labels": {}}) for number in (10, 9, 2)]
    shown = [step.resource.name for step in steps([], many)]
    assert shown == [f"party-9999-data-{number}" for number in (2, 9, 10)]
    assert shown == [step.resource.name for step in steps([], many[::-1])]


def test_the_order_of_an_elements_fields_changes_nothing_that_is_shown() -> None:
    rows = [{"host": "b", "ip": "1"}, {"ip": "1", "host": "b"}]
    changed = (
        steps([RUNNING], [replace(RUNNING, inputs={**RUNNING.inputs, "hosts": [row]})]) for row in rows
    )
    one, other = ([change.path for change in changes_in(step)] for (step,) in changed)
    assert one == other


def test_a_default_that_is_written_out_is_no_change() -> None:
    spelt = replace(RUNNING, inputs={**RUNNING.inputs, "mustRun": True, "networkMode": "bridge"})
    assert operations([RUNNING], [spelt]) == {"database": "same"}


def test_dependents_go_with_what_is_deleted_before_it_is_replaced() -> None:
    moved = replace(NET, inputs={"name": "n", "internal": True})
    assert operations([NET, RUNNING], [moved, RUNNING]) == {"network": "replace", "database": "replace"}


def test_dependents_stay_with_what_the_program_has_made_before_the_old_one_goes() -> None:
    unsaid = replace(NET, delete_before_replace=None)
    moved = replace(unsaid, inputs={"name": "n", "internal": True})
    assert operations([unsaid, RUNNING], [moved, RUNNING])["database"] == "replace", "the plugin says so"
    kept = replace(moved, delete_before_replace=False)
    assert operations([unsaid, RUNNING], [kept, RUNNING])["database"] == "same"


def test_dependents_that_only_wait_stay() -> None:
    waiting = replace(RUNNING, property_dependencies={}, dependencies=(NET.urn,))
    moved = replace(NET, inputs={"name": "n", "internal": True})
    assert operations([NET, waiting], [moved, waiting])["database"] == "same"


def test_an_input_that_is_not_known_yet_replaces_what_cannot_change_in_place() -> None:
    pending = replace(RUNNING, inputs={**RUNNING.inputs, "image": UNKNOWN})
    assert operations([RUNNING], [pending]) == {"database": "replace"}


def test_an_alias_keeps_a_resource() -> None:
    renamed = replace(RUNNING, urn=RUNNING.urn + "-new", aliases=(RUNNING.urn,))
    assert operations([RUNNING], [renamed]) == {"database": "same"}


def test_a_renamed_parent_takes_its_children_along() -> None:
    was = Resource(PARTY, "fate:index:Party", "party-9999", "", False, {})
    will = replace(was, urn=PARTY.replace("9999", "7"), name="party-7", aliases=(PARTY,))
    child = replace(RUNNING, urn=RUNNING.urn.replace("9999", "7"), name="party-7-database", parent=will.urn)
    assert [step.operation for step in steps([was, RUNNING], [will, child])] == [Operation.SAME] * 2


def test_a_property_that_is_to_be_ignored_changes_nothing() -> None:
    other = replace(RUNNING, inputs={**RUNNING.inputs, "image": "j"}, ignore_changes=("image",))
    assert operations([RUNNING], [other]) == {"database": "same"}


def test_a_property_that_is_to_replace_does() -> None:
    other = replace(RUNNING, inputs={**RUNNING.inputs, "memory": 1}, replace_on_changes=("memory",))
    assert operations([RUNNING], [other]) == {"database": "replace"}


def claim(size: str = "1Gi", **spec: object) -> Resource:
    whole = {"resources": {"requests": {"storage": size}}, **spec}
    body = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": whole}
    named = {**body, "metadata": {"name": "database", "namespace": "n"}}
    return resource("kubernetes:core/v1:PersistentVolumeClaim", "database", named, retain_on_delete=True)


def test_only_what_is_named_inside_of_a_property_is_ignored() -> None:
    left_alone = ("spec.storageClassName",)
    other = replace(claim(storageClassName="b"), ignore_changes=left_alone)
    larger = replace(claim("2Gi", storageClassName="b"), ignore_changes=left_alone)
    assert operations([claim(storageClassName="a")], [other]) == {"database": "same"}
    assert operations([claim(storageClassName="a")], [larger]) == {"database": "update"}


def test_only_what_is_named_inside_of_a_property_replaces() -> None:
    other = replace(claim("2Gi"), replace_on_changes=("spec.volumeName",))
    assert operations([claim()], [other]) == {"database": "update"}
    other = replace(claim("2Gi"), replace_on_changes=("spec.resources",))
    assert operations([claim()], [other]) == {"database": "replace"}


def test_a_workload_is_replaced_with_its_claims() -> None:
    held = replace(RUNNING, urn=f"{RUNNING.urn}-held", replace_with=(claim().urn,))
    (_, step) = steps([claim(storageClassName="a"), held], [claim(storageClassName="b"), held])
    assert step.operation is Operation.REPLACE


@pytest.mark.parametrize(
    ("more", "operation"),
    [
        ({"cpus": "1.5"}, "replace"),
        ({"memory": 64}, "update"),
        ({"init": True}, "update"),
        ({"healthcheck": {"tests": ["CMD", "true"], "interval": "5s"}}, "update"),
        ({"ports": [{"internal": 80, "external": 8080, "ip": "127.0.0.1", "protocol": "tcp"}]}, "same"),
        ({"ports": [{"internal": 80, "external": 8080, "ip": "127.0.0.1", "protocol": "udp"}]}, "replace"),
    ],
)
def test_a_container_changes_as_the_official_plugin_tells(more: dict[str, Any], operation: str) -> None:
    ports = [{"internal": 80, "external": 8080, "ip": "127.0.0.1"}]
    was = replace(RUNNING, inputs={**RUNNING.inputs, "ports": ports})
    assert operations([was], [replace(was, inputs={**was.inputs, **more})]) == {"database": operation}


def test_what_an_engine_fills_in_may_be_written_out() -> None:
    spelt = replace(NET, inputs={**NET.inputs, "driver": "bridge"})
    assert operations([NET], [spelt]) == {"network": "same"}


def test_a_label_that_the_plugin_sets_itself_is_no_change() -> None:
    def labelled(manager: str) -> Resource:
        metadata = {"name": "a", "labels": {"app.kubernetes.io/managed-by": manager}}
        body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
        return resource("kubernetes:core/v1:ServiceAccount", "account", body)

    assert operations([labelled("pulumi")], [labelled("us")]) == {"account": "same"}


def test_content_that_is_secret_as_a_whole_is_told_as_changed_and_never_shown() -> None:
    def secret(digest: str) -> Resource:
        body = {"apiVersion": "v1", "kind": "Secret", "data": Secret(digest)}
        return resource("kubernetes:core/v1:Secret", "database-secrets", body)

    (step,) = steps([secret("aaaa")], [secret("bbbb")])
    (change,) = changes_in(step)
    assert (change.path, change.old, change.new) == ("data", "[secret]", "[another secret]")


names = st.sampled_from(["a", "b", "c", "d"])


@given(st.sets(names), st.sets(names))
def test_what_only_one_side_has_is_created_or_deleted(before: set[str], after: set[str]) -> None:
    told = operations(
        [resource(VOLUME, name, {"name": name}) for name in sorted(before)],
        [resource(VOLUME, name, {"name": name}) for name in sorted(after)],
    )
    wanted = dict.fromkeys(before & after, "same")
    wanted |= dict.fromkeys(after - before, "create") | dict.fromkeys(before - after, "delete")
    assert told == wanted


def told(before: list[Resource], after: list[Resource]) -> list[str]:
    return [f"{danger.hazard}: {danger.sentence}" for danger in dangers_in(steps(before, after), LOSSES)]


def test_a_claim_of_another_class_is_told_as_data_lost_from_sight() -> None:
    (danger,) = told([claim(storageClassName="a")], [claim(storageClassName="b")])
    assert danger.startswith("data-loss: the data of database of {where} stay")


def test_a_larger_claim_is_no_danger() -> None:
    assert told([claim("1Gi")], [claim("2Gi")]) == []


def test_a_volume_of_secrets_holds_no_data() -> None:
    assert told([resource(VOLUME, "database-secrets-volume", {"name": "x"})], []) == []


def test_a_protected_volume_is_told_as_a_refusal() -> None:
    volume = resource(VOLUME, "database", {"name": "x"}, protect=True)
    assert any(danger.startswith("refused: ") for danger in told([volume], []))


def published(ip: str) -> Resource:
    return resource(CONTAINER, "gateway", {"image": "i", "ports": [{"internal": 1, "external": 2, "ip": ip}]})


def test_only_a_port_beyond_loopback_is_told_as_open() -> None:
    assert told([], [published("127.0.0.1")]) == []
    assert told([], [published("0.0.0.0")]) == [
        "exposure: gateway of {where} opens port 2 at 0.0.0.0: other machines can connect"
    ]


def test_a_node_port_and_a_load_balancer_are_told_as_open() -> None:
    def service(name: str, kind: str) -> Resource:
        spec = {"type": kind, "ports": [{"port": 80, "nodePort": 30080}]}
        return resource("kubernetes:core/v1:Service", name, {"spec": spec})

    opened = told([], [service("gateway-peers", "NodePort"), service("broker-peers", "LoadBalancer")])
    assert [danger.partition(":")[0] for danger in opened] == ["exposure", "exposure"]
    assert "opens port 30080 at every node" in opened[1]
    assert "opens port 80 at a load balancer, for everybody" in opened[0]


def test_a_rolling_workload_is_told_as_a_restart() -> None:
    def workload(annotation: str) -> Resource:
        template = {"metadata": {"annotations": {"files": annotation}}}
        body = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": template}}
        return resource("kubernetes:apps/v1:Deployment", "gateway", body)

    (danger,) = told([workload("a")], [workload("b")])
    assert danger == "restart: gateway of {where} restarts: its peers cannot reach it meanwhile"


def uploads(*files: tuple[str, object]) -> Resource:
    listed = [{"file": name, "content": text} for name, text in files]
    return resource(CONTAINER, "gateway", {"image": "i", "uploads": listed})


def test_a_changed_file_is_told_by_its_lines_and_its_name() -> None:
    (step,) = steps([uploads(("/a", "one\ntwo\n"))], [uploads(("/a", "one\n2\n"))])
    (change,) = changes_in(step)
    assert change.path == "uploads[/a].content"
    assert change.lines[1:] == (" one", "-two", "+2")


def test_a_file_that_only_moves_in_the_list_is_not_told() -> None:
    first, second = ("/a", "x"), ("/b", "y")
    (step,) = steps([uploads(first, second)], [uploads(("/0", "z"), first, second)])
    assert [change.path for change in changes_in(step)] == ["uploads[/0].content", "uploads[/0].file"]


def test_a_secret_is_told_as_changed_and_never_shown() -> None:
    (step,) = steps([uploads(("/a", Secret("digest-1")))], [uploads(("/a", Secret("digest-2")))])
    (change,) = changes_in(step)
    assert (change.old, change.new) == ("[secret]", "[another secret]")
