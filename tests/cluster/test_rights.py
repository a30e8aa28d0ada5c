"""What a stack may do in a namespace that an administrator made for it, as a user without any other right."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cluster.conftest import CLUSTER, ENGINES, OF_PODS, labels_of, with_namespaces_removed
from tests.cluster.kubectl import CONTEXT, ROOT, is_ready, kubectl, objects, pod_of
from tests.project import Project, Stack

NAMESPACE = "fate-lent"
CLAIMS = ("fateflow-jobs", "fateflow-logs", "fateflow-model", "fateflow-data", "broker")
PARTY: dict[str, Any] = {
    "id": "9999",
    "engines": ENGINES,
    "database": "sqlite",
    "peers": [{"id": "10000", "host": "fate.partner.example"}],
    "expose": {"host": "fate.bank.example", "broker-host": "amqp.bank.example", "gateway-port": 80},
}
INGRESS = {"kind": "ingress", "class": "nginx", "broker": {"reach": "internal"}}
BALANCED = {"kind": "load-balancer", "load-balancer-class": "bank.example/inner", "reach": "internal"}
GIVEN = "192.0.2.77"
ROUTES = {"kind": "gateway-api", "gateway": "outer", "gateway-namespace": "ingress"}


def values(**runtime: Any) -> dict[str, Any]:  # noqa: ANN401 - YAML
    lent = {"context": f"{CONTEXT}-reader", "namespace": NAMESPACE, "create-namespace": False}
    sizes = {"size": dict.fromkeys(CLAIMS, "1Gi")}
    own = {**CLUSTER, "storage": sizes, "exposure": INGRESS, "gateway-replicas": 2, **lent, **runtime}
    return {
        "release": "2.2.0",
        "runtime": {"kind": "docker"},
        "images": {"from": "packages"},
        "mirror": OF_PODS,
        "parties": [{**PARTY, "runtime": own}],
    }


@pytest.fixture(scope="module")
def lent(project: Project, pods: Stack) -> Iterator[Stack]:
    """Give a stack whose namespace is not there, and whose user holds no right."""
    with_namespaces_removed("lent")
    stack = project.stack("lent", values())
    yield stack
    stack.sweep()
    with_namespaces_removed("lent", wait=False)


def refused(stack: Stack, wanted: dict[str, Any]) -> str:
    """Preview what must be refused; return what was said in one line."""
    stack.write(wanted)
    ended = stack.pulumi("preview", check=False)
    said = " ".join((ended.stdout + ended.stderr).split())
    assert ended.returncode != 0, said
    assert "Traceback" not in said, said
    return said


def test_a_namespace_that_this_user_may_not_make_is_an_administrator_s_to_make(lent: Stack) -> None:
    said = refused(lent, values(**{"create-namespace": True}))
    assert "fate:parties[0].runtime.context: the user of fate-cluster-reader may not" in said
    assert "get, create, patch namespaces" in said
    assert f"let an administrator run: kubectl create namespace {NAMESPACE}; kubectl apply" in said
    assert f"then write namespace: {NAMESPACE} and create-namespace: false" in said


def test_a_namespace_that_is_not_there_is_missed(lent: Stack) -> None:
    said = refused(lent, values(context=CONTEXT))
    assert f"fate:parties[0].runtime.namespace: {CONTEXT} has no namespace {NAMESPACE}" in said


def test_every_missing_right_is_told_in_one_fault(lent: Stack) -> None:
    kubectl("create", "namespace", NAMESPACE)
    kubectl("label", "namespace", NAMESPACE, *labels_of("lent"))
    kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
    told = refused(lent, values())
    assert "1 fault" in told
    assert "may not get, list, watch, create, patch, delete configmaps, secrets, services" in told
    assert "get, list, watch pods" in told
    assert "poddisruptionbudgets" in told
    assert "ingresses" in told
    assert "--filename docs/role.yaml" in told
    told = refused(lent, values(exposure=ROUTES, **{"gateway-replicas": 1}))
    assert "httproutes, tcproutes" in told
    assert "ingresses" not in told, "only what the stack declares"
    assert "poddisruptionbudgets" not in told


@pytest.fixture(scope="module")
def operated(lent: Stack) -> Stack:
    """Give the stack, brought up by a user who has the role of the documentation and no other right."""
    kubectl("apply", "--namespace", NAMESPACE, "--filename", str(ROOT / "docs" / "role.yaml"))
    binding = ("--role", "fate-operator", "--user", "reader")
    kubectl("create", "rolebinding", "fate", "--namespace", NAMESPACE, *binding)
    lent.write(values())
    with a_load_balancer():
        lent.up()
    return lent


@contextmanager
def a_load_balancer() -> Iterator[None]:
    """Give every Service that asks for one an address, as the controller does that this cluster lacks."""
    status = {"status": {"loadBalancer": {"ingress": [{"ip": GIVEN}]}}}
    done = threading.Event()

    def give() -> None:
        while not done.wait(1):
            for name in services("LoadBalancer"):
                patch = ("--type", "merge", "--patch", json.dumps(status))
                kubectl(
                    "patch", "service", name, "-n", NAMESPACE, "--subresource", "status", *patch, check=False
                )

    giving = threading.Thread(target=give)
    giving.start()
    try:
        yield
    finally:
        done.set()
        giving.join()


def settled(stack: Stack) -> None:
    stack.pulumi("preview", "--refresh", "--diff", "--expect-no-changes")


def test_the_role_is_enough_to_bring_a_party_up_behind_an_ingress(operated: Stack) -> None:
    assert is_ready(pod_of("fateflow", NAMESPACE))
    (ingress,) = objects("ingresses", NAMESPACE)
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["spec"]["rules"][0]["host"] == "fate.bank.example"
    assert services("LoadBalancer") == {"broker-peers": 5672}, "no Ingress carries AMQP"
    assert operated.outputs()["parties"]["9999"]["expose"]["addresses"] == {"broker": GIVEN}
    assert len(objects("poddisruptionbudgets", NAMESPACE)) == 1
    settled(operated)


def test_a_load_balancer_takes_the_place_of_the_ingress_and_its_addresses_are_told(operated: Stack) -> None:
    operated.write(values(exposure=BALANCED))
    with a_load_balancer():
        operated.up()
    sheet = operated.outputs()["ports"]
    assert {row["service"]: row.get("address") for row in sheet} == {"gateway": GIVEN, "broker": GIVEN}
    assert objects("ingresses", NAMESPACE) == []
    assert services("LoadBalancer") == {"broker-peers": 5672, "gateway-peers": 80}
    settled(operated)


def test_a_cluster_that_gives_no_address_is_told_within_the_start_limit(operated: Stack) -> None:
    kubectl("delete", "service", "gateway-peers", "--namespace", NAMESPACE)
    operated.write(values(exposure=BALANCED, **{"start-limit": 30}))
    ended = operated.pulumi("up", "--yes", "--skip-preview", "--refresh", check=False)
    said = " ".join((ended.stdout + ended.stderr).split())
    assert ended.returncode != 0, said
    assert "party-9999-gateway-peers" in said
    assert "was not allocated an IP address" in said, "as the official plugin says it"
    operated.write(values(exposure=BALANCED))
    with a_load_balancer():
        operated.up()
    settled(operated)


def services(kind: str) -> dict[str, int]:
    """Return the port of each Service of a type, by name."""
    found = [service for service in objects("services", NAMESPACE) if service["spec"]["type"] == kind]
    return {service["metadata"]["name"]: service["spec"]["ports"][0]["port"] for service in found}


def test_the_role_is_enough_to_take_the_party_down(operated: Stack) -> None:
    operated.pulumi("destroy", "--yes", "--skip-preview")
    assert objects("pods", NAMESPACE) == []
    assert len(objects("persistentvolumeclaims", NAMESPACE)) == len(CLAIMS)
