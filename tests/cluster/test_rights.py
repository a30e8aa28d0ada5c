"""What a stack may do in a namespace that an administrator made for it, as a user without any other right."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.cluster.conftest import CLUSTER, with_namespaces_removed
from tests.cluster.kubectl import CONTEXT, ROOT, is_ready, kubectl, objects, pod_of
from tests.project import Project, Stack

NAMESPACE, READER = "fate-lent", "reader"
ALONE = {"computing": "standalone", "storage": "standalone", "federation": "standalone"}
SIZES = {name: "1Gi" for name in ("fateflow-jobs", "fateflow-logs", "fateflow-model", "fateflow-data")}


def values(
    runtime: Mapping[str, Any] | None = None, party: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    lent = {"context": f"{CONTEXT}-reader", "namespace": NAMESPACE, "create-namespace": False}
    own = {**CLUSTER, "storage": {"size": SIZES}, **lent, **(runtime or {})}
    alone = {"id": "9999", "engines": ALONE, "peers": [], "database": "sqlite", "runtime": own}
    return {
        "release": "2.2.0",
        "runtime": {"kind": "docker"},
        "images": {"from": "packages"},
        "mirror": {"kind": "distribution", "port": 5060, "address": "localhost:5060"},
        "parties": [{**alone, **(party or {})}],
    }


@pytest.fixture(scope="module")
def lent(project: Project) -> Iterator[Stack]:
    """Give a stack whose namespace is not there, and whose user holds no right."""
    with_namespaces_removed("lent")
    stack = project.stack("lent", values())
    yield stack
    stack.destroy()
    with_namespaces_removed("lent")


def refused(stack: Stack, wanted: dict[str, Any]) -> str:
    """Preview what must be refused; return what was said in one line."""
    stack.write(wanted)
    ended = stack.pulumi("preview", check=False)
    said = " ".join((ended.stdout + ended.stderr).split())
    assert ended.returncode != 0, said
    assert "Traceback" not in said, said
    return said


def test_a_namespace_that_this_user_may_not_make_is_an_administrator_s_to_make(lent: Stack) -> None:
    said = refused(lent, values({"create-namespace": True}))
    assert "fate:parties[0].runtime.context: the user of fate-cluster-reader may not" in said
    assert "get, create, patch namespaces" in said
    assert f"let an administrator run: kubectl create namespace {NAMESPACE}; kubectl apply" in said
    assert f"then write namespace: {NAMESPACE} and create-namespace: false" in said


def test_a_namespace_that_is_not_there_is_missed(lent: Stack) -> None:
    said = refused(lent, values({"context": CONTEXT}))
    assert f"fate:parties[0].runtime.namespace: {CONTEXT} has no namespace {NAMESPACE}" in said


def test_every_missing_right_is_told_in_one_fault(lent: Stack) -> None:
    kubectl("create", "namespace", NAMESPACE)
    kubectl("label", "namespace", NAMESPACE, "fate.stack=lent")
    kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
    told = refused(lent, values())
    assert "1 fault" in told
    assert "may not get, list, watch, create, patch, delete configmaps, secrets, services" in told
    assert "get, list, watch pods" in told
    assert "--filename docs/role.yaml" in told
    routed = {"federation": "rabbitmq", "computing": "standalone", "storage": "standalone"}
    expose = {"host": "fate.bank.example", "gateway-port": 80}
    party: dict[str, Any] = {"engines": routed, "expose": expose}
    for kind, wants in (("ingress", "ingresses"), ("gateway-api", "httproutes, tcproutes")):
        exposure: dict[str, str] = {"kind": kind}
        if kind == "gateway-api":
            exposure |= {"gateway": "outer", "gateway-namespace": "ingress"}
        told = refused(lent, values({"exposure": exposure, "gateway-replicas": 2}, party))
        assert wants in told
        assert "poddisruptionbudgets" in told


def test_the_role_of_the_documentation_is_enough(lent: Stack) -> None:
    role = str(ROOT / "docs" / "role.yaml")
    kubectl("apply", "--namespace", NAMESPACE, "--filename", role)
    binding = ("--role", "fate-operator", "--user", READER)
    kubectl("create", "rolebinding", "fate", "--namespace", NAMESPACE, *binding)
    lent.write(values({"gateway-replicas": 2}))
    lent.up()
    assert is_ready(pod_of("fateflow", NAMESPACE))
    lent.pulumi("preview", "--diff", "--expect-no-changes")
    lent.pulumi("refresh", "--preview-only", "--expect-no-changes")
    lent.pulumi("destroy", "--yes", "--skip-preview")
    assert objects("pods", NAMESPACE) == []
    assert len(objects("persistentvolumeclaims", NAMESPACE)) == 4
