"""When an object is ready, and what is told while it is not."""

from typing import Any

import pytest

from offline.kubernetes.readiness import (
    NO_PODS,
    NO_ROLLOUT,
    TOO_FEW_PODS,
    deployment,
    deployment_at_a_glance,
    ingress,
    of_pod,
    stateful_set,
    troubles,
)
from offline.kubernetes.waiting import ServiceState, claim_stands

Body = dict[str, Any]


def of(api_version: str, kind: str, spec: Body, status: Body, **metadata: object) -> Body:
    named = {"name": "web", "namespace": "fate", "uid": "u", **metadata}
    return {"apiVersion": api_version, "kind": kind, "metadata": named, "spec": spec, "status": status}


def counts(number: int, *names: str, **more: object) -> Body:
    return dict.fromkeys(names, number) | more


ALL = ("replicas", "updatedReplicas", "availableReplicas")
FIRST = {"annotations": {"deployment.kubernetes.io/revision": "1"}}
AVAILABLE = {"type": "Available", "status": "True"}
UNAVAILABLE = {"type": "Available", "status": "False", "reason": "Too", "message": "few"}
DONE = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}


@pytest.mark.parametrize(
    ("spec", "status", "ready"),
    [
        ({"replicas": 2}, counts(2, *ALL, observedGeneration=2), True),
        ({"replicas": 2}, counts(2, *ALL, observedGeneration=1), False),
        ({}, {"observedGeneration": 2}, False),
        ({"replicas": 2}, counts(2, *ALL, observedGeneration=2) | {"replicas": 3}, False),
        ({"replicas": 0}, {"observedGeneration": 2}, True),
    ],
)
def test_a_deployment_is_ready_when_its_newest_pods_are_and_the_old_ones_left(
    spec: Body, status: Body, ready: bool
) -> None:
    assert deployment(of("apps/v1", "Deployment", spec, status, generation=2)).ready is ready


def test_a_deployment_that_is_looked_at_may_tell_of_an_earlier_version() -> None:
    live = of("apps/v1", "Deployment", {}, counts(1, *ALL, observedGeneration=1), generation=2)
    assert deployment_at_a_glance(live).ready
    assert not deployment(live).ready


@pytest.mark.parametrize(
    ("metadata", "conditions", "reasons"),
    [
        ({}, [], (NO_PODS,)),
        ({}, [UNAVAILABLE], ("[Too] few", NO_PODS)),
        (FIRST, [AVAILABLE], (TOO_FEW_PODS,)),
        ({}, [AVAILABLE], (TOO_FEW_PODS,)),
        ({}, [AVAILABLE, DONE], (NO_ROLLOUT,)),
    ],
)
def test_a_deployment_s_reasons_are_the_official_plugin_s(
    metadata: Body, conditions: list[Body], reasons: tuple[str, ...]
) -> None:
    found = deployment(of("apps/v1", "Deployment", {}, {"conditions": conditions}, **metadata))
    assert found.reasons == reasons


PODS = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas")
SAME = {"currentRevision": "a", "updateRevision": "a", "observedGeneration": 2}
NEW = {**SAME, "updateRevision": "b"}
BY_HAND = {"updateStrategy": {"type": "OnDelete"}}


@pytest.mark.parametrize(
    ("spec", "status", "reason"),
    [
        ({"replicas": 2}, counts(2, *PODS, **SAME), ""),
        ({"replicas": 2}, counts(1, *PODS, **SAME), "1 out of 2 replicas succeeded readiness checks"),
        ({}, counts(1, *PODS, **NEW), 'failed to advance from revision "a" to revision "b"'),
        (BY_HAND, counts(1, "replicas", "readyReplicas", **NEW), ""),
        ({"replicas": 0}, SAME, ""),
        ({}, {}, "0 out of 1 replicas"),
    ],
)
def test_a_stateful_set_is_ready_when_its_pods_are_of_one_revision(
    spec: Body, status: Body, reason: str
) -> None:
    found = stateful_set(of("apps/v1", "StatefulSet", spec, status, generation=2))
    assert found.ready is (not reason)
    assert reason in "".join(found.reasons)


def test_an_ingress_waits_for_an_address() -> None:
    assert not ingress(of("networking.k8s.io/v1", "Ingress", {}, {})).ready
    given = {"loadBalancer": {"ingress": [{"ip": "a"}]}}
    assert ingress(of("networking.k8s.io/v1", "Ingress", {}, given)).ready


class Around:
    """A cluster with these objects; others may not be seen."""

    def __init__(self, **objects: object) -> None:
        self.objects = objects

    def look(self, api_version: str, kind: str, namespace: str, name: str = "") -> Any:  # noqa: ANN401
        found = self.objects.get(kind)
        return {"items": found} if isinstance(found, list) else found


READY_POD = {"metadata": {"resourceVersion": "1"}, "subsets": [{"addresses": [{}]}]}
UNREADY_POD = {"metadata": {"resourceVersion": "1"}, "subsets": [{"notReadyAddresses": [{}]}]}
NO_POD = {"metadata": {"resourceVersion": "1"}}
CHOOSING = {"selector": {"a": "b"}}


@pytest.mark.parametrize(
    ("spec", "around", "works"),
    [
        (CHOOSING, Around(Endpoints=READY_POD), True),
        (CHOOSING, Around(Endpoints=UNREADY_POD), False),
        (CHOOSING, Around(Endpoints=NO_POD), True),
        ({**CHOOSING, "clusterIP": "None"}, Around(Endpoints=UNREADY_POD), True),
        ({"type": "ExternalName"}, Around(), True),
        ({"type": "LoadBalancer"}, Around(), False),
        ({}, Around(), True),
    ],
)
def test_a_service_works_unless_a_pod_behind_it_is_unready(spec: Body, around: Any, works: bool) -> None:  # noqa: ANN401
    assert ServiceState(around, of("v1", "Service", spec, {})).works is works


def test_a_service_that_chooses_pods_is_ready_only_after_a_while() -> None:
    around: Any = Around(Endpoints=READY_POD)
    assert not ServiceState(around, of("v1", "Service", CHOOSING, {})).settled
    assert ServiceState(around, of("v1", "Service", {}, {})).settled


@pytest.mark.parametrize(
    ("mode", "phase", "is_new", "stands"),
    [
        ("WaitForFirstConsumer", "Pending", True, True),
        ("WaitForFirstConsumer", "Bound", True, False),
        ("WaitForFirstConsumer", "Bound", False, True),
        ("Immediate", "Pending", True, False),
        ("Immediate", "Bound", True, True),
    ],
)
def test_a_claim_that_waits_for_its_first_pod_is_not_waited_for(
    mode: str, phase: str, is_new: bool, stands: bool
) -> None:
    around: Any = Around(StorageClass={"volumeBindingMode": mode})
    claim = of("v1", "PersistentVolumeClaim", {"storageClassName": "local"}, {"phase": phase})
    assert claim_stands(around, claim, is_new) is stands


def pod(*containers: Body, message: str = "", **conditions: str) -> Body:
    given = [
        {"type": kind, "status": status, "reason": "Why", "message": message}
        for kind, status in conditions.items()
    ]
    return of("v1", "Pod", {}, {"conditions": given, "containerStatuses": list(containers)}, name="web-1")


def waiting(reason: str, message: str = "", **more: object) -> Body:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"name": "web", "ready": False, "state": state, **more}


ENDED: Body = {"lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "now"}}}
STARTED = {"PodScheduled": "True", "Initialized": "True"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            pod(waiting("ErrImagePull", "none"), message="unready: [web]", **STARTED, Ready="False"),
            "[Pod fate/web-1]: unready: [web][ErrImagePull] none",
        ),
        (
            pod(waiting("CrashLoopBackOff", "back-off", **ENDED), **STARTED, Ready="False"),
            "[Pod fate/web-1]: [CrashLoopBackOff] back-off\n"
            'container "web" terminated at now (OOMKilled: exit code 137)',
        ),
        (pod(waiting("ContainerCreating"), **STARTED, Ready="False"), ""),
        (pod(message="no room", PodScheduled="False"), ""),
        (pod(**STARTED, Ready="True"), ""),
        (pod(), ""),
    ],
)
def test_a_pod_s_trouble_is_told_in_its_own_words(body: Body, told: str) -> None:
    assert of_pod(body) == told


def test_only_the_newest_pods_of_a_deployment_are_asked() -> None:
    def owned(kind: str, uid: str, owner: str, revision: str, **status: object) -> Body:
        notes = {"deployment.kubernetes.io/revision": revision}
        owners = [{"uid": owner}]
        body = of("v1", kind, {}, dict(status), uid=uid, annotations=notes, ownerReferences=owners)
        return {**body, "status": pod(waiting("ErrImagePull", uid), **STARTED, Ready="False")["status"]}

    around: Any = Around(
        ReplicaSet=[owned("ReplicaSet", "old", "u", "1"), owned("ReplicaSet", "new", "u", "2")],
        Pod=[owned("Pod", "p1", "old", ""), owned("Pod", "p2", "new", "")],
    )
    live = of("apps/v1", "Deployment", {}, {}, annotations={"deployment.kubernetes.io/revision": "2"})
    assert troubles(around, live) == ["[Pod fate/web]: [ErrImagePull] p2"]
