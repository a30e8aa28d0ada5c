"""A service's state is told from its pods, and the worst of them speaks for all."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.doctor.kubernetes_pods import NOTE_LENGTH, best, living, state, worst
from ops.doctor.symptoms import Symptom
from tests.unit.doctor_pods import (
    LATER,
    MADE,
    STARTED,
    condition,
    container,
    pod,
    running,
    terminated,
    unready,
    waiting,
)

BACK_OFF = waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container")
CLAIM = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
CROWDED = "0/1 nodes are available: 1 Insufficient memory."


def unscheduled(message: str) -> dict[str, Any]:
    return pod(
        phase="Pending", containerStatuses=[], conditions=[condition("PodScheduled", "False", message)]
    )


IN_VAIN = {
    "image": (
        pod(container(waiting("ImagePullBackOff", 'Back-off pulling image "fate/nginx@sha256:0"'))),
        Symptom.IMAGE_NOT_PULLED,
        'gateway: ImagePullBackOff: Back-off pulling image "fate/nginx@sha256:0"',
    ),
    "secret": (
        pod(container(waiting("CreateContainerConfigError", 'secret "passwords" not found'))),
        Symptom.CONTAINER_NOT_MADE,
        'gateway: CreateContainerConfigError: secret "passwords" not found',
    ),
    "crash": (
        pod(container(BACK_OFF, restartCount=3, lastState=terminated(1, message="no route\nto host"))),
        Symptom.CRASHES,
        "gateway ended 4 times, at last with exit code 1: no route to host",
    ),
    "first crash": (
        pod(container(terminated(78))),
        Symptom.CRASHES,
        "gateway ended once with exit code 78",
    ),
    "memory": (
        pod(container(BACK_OFF, restartCount=1, lastState=terminated(137, "OOMKilled"))),
        Symptom.MEMORY_EXCEEDED,
        "gateway ended 2 times, at last with exit code 137, killed for want of memory",
    ),
    "command": (
        pod(container(BACK_OFF, lastState=terminated(128, "StartError", message="exec: not found"))),
        Symptom.CONTAINER_NOT_MADE,
        "gateway ended once with exit code 128: exec: not found",
    ),
    "init": (
        pod(
            container(waiting("PodInitializing")),
            phase="Pending",
            initContainerStatuses=[container(terminated(2), "configuration")],
        ),
        Symptom.CRASHES,
        "configuration ended once with exit code 2",
    ),
    "crowded": (unscheduled(CROWDED), Symptom.UNSCHEDULABLE, f"no node takes it: {CROWDED}"),
    "claim": (unscheduled(CLAIM), Symptom.CLAIM_UNBOUND, f"no node takes it: {CLAIM}"),
    "evicted": (
        pod(phase="Failed", reason="Evicted", message="The node was low on resource: memory."),
        None,
        "Evicted: The node was low on resource: memory.",
    ),
    "failed": (pod(container(terminated(1)), phase="Failed"), None, "Failed, exit code 1"),
}


@pytest.mark.parametrize("case", IN_VAIN)
def test_what_keeps_a_pod_from_running_is_told_and_not_waited_for(case: str) -> None:
    told, symptom, note = IN_VAIN[case]
    seen = state(told)
    assert (seen.running, seen.health, seen.symptom, seen.note) == (False, None, symptom, note)


@pytest.mark.parametrize(
    ("told", "note"),
    [
        (pod(phase="Pending", containerStatuses=[]), "Pending"),
        (pod(container(waiting("ContainerCreating")), phase="Pending"), "Pending, ContainerCreating"),
        (
            pod(
                container(waiting("PodInitializing")),
                phase="Pending",
                initContainerStatuses=[container(running(), "configuration")],
            ),
            "Pending, PodInitializing",
        ),
        (pod(container(terminated(0, "Completed"))), "Pending"),
    ],
    ids=["new", "volumes", "init", "between two runs"],
)
def test_a_pod_on_its_way_may_be_waited_for(told: dict[str, Any], note: str) -> None:
    seen = state(told)
    assert (seen.running, seen.health, seen.symptom, seen.note) == (False, "starting", None, note)


def test_a_ready_pod_is_healthy_since_its_containers_start() -> None:
    seen = state(pod(container(running(LATER), restartCount=2, lastState=terminated(137, "OOMKilled"))))
    assert (seen.running, seen.health, seen.symptom) == (True, "healthy", None)
    assert seen.started == datetime(2026, 1, 2, 0, 10, tzinfo=UTC), "not since the pod was made"
    assert seen.note == "ended before with exit code 137, killed for want of memory, started anew 2 times"


def test_a_pod_that_was_never_ready_is_starting_and_one_that_no_longer_is_unhealthy() -> None:
    assert state(unready(lost=MADE)).health == "starting"
    assert state(unready(lost=LATER, started=False)).health == "starting", "its startup probe has not passed"
    assert state(unready(lost=LATER)).health == "unhealthy"
    assert state(unready(lost=LATER)).note == "containers with unready status: [gateway]"


def test_a_sidecar_that_is_not_ready_makes_its_pod_not_ready() -> None:
    told = pod(container(running()), container(running(), "proxy", ready=False))
    assert state(told).health == "starting"


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_worst_of_several_pods_is_told_with_the_newest_start(order: tuple[int, ...]) -> None:
    pods = [pod(), unready(lost=MADE), unready(lost=LATER), IN_VAIN["image"][0]]
    pods[0]["status"]["containerStatuses"][0]["state"] = running(LATER)
    told = worst([pods[place] for place in order])
    assert told.symptom is Symptom.IMAGE_NOT_PULLED
    assert told.started - datetime(2026, 1, 2, tzinfo=UTC) == timedelta(minutes=10)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_ready_pod_is_asked_rather_than_any_other(order: tuple[int, ...]) -> None:
    pods = [pod(name="ready"), unready(lost=MADE), IN_VAIN["crash"][0]]
    assert best([pods[place] for place in order])["metadata"]["name"] == "ready"


def test_pods_that_go_away_and_ended_ones_that_were_replaced_do_not_count() -> None:
    going = pod(name="going")
    going["metadata"]["deletionTimestamp"] = STARTED
    evicted = pod(name="evicted", phase="Failed", reason="Evicted")
    assert [p["metadata"]["name"] for p in living([going, evicted, pod(name="new")])] == ["new"]
    assert living([going, evicted]) == [evicted], "without another one it is what there is to tell"
    assert living([going]) == []


STATES = st.one_of(
    st.just(running()),
    st.builds(waiting, st.sampled_from(["CrashLoopBackOff", "ErrImagePull", "ContainerCreating", "New"])),
    st.builds(terminated, st.integers(0, 255), st.sampled_from(["Error", "OOMKilled", "Completed"])),
)
PODS = st.builds(
    pod,
    st.builds(container, STATES, ready=st.booleans(), restartCount=st.integers(0, 9), lastState=STATES),
    phase=st.sampled_from(["Pending", "Running", "Failed", "Succeeded", "Unknown"]),
    conditions=st.lists(
        st.builds(condition, st.sampled_from(["Ready", "PodScheduled"]), st.sampled_from(["True", "False"]))
    ),
)


@given(st.lists(PODS, min_size=1, max_size=4))
def test_a_service_is_well_only_if_all_its_pods_are(pods: list[dict[str, Any]]) -> None:
    told = worst(pods)
    assert told.running == all(state(each).running for each in pods)
    assert (told.health == "healthy") == all(state(each).health == "healthy" for each in pods)
    assert state(best(pods)).running == any(state(each).running for each in pods)


@given(st.text(max_size=2000))
def test_a_note_is_one_line_of_bounded_length(message: str) -> None:
    note = state(pod(container(waiting("CreateContainerError", message)))).note
    assert len(note.splitlines()) == 1
    assert len(note) <= NOTE_LENGTH
