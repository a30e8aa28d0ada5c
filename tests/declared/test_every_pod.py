"""What holds for every object of every stack on Kubernetes."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.declared.kubernetes_stacks import STACKS
from tests.declared.program import SECRET_KEY, Declared, declare, stack_file

WORKLOADS = ("Deployment", "StatefulSet")
CLUSTER_WIDE = ("Namespace",)


@pytest.fixture(scope="module", params=["dev-kubernetes", *STACKS])
def declared(request: pytest.FixtureRequest) -> Declared:
    named = request.param
    return declare(stack_file(named) if named == "dev-kubernetes" else STACKS[named], stack="dev-kubernetes")


def objects(declared: Declared) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for resource in declared.resources:
        if resource.typ.startswith("kubernetes:"):
            yield resource.name, resource.inputs


def pods(declared: Declared) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = {name: inputs for kind in WORKLOADS for name, inputs in declared.of(kind).items()}
    assert found, "a stack without workloads checks nothing"
    for name, inputs in found.items():
        yield name, inputs["spec"]["template"]


def test_every_pod_fits_pod_security_restricted(declared: Declared) -> None:
    for name, pod in pods(declared):
        context = pod["spec"]["securityContext"]
        assert context["runAsNonRoot"] is True, f"{name} may run as root"
        assert context["runAsUser"] >= 10001, f"{name} runs as a user of the host"
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, f"{name} has no seccomp profile"
        for container in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            }, f"{name} could gain something"


def test_no_pod_gets_a_token_of_an_account(declared: Declared) -> None:
    for name, pod in pods(declared):
        assert pod["spec"]["automountServiceAccountToken"] is False, f"{name} gets a token"
        assert pod["spec"]["serviceAccountName"] == "fate", f"{name} runs as the default account"


def test_every_pod_has_limits_and_three_probes(declared: Declared) -> None:
    for name, pod in pods(declared):
        container = pod["spec"]["containers"][0]
        assert container["resources"]["limits"]["memory"].endswith("Mi"), f"{name} has no limit"
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            asked = container[probe]
            assert asked.get("exec") or asked.get("tcpSocket") or asked.get("httpGet"), (
                f"{name} has no {probe}"
            )


def test_every_mount_has_its_volume_and_no_name_is_used_twice(declared: Declared) -> None:
    for name, pod in pods(declared):
        volumes = [volume["name"] for volume in pod["spec"]["volumes"]]
        mounts = [mount["mountPath"] for mount in pod["spec"]["containers"][0]["volumeMounts"]]
        assert len(set(volumes)) == len(volumes), f"{name} names two volumes alike: {volumes}"
        assert len(set(mounts)) == len(mounts), f"{name} mounts twice at one place: {mounts}"
        mounted = {mount["name"] for mount in pod["spec"]["containers"][0]["volumeMounts"]}
        assert mounted == set(volumes), f"{name} mounts what it has not, or has what it does not mount"


def test_every_object_stands_in_a_namespace_and_says_whose_it_is(declared: Declared) -> None:
    for name, inputs in objects(declared):
        metadata = inputs["metadata"]
        assert metadata["labels"]["app.kubernetes.io/part-of"] == "fate", f"{name} does not say whose it is"
        if inputs["kind"] not in CLUSTER_WIDE:
            assert metadata.get("namespace"), f"{name} would land in the context's own namespace"


def test_a_namespace_lets_nothing_in_or_out_but_the_edges_of_its_services(declared: Declared) -> None:
    policies = declared.of("NetworkPolicy")
    denied = [p for p in policies.values() if p["spec"]["podSelector"] == {}]
    assert denied, "without a default everything is open"
    for policy in denied:
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
        assert not policy["spec"].get("ingress"), "the default opens something"
    for name, pod in pods(declared):
        labels = pod["metadata"]["labels"].items()
        own = [
            p
            for p in policies.values()
            if (s := p["spec"]["podSelector"].get("matchLabels")) and s.items() <= labels
        ]
        assert len(own) == 1, f"{name} has {len(own)} policies of its own"


def test_no_config_map_and_no_environment_holds_a_secret(declared: Declared) -> None:
    secrets = [
        base64.b64decode(value["value"] if isinstance(value, Mapping) else value).decode()
        for secret in declared.of("Secret").values()
        for value in _plain(secret["data"]).values()
    ]
    has_parties = "party-9999-fateflow" in declared.of("StatefulSet")
    assert bool(secrets) == has_parties, "a stack without secrets checks nothing, and an exchange has none"
    for name, inputs in objects(declared):
        if inputs["kind"] != "Secret":
            for secret in (*secrets, SECRET_KEY):
                assert secret not in str(inputs), f"{name} shows a secret"


def _plain(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    return tree["value"] if "value" in tree and len(tree) == 2 else tree
