"""What somebody added to an object in a cluster is found; what the API server fills in is not."""

import copy
from typing import Any

import pytest

from ops.doctor.kubernetes_additions import additions

Body = dict[str, Any]


def workload(**container: Any) -> Body:  # noqa: ANN401 - JSON
    own = {"name": "gateway", "image": "i", **container}
    return {"spec": {"template": {"spec": {"containers": [own], "volumes": [{"name": "files"}]}}}}


def policy(**spec: Any) -> Body:  # noqa: ANN401 - JSON
    return {"spec": {"podSelector": {}, "policyTypes": ["Ingress"], **spec}}


POD = "/spec/template/spec"
RULE = {"ports": [{"port": 80}]}
DECLARED = workload(env=[{"name": "A", "value": "1"}])
ADDED: dict[str, tuple[str, Body, Body, list[tuple[str, str]]]] = {
    "a variable": (
        "Deployment",
        DECLARED,
        workload(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "s3cret"}]),
        [(f"{POD}/containers/0/env/1", "environment variable B in container gateway")],
    ),
    "a variable before ours": (
        "Deployment",
        DECLARED,
        workload(env=[{"name": "B"}, {"name": "A", "value": "1"}]),
        [(f"{POD}/containers/0/env/0", "environment variable B in container gateway")],
    ),
    "a variable where we declare none": (
        "StatefulSet",
        workload(),
        workload(env=[{"name": "B"}]),
        [(f"{POD}/containers/0/env/0", "environment variable B in container gateway")],
    ),
    "a source of variables": (
        "Deployment",
        workload(),
        workload(envFrom=[{"configMapRef": {"name": "x"}}]),
        [(f"{POD}/containers/0/envFrom/0", "a source of environment variables in container gateway")],
    ),
    "a mount": (
        "Deployment",
        workload(volumeMounts=[{"mountPath": "/a"}]),
        workload(volumeMounts=[{"mountPath": "/a", "readOnly": False}, {"mountPath": "/b"}]),
        [(f"{POD}/containers/0/volumeMounts/1", "mount /b in container gateway")],
    ),
    "a key": (
        "ConfigMap",
        {"data": {"a": "1"}},
        {"data": {"a": "1", "b/c~d": "2"}, "binaryData": {"e": "Zg=="}},
        [("/data/b~1c~0d", "key b/c~d"), ("/binaryData/e", "key e")],
    ),
    "a rule": (
        "NetworkPolicy",
        policy(ingress=[RULE]),
        policy(ingress=[{"ports": [{"port": 80, "protocol": "TCP"}, {"port": 22}]}, {}]),
        [
            ("/spec/ingress/0/ports/1", "rule ingress/0/ports/1"),
            ("/spec/ingress/1", "rule ingress/1"),
        ],
    ),
    "a rule where we declare none": (
        "NetworkPolicy",
        policy(),
        policy(egress=[{}]),
        [("/spec/egress/0", "rule egress/0")],
    ),
    "a selector where ours is empty, and so means all pods": (
        "NetworkPolicy",
        policy(),
        policy(podSelector={"matchLabels": {"none": "x"}}),
        [("/spec/podSelector/matchLabels", "rule podSelector/matchLabels")],
    ),
}


@pytest.mark.parametrize(("kind", "declared", "live", "found"), ADDED.values(), ids=ADDED.keys())
def test_an_addition_is_found(kind: str, declared: Body, live: Body, found: list[tuple[str, str]]) -> None:
    assert [(one.pointer, one.what) for one in additions(kind, declared, live)] == found


@pytest.mark.parametrize("key", ["containers", "initContainers", "volumes"])
def test_an_element_too_many_of_a_pod_is_found(key: str) -> None:
    live = copy.deepcopy(DECLARED)
    live["spec"]["template"]["spec"].setdefault(key, []).append({"name": "strange"})
    (one,) = additions("Deployment", DECLARED, live)
    assert one.what.endswith(" strange")
    assert one.value == {"name": "strange"}


def test_no_value_of_an_addition_is_told() -> None:
    _, declared, live, _ = ADDED["a variable"]
    assert "s3cret" not in next(one.what for one in additions("Deployment", declared, live))


def test_what_the_api_server_fills_in_is_no_addition() -> None:
    live = copy.deepcopy(DECLARED)
    live["status"] = {"replicas": 1}
    pod = live["spec"]["template"]["spec"]
    pod |= {"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler"}
    pod["containers"][0] |= {"terminationMessagePath": "/dev/termination-log", "imagePullPolicy": "Always"}
    live["metadata"] = {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}, "labels": {"a": "b"}}
    assert list(additions("Deployment", DECLARED, live)) == []
