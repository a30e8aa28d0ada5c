"""The doctor's way into pods of a real cluster: commands, their time and their size; states; rights."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from images.debian import ensure_base
from ops.doctor.kubernetes_api import cluster
from ops.doctor.kubernetes_reach import KubernetesReach, reach_of
from ops.doctor.outputs import KubernetesParty
from ops.doctor.reach import State
from ops.doctor.symptoms import Ailment, Symptom
from tests.cluster.kubectl import CONTEXT, KUBECONFIG, kubectl

PROJECT = Path(__file__).parents[2]
READER = f"{CONTEXT}-reader"
NAMESPACE = f"doctor-reach-{os.getpid()}"
PATIENCE = 90

Tree = dict[str, Any]


def party(context: str = CONTEXT) -> KubernetesParty:
    return KubernetesParty.model_validate(
        {
            "runtime": "kubernetes",
            "host": context,
            "namespace": NAMESPACE,
            "kubeconfig": str(KUBECONFIG),
            "containers": {},
            "database": "mariadb",
        }
    )


def in_namespace(*arguments: str, given: str | None = None) -> str:
    return kubectl("--namespace", NAMESPACE, *arguments, given=given)


def applied(*objects: Tree) -> None:
    in_namespace("apply", "--filename", "-", given=yaml.safe_dump_all(objects))


def pod(service: str, script: str, image: str, name: str = "", **container: object) -> Tree:
    """Return a pod of one service, whose container runs a script of the shell."""
    told = {
        "name": service,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", script],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name or service, "labels": {"app.kubernetes.io/name": service}},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [told | container]},
    }


@pytest.fixture(scope="module")
def image() -> str:
    """Give the cluster the base image, which has a shell and coreutils, or skip without a cluster."""
    try:
        cluster(str(KUBECONFIG), CONTEXT).pods("default", "app")
    except Ailment as fault:
        pytest.skip(f"no cluster answers (make cluster): {fault.detail}")
    base = ensure_base(None, print)
    subprocess.run([sys.executable, "-m", "offline.cluster", "load", base], cwd=PROJECT, check=True)
    return f"docker.io/library/{base}"


@pytest.fixture(scope="module")
def namespace(image: str) -> Iterator[str]:
    """Make a namespace with all that the tests look at, and take it away after them."""
    kubectl("create", "namespace", NAMESPACE)
    try:
        applied(*_pods(image))
        yield image
    finally:
        kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def _pods(image: str) -> list[Tree]:
    here: Tree = {"exec": {"command": ["test", "-e", "/tmp/here"]}}
    probe: Tree = {"readinessProbe": here | {"periodSeconds": 1, "failureThreshold": 1}}
    small: Tree = {"resources": {"limits": {"memory": "24Mi"}}}
    huge: Tree = {"resources": {"requests": {"memory": "9000Gi"}}}
    secret = {"secretKeyRef": {"name": "absent", "key": "absent"}}
    claiming = pod("claiming", "sleep 600", image)
    claiming["spec"]["volumes"] = [{"name": "v", "persistentVolumeClaim": {"claimName": "none"}}]
    return [
        pod("gateway", "sleep 600", image),
        pod("probed", "sleep 600", image, **probe),
        pod("pulling", "sleep 600", "localhost:1/fate/none:1"),
        pod("crashing", "echo farewell >&2; exit 3", image),
        pod("swelling", "tail /dev/zero", image, **small),
        pod("crowded", "sleep 600", image, **huge),
        pod("unkeyed", "sleep 600", image, env=[{"name": "KEY", "valueFrom": secret}]),
        claiming,
    ]


@pytest.fixture
def reach(namespace: str) -> KubernetesReach:
    found = reach_of(party())
    seen(found, "gateway", lambda state: state.health == "healthy")
    return found


def seen(reach: KubernetesReach, service: str, wanted: Callable[[State], bool]) -> State:
    """Return a service's state once it is as wanted."""
    deadline = time.monotonic() + PATIENCE
    while not wanted(state := reach.state(service)):
        assert time.monotonic() < deadline, f"{service} is still {state}"
        time.sleep(0.5)
    return state


def test_both_outputs_and_the_exit_code_come_back(reach: KubernetesReach) -> None:
    told = reach.exec(
        "gateway", ["sh", "-c", "echo one; sleep 0.2; echo two >&2; sleep 0.2; echo thrée; exit 7"]
    )
    assert (told.code, told.text) == (7, "one\ntwo\nthrée\n")
    assert reach.exec("gateway", ["true"]).code == 0


@pytest.mark.parametrize("size", [1, 9_000, 100_000])
def test_an_argument_of_any_size_arrives_whole(reach: KubernetesReach, size: int) -> None:
    argument = ("'\"$\\ü\n" * size)[:size]
    told = reach.exec("gateway", ["sh", "-c", 'printf %s "$1" | sha256sum', "sh", argument])
    assert told.text.split()[0] == hashlib.sha256(argument.encode()).hexdigest()


def test_a_long_answer_comes_back_whole(reach: KubernetesReach) -> None:
    told = reach.exec("gateway", ["sh", "-c", "seq 1 200000"])
    assert told.text.splitlines() == [str(n) for n in range(1, 200_001)]


def test_a_command_ends_at_its_limit(reach: KubernetesReach) -> None:
    started = time.monotonic()
    told = reach.exec("gateway", ["sh", "-c", "echo begun; sleep 60"], limit=1)
    assert (told.code, told.text) == (124, "begun\n")
    assert time.monotonic() - started < 10


def test_a_command_that_is_not_there_is_an_answer(reach: KubernetesReach) -> None:
    told = reach.exec("gateway", ["nonesuch"])
    assert told.code == 127
    assert "nonesuch" in told.text


def test_a_pod_that_loses_its_readiness_is_unhealthy(reach: KubernetesReach) -> None:
    assert seen(reach, "probed", lambda state: state.running).health == "starting", "it was never ready"
    reach.exec("probed", ["touch", "/tmp/here"])
    seen(reach, "probed", lambda state: state.health == "healthy")
    time.sleep(1.1)
    reach.exec("probed", ["rm", "/tmp/here"])
    assert "unready" in seen(reach, "probed", lambda state: state.health == "unhealthy").note


@pytest.mark.parametrize(
    ("service", "symptom", "note"),
    [
        ("pulling", Symptom.IMAGE_NOT_PULLED, "localhost:1/fate/none:1"),
        ("crashing", Symptom.CRASHES, "exit code 3"),
        ("swelling", Symptom.MEMORY_EXCEEDED, "killed for want of memory"),
        ("crowded", Symptom.UNSCHEDULABLE, "Insufficient memory"),
        ("unkeyed", Symptom.CONTAINER_NOT_MADE, 'secret "absent" not found'),
        ("claiming", Symptom.CLAIM_UNBOUND, 'persistentvolumeclaim "none" not found'),
    ],
)
def test_why_a_pod_does_not_run_is_told(
    reach: KubernetesReach, service: str, symptom: Symptom, note: str
) -> None:
    state = seen(reach, service, lambda state: state.symptom is symptom)
    assert (state.running, state.health) == (False, None)
    assert note in state.note


def test_a_service_without_a_pod_is_missing(reach: KubernetesReach) -> None:
    with pytest.raises(Ailment) as raised:
        reach.state("absent")
    assert raised.value.symptom is Symptom.MISSING


def test_a_pod_that_does_not_run_takes_no_command(reach: KubernetesReach) -> None:
    with pytest.raises(Ailment) as raised:
        reach.exec("crowded", ["true"])
    assert raised.value.symptom is Symptom.STOPPED, raised.value.detail


def test_the_doctors_role_is_enough_and_less_is_told(reach: KubernetesReach) -> None:
    with pytest.raises(Ailment, match='User "reader" cannot list resource "pods"') as raised:
        reach_of(party(READER))
    assert raised.value.symptom is Symptom.FORBIDDEN
    role = yaml.safe_load((PROJECT / "ops" / "doctor" / "role.yaml").read_text())
    lists = role | {"rules": role["rules"][:1]}
    applied(lists)
    in_namespace("create", "rolebinding", "fate-doctor", "--role", "fate-doctor", "--user", "reader")
    allowed = reach_of(party(READER))
    with pytest.raises(Ailment, match="pods/exec") as raised:
        allowed.exec("gateway", ["true"])
    assert raised.value.symptom is Symptom.FORBIDDEN
    applied(role)
    assert allowed.exec("gateway", ["true"]).code == 0
    assert allowed.state("gateway").running


def test_many_questions_at_once_do_not_mix(reach: KubernetesReach) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: reach.exec("gateway", ["echo", str(n)]).text, range(32)))
    assert answers == [f"{n}\n" for n in range(32)]


def test_a_wrong_account_is_refused(reach: KubernetesReach, tmp_path: Path) -> None:
    tree = yaml.safe_load(KUBECONFIG.read_text())
    for user in tree["users"]:
        user["user"]["token"] = "expired"
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps(tree))
    with pytest.raises(Ailment, match="answers 401") as raised:
        reach_of(party().model_copy(update={"kubeconfig": str(file)}))
    assert raised.value.symptom is Symptom.CLUSTER_REFUSES
