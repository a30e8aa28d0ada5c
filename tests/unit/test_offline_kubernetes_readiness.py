"""When an object is ready, and what is told while it is not."""

from collections.abc import Mapping
from typing import Any

import pytest

from offline.kubernetes.readiness import standing
from offline.kubernetes.surroundings import standing as standing_among
from offline.kubernetes.troubles import LOG_LINES, last_words, of_pod, troubles

Body = dict[str, Any]


def of(api_version: str, kind: str, spec: Body, status: Body, **metadata: object) -> Body:
    named = {"name": "web", "namespace": "fate", "uid": "u", **metadata}
    return {"apiVersion": api_version, "kind": kind, "metadata": named, "spec": spec, "status": status}


def counts(number: int, *names: str, **more: object) -> Body:
    return dict.fromkeys(names, number) | more


ALL = ("replicas", "updatedReplicas", "availableReplicas")
QUOTA = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}


@pytest.mark.parametrize(
    ("spec", "status", "text"),
    [
        ({"replicas": 2}, counts(2, *ALL, observedGeneration=2), ""),
        ({"replicas": 2}, counts(2, *ALL, observedGeneration=1), "not looked at yet"),
        ({}, {"observedGeneration": 2}, "0 of 1 pods ready"),
        ({}, {"observedGeneration": 2, "conditions": [QUOTA]}, "0 of 1 pods ready: exceeded quota"),
        ({"replicas": 2}, counts(2, *ALL, observedGeneration=2, replicas=3), "1 old pods still there"),
        ({"replicas": 0}, {"observedGeneration": 2}, ""),
        ({"paused": True}, {}, ""),
    ],
)
def test_a_deployment_is_ready_when_its_newest_pods_are_and_the_old_ones_left(
    spec: Body, status: Body, text: str
) -> None:
    found = standing(of("apps/v1", "Deployment", spec, status, generation=2))
    assert (found.ready, found.text) == (not text, text)


SAME = {"currentRevision": "a", "updateRevision": "a", "observedGeneration": 1}
NEW = {**SAME, "updateRevision": "b"}


@pytest.mark.parametrize(
    ("spec", "status", "text"),
    [
        ({"replicas": 2}, counts(2, "readyReplicas", "updatedReplicas", **SAME), ""),
        ({"replicas": 2}, counts(1, "readyReplicas", "updatedReplicas", **SAME), "1 of 2 pods ready"),
        ({"replicas": 2}, {"readyReplicas": 2, "updatedReplicas": 1, **NEW}, "1 of 2 pods ready"),
        (
            {},
            counts(1, "readyReplicas", "updatedReplicas", **NEW),
            "the new revision is not the current one yet",
        ),
        ({"updateStrategy": {"type": "OnDelete"}}, {"readyReplicas": 1, **NEW}, ""),
        ({"replicas": 0}, {"observedGeneration": 1}, ""),
        ({}, {}, "not looked at yet"),
    ],
)
def test_a_stateful_set_is_ready_when_its_pods_are_of_one_revision(
    spec: Body, status: Body, text: str
) -> None:
    found = standing(of("apps/v1", "StatefulSet", spec, status, generation=1))
    assert (found.ready, found.text) == (not text, text)


@pytest.mark.parametrize(
    ("body", "ready", "failed"),
    [
        (of("batch/v1", "Job", {}, {"conditions": [{"type": "Complete", "status": "True"}]}), True, False),
        (of("batch/v1", "Job", {}, {"conditions": [{"type": "Failed", "status": "True"}]}), False, True),
        (of("batch/v1", "Job", {"suspend": True}, {}), True, False),
        (of("batch/v1", "Job", {}, {}), False, False),
        (of("v1", "Pod", {}, {"phase": "Succeeded"}), True, False),
        (of("v1", "Pod", {}, {"phase": "Failed"}), False, True),
        (of("v1", "Pod", {}, {"conditions": [{"type": "Ready", "status": "True"}]}), True, False),
        (of("v1", "PersistentVolumeClaim", {}, {"phase": "Bound"}), True, False),
        (of("v1", "PersistentVolumeClaim", {}, {"phase": "Lost"}), False, True),
        (of("networking.k8s.io/v1", "Ingress", {}, {}), False, False),
        (
            of("networking.k8s.io/v1", "Ingress", {}, {"loadBalancer": {"ingress": [{"ip": "a"}]}}),
            True,
            False,
        ),
        (of("apiextensions.k8s.io/v1", "CustomResourceDefinition", {}, {}), False, False),
        (of("apps/v1", "DaemonSet", {}, {"desiredNumberScheduled": 2, "numberAvailable": 1}), False, False),
        (of("apps/v1", "ReplicaSet", {}, {"availableReplicas": 1}), True, False),
        (of("v1", "ConfigMap", {}, {}), True, False),
        (of("v1", "Namespace", {}, {"phase": "Terminating"}), False, False),
    ],
)
def test_an_object_is_ready_when_it_does_what_it_was_made_for(body: Body, ready: bool, failed: bool) -> None:
    found = standing(body)
    assert (found.ready, found.failed) == (ready, failed)
    assert found.ready or found.text, "whoever waits is told for what"


class Around:
    """A cluster with these objects; others may not be seen."""

    def __init__(self, log: str = "", **objects: object) -> None:
        self.objects = objects
        self.log = log
        self.asked: list[Mapping[str, object]] = []
        self.server = self

    def look(self, api_version: str, kind: str, namespace: str, name: str = "", **query: str) -> Any:  # noqa: ANN401
        found = self.objects.get(kind)
        return {"items": found} if isinstance(found, list) else found

    def text(self, path: str, **query: object) -> str:
        self.asked.append({"path": path, **query})
        return self.log


@pytest.mark.parametrize(
    ("spec", "around", "ready"),
    [
        ({"selector": {"a": "b"}}, Around(EndpointSlice=[]), False),
        ({"selector": {"a": "b"}}, Around(EndpointSlice=[{"endpoints": [{}]}]), True),
        (
            {"selector": {"a": "b"}},
            Around(EndpointSlice=[{"endpoints": [{"conditions": {"ready": False}}]}]),
            False,
        ),
        ({"selector": {"a": "b"}}, Around(), True),
        ({"selector": {"a": "b"}, "clusterIP": "None"}, Around(EndpointSlice=[]), True),
        ({"type": "ExternalName"}, Around(), True),
        ({"type": "LoadBalancer"}, Around(), False),
        ({}, Around(), True),
    ],
)
def test_a_service_is_ready_when_a_pod_is_behind_it(spec: Body, around: Any, ready: bool) -> None:  # noqa: ANN401
    assert standing_among(around, of("v1", "Service", spec, {})).ready is ready


LATE = {"volumeBindingMode": "WaitForFirstConsumer", "metadata": {}}
AT_ONCE = {"volumeBindingMode": "Immediate", "metadata": {}}
DEFAULT = {"metadata": {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}


@pytest.mark.parametrize(
    ("spec", "around", "ready"),
    [
        ({"storageClassName": "local"}, Around(StorageClass=LATE), True),
        ({"storageClassName": "fast"}, Around(StorageClass=AT_ONCE), False),
        ({"storageClassName": "gone"}, Around(), False),
        ({"storageClassName": ""}, Around(), False),
        ({}, Around(StorageClass=[{**LATE, **DEFAULT}]), True),
        ({}, Around(StorageClass=[LATE]), False),
        ({}, Around(), True),
    ],
)
def test_a_claim_that_waits_for_its_first_pod_is_not_waited_for(
    spec: Body,
    around: Any,  # noqa: ANN401
    ready: bool,
) -> None:
    claim = of("v1", "PersistentVolumeClaim", spec, {"phase": "Pending"})
    assert standing_among(around, claim).ready is ready


def pod(*containers: Body, **status: object) -> Body:
    return of("v1", "Pod", {}, {"containerStatuses": list(containers), **status}, name="web-1")


def waiting(reason: str, message: str = "", **more: object) -> Body:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"name": "web", "ready": False, "state": state, **more}


ENDED: Body = {"lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (pod(waiting("ErrImagePull", "no such image")), "web-1/web: ErrImagePull: no such image"),
        (
            pod(waiting("CrashLoopBackOff", "back-off", **ENDED)),
            "web-1/web: CrashLoopBackOff: it ended with exit code 137 (OOMKilled)",
        ),
        (pod(waiting("ContainerCreating")), "web-1/web: ContainerCreating"),
        (
            pod(
                conditions=[
                    {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "x"}
                ]
            ),
            "web-1: Unschedulable: x",
        ),
        (
            pod({"name": "web", "ready": False, "state": {"running": {}}, "started": True}),
            "web-1/web: runs, but is not ready yet",
        ),
        (pod({"name": "web", "ready": True, "state": {"running": {}}}), ""),
    ],
)
def test_a_pod_s_trouble_is_told_in_its_own_words(body: Body, told: str) -> None:
    assert "; ".join(map(str, of_pod(body))) == told


def test_what_could_not_be_made_is_told_by_its_last_event() -> None:
    event = {"type": "Warning", "reason": "FailedCreate", "message": "exceeded quota", "lastTimestamp": "2"}
    old = {**event, "message": "old", "lastTimestamp": "1"}
    around: Any = Around(Pod=[], Event=[event, old, {"type": "Normal"}])
    body = of("apps/v1", "StatefulSet", {"selector": {"matchLabels": {"a": "b"}}}, {})
    assert [str(each) for each in troubles(around, body)] == ["web: FailedCreate: exceeded quota"]


def test_the_log_of_a_container_that_fails_is_told_and_never_more_of_it() -> None:
    crashing = waiting("CrashLoopBackOff", restartCount=2, **ENDED)
    around: Any = Around(log="\n".join(map(str, range(50))))
    told = last_words(around, pod(crashing))
    assert told.startswith("\nThe log of web-1/web ends with:\n30\n")
    assert len(told.strip().splitlines()) == LOG_LINES + 1
    assert around.asked[0]["previous"] == "true", "the container that would run now has no log yet"


def test_pods_that_leave_are_not_looked_at() -> None:
    leaving = pod(waiting("ErrImagePull"))
    leaving["metadata"]["deletionTimestamp"] = "now"
    around: Any = Around(Pod=[leaving])
    assert troubles(around, of("apps/v1", "Deployment", {"selector": {"matchLabels": {"a": "b"}}}, {})) == []
