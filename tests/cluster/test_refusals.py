"""Clusters and settings that cannot work, at the real command line: refused in words, with nothing made."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.conftest import CLUSTER, ENGINES, VALUES, labels_of, with_namespaces_removed
from tests.cluster.kubectl import CONTEXT, KUBECONFIG, kubectl, objects
from tests.project import Project, Stack

NAMESPACE = "fate-wrong-9999"
SHORT = {"start-limit": 30}
NOWHERE = "localhost:5056/nowhere"


def values(runtime: dict[str, Any], mirror: str = "localhost:5056") -> dict[str, Any]:
    return {
        "release": "2.2.0",
        "runtime": {**CLUSTER, **runtime},
        "images": {"from": "packages"},
        "mirror": {"kind": "external", "address": mirror},
        "parties": [{"id": "9999", "engines": ENGINES, "peers": []}],
    }


@pytest.fixture(scope="module")
def wrong(project: Project) -> Iterator[Stack]:
    with_namespaces_removed("wrong")
    stack = project.stack("wrong", values({}))
    yield stack
    with_namespaces_removed("wrong", wait=False)


def refused(stack: Stack, runtime: dict[str, Any]) -> str:
    """Run `pulumi up` and return what it said; it must fail, and make nothing."""
    stack.write(values(runtime))
    ended = stack.pulumi("up", "--yes", "--skip-preview", check=False)
    told = ended.stdout + ended.stderr
    assert ended.returncode != 0, told
    assert "Traceback" not in told, told
    assert kubectl("get", "namespace", NAMESPACE, check=False).startswith("Error"), "something was made"
    return told


def test_a_context_that_does_not_exist(wrong: Stack) -> None:
    told = refused(wrong, {"context": "prod"})
    assert "fate:runtime.context" in told
    assert "has no context prod" in told
    assert CONTEXT in told, "those that it has are named"


def test_a_kubeconfig_that_does_not_parse(wrong: Stack, tmp_path: Path) -> None:
    broken = tmp_path / "kubeconfig"
    broken.write_text("contexts: [")
    told = refused(wrong, {"kubeconfig": str(broken)})
    assert "fate:runtime.kubeconfig" in told
    assert "cannot be read as a kubeconfig" in told


def test_an_api_server_that_does_not_answer(wrong: Stack, tmp_path: Path) -> None:
    tree = yaml.safe_load(KUBECONFIG.read_text())
    for cluster in tree["clusters"]:
        cluster["cluster"]["server"] = "https://127.0.0.1:1"
    silent = tmp_path / "kubeconfig"
    silent.write_text(yaml.safe_dump(tree))
    told = refused(wrong, {"kubeconfig": str(silent)})
    assert "does not answer at https://127.0.0.1:1" in told, "the address that was tried is named"


def test_a_user_without_rights(wrong: Stack) -> None:
    told = refused(wrong, {"context": f"{CONTEXT}-reader"})
    assert "may not get, create, patch namespaces; get, list, watch, create, patch, delete configmaps" in told
    assert "create rolebinding" in told


def test_a_storage_class_that_does_not_exist(wrong: Stack) -> None:
    told = refused(wrong, {"storage": {"class": "gold"}})
    assert "has no storage class gold" in told
    assert "local" in told, "those that it has are named"


@pytest.fixture
def short(wrong: Stack) -> Iterator[Stack]:
    """Give the stack, and take away all that a test made."""
    yield wrong
    wrong.pulumi("destroy", "--yes", "--skip-preview")
    with_namespaces_removed("wrong")


def failed(stack: Stack, wanted: dict[str, Any]) -> str:
    """Run `pulumi up` without asking the mirror first, and return what it said; it must fail."""
    stack.write(wanted)
    command = f"FATE_PREFLIGHT=off pulumi up --yes --skip-preview --non-interactive --stack {stack.name}"
    ended = stack.project.run("bash", "-c", command, check=False)
    told = ended.stdout + ended.stderr
    assert ended.returncode != 0, told
    assert "Traceback" not in told, told
    return told


def test_an_image_that_is_missing_and_a_node_without_enough_memory(short: Stack) -> None:
    stack = values(SHORT, NOWHERE)
    stack["parties"][0]["services"] = {"database": {"memory": 900_000}}
    told = failed(short, stack)
    assert "broker-0" in told, "the pod is named"
    assert "ErrImagePull" in told or "ImagePullBackOff" in told, told
    of_the_database = told.partition("StatefulSet (party-9999-database)")[2].partition("\n\n")[0]
    assert "0 out of 1 replicas succeeded readiness checks" in of_the_database, told
    assert "Pull" not in of_the_database, "why it does not run, the plugin does not say: the doctor does"


def test_a_quota_that_is_exceeded(short: Stack) -> None:
    kubectl("create", "namespace", NAMESPACE)
    kubectl("label", "namespace", NAMESPACE, *labels_of("wrong"))
    kubectl("create", "quota", "tight", "--hard", "pods=0", "--namespace", NAMESPACE)
    told = failed(short, values(SHORT, NOWHERE))
    assert "exceeded quota: tight" in told, told


def test_a_claim_is_not_replaced_unasked(pods: Stack) -> None:
    held = {c["metadata"]["uid"] for c in objects("persistentvolumeclaims", "fate-pods-9999")}
    storage = {**CLUSTER["storage"], "class": "fast"}
    first = {**VALUES["parties"][0], "runtime": {**CLUSTER, "storage": storage}}
    pods.write(VALUES | {"parties": [first, VALUES["parties"][1]]})
    try:
        ended = pods.pulumi("preview", check=False)
        told = ended.stdout + ended.stderr
        assert ended.returncode != 0
        assert "fate:parties[0].runtime.storage" in told
        assert "has storage class local, and the stack says fast" in told
        assert "content lost" in " ".join(told.split())
        assert held == {c["metadata"]["uid"] for c in objects("persistentvolumeclaims", "fate-pods-9999")}
    finally:
        pods.write(VALUES)
