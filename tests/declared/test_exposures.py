"""What leaves a cluster: who reaches a load balancer, when it is waited for, and where that is told."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from tests.declared.kubernetes_stacks import BALANCED, OUTSIDE, STACKS, stack
from tests.declared.program import GIVEN_ADDRESS, Declared, declare

SKIP = "pulumi.com/skipAwait"
BEHIND_A_BALANCER = "a load balancer, sources named"


def declared(name: str) -> Declared:
    return declare(copy.deepcopy(STACKS[name]), stack="bank")


def services(made: Declared) -> dict[str, Mapping[str, Any]]:
    return {inputs["metadata"]["name"]: inputs for inputs in made.of("Service").values()}


def test_only_a_load_balancer_and_the_mirror_s_port_are_waited_for() -> None:
    for name, made in ((name, declared(name)) for name in STACKS):
        for service in services(made).values():
            awaited = SKIP not in (service["metadata"].get("annotations") or {})
            pushed_through = service["metadata"]["name"] == "registry-peers"
            balanced = service["spec"].get("type") == "LoadBalancer"
            assert awaited == (balanced or pushed_through), f"{name}: {service}"


def test_an_address_is_asked_for_when_the_service_works() -> None:
    made = declared(BEHIND_A_BALANCER)
    order = [resource.name for resource in made.resources]
    assert order.index("party-9999-gateway-peers") > order.index("party-9999-gateway")
    assert order.index("party-9999-broker-peers") > order.index("party-9999-broker")


def test_a_load_balancer_has_the_stack_s_annotations_and_no_others() -> None:
    found = services(declared(BEHIND_A_BALANCER))["broker-peers"]
    assert found["metadata"]["annotations"] == BALANCED["annotations"]


def test_the_broker_beside_an_ingress_has_a_load_balancer_as_the_stack_says() -> None:
    made = declared("an ingress")
    found = services(made)
    assert "gateway-peers" not in found, "the Ingress carries the gateway"
    spec = found["broker-peers"]["spec"]
    assert found["broker-peers"]["metadata"]["annotations"] == OUTSIDE["annotations"]
    assert spec["loadBalancerSourceRanges"] == OUTSIDE["sources"]
    assert spec["externalTrafficPolicy"] == "Local", "another node would hide who dials"
    policy = made.of("NetworkPolicy")["party-9999-broker-policy"]["spec"]["ingress"]
    blocks = [
        peer["ipBlock"]["cidr"] for rule in policy for peer in rule.get("from", ()) if "ipBlock" in peer
    ]
    assert blocks == OUTSIDE["sources"], "the network lets in whom the load balancer does"


@pytest.mark.parametrize("name", [BEHIND_A_BALANCER, "an ingress"])
def test_the_address_that_a_load_balancer_gave_is_told(name: str) -> None:
    outputs = declared(name).outputs
    rows = {row["service"]: row.get("address") for row in outputs["ports"] if row["party"] == "9999"}
    given = {"broker": GIVEN_ADDRESS, **({"gateway": GIVEN_ADDRESS} if name == BEHIND_A_BALANCER else {})}
    assert {service: address for service, address in rows.items() if address} == given
    assert outputs["parties"]["9999"]["expose"]["addresses"] == given


def test_node_ports_have_no_address_of_their_own() -> None:
    outputs = declare(stack(), stack="bank").outputs
    assert all("address" not in row for row in outputs["ports"])
    assert outputs["parties"]["9999"]["expose"]["addresses"] == {}


@pytest.mark.parametrize(
    ("reach", "address", "warns"),
    [
        ("internal", "192.0.2.77", False),
        ("internal", "8.8.8.8", True),
        ("public", "8.8.8.8", False),
    ],
)
def test_an_address_of_the_internet_is_no_internal_one(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, reach: str, address: str, warns: bool
) -> None:
    monkeypatch.setattr("tests.declared.program.GIVEN_ADDRESS", address)
    values = copy.deepcopy(STACKS[BEHIND_A_BALANCER])
    values["runtime"]["exposure"]["reach"] = reach
    declare(values, stack="bank")
    assert (f"the load balancer gave {address}, an address of the internet" in caplog.text) == warns
