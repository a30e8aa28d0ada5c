"""Parties whose federation is Pulsar, on an engine and on clusters: who may dial what, and what is told."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from tests.declared.kubernetes_stacks import OUTSIDE, PULSAR, STACKS
from tests.declared.program import Declared, declare, stack_file


@pytest.fixture(scope="module")
def engine() -> Declared:
    values = stack_file("dev")
    for party in values["parties"]:
        party["engines"] = PULSAR
    return declare(values)


def on_a_cluster(name: str) -> Declared:
    return declare(copy.deepcopy(STACKS[name]), stack="bank")


def uploaded(container: Mapping[str, Any], path: str) -> str:
    return str(next(file["content"] for file in container["uploads"] if file["file"] == path))


def test_each_party_has_one_with_its_data_on_a_volume(engine: Declared) -> None:
    for party in ("9999", "10000"):
        container = engine.of("Container")[f"party-{party}-pulsar"]
        assert [(each["containerPath"], each["volumeName"]) for each in container["volumes"]] == [
            ("/pulsar/data", f"fate-dev-{party}-pulsar")
        ]
        assert f"party-{party}-broker" not in engine.of("Container"), "there is one broker"


def test_it_knows_its_peer_by_the_name_on_the_shared_network(engine: Declared) -> None:
    container = engine.of("Container")["party-9999-pulsar"]
    assert uploaded(container, "/etc/fate/peers").splitlines()[1:] == ["10000 pulsar://pulsar-10000:6650"]
    other = engine.of("Container")["party-10000-pulsar"]
    aliases = {alias for network in other["networksAdvanced"] for alias in network["aliases"]}
    assert aliases == {"pulsar", "pulsar-10000"}


def test_no_port_of_it_is_opened_where_nothing_is_exposed(engine: Declared) -> None:
    assert not engine.of("Container")["party-9999-pulsar"].get("ports")


def test_the_stack_tells_of_it(engine: Declared) -> None:
    (told,) = [service for service in engine.outputs["services"] if service["name"] == "pulsar"]
    assert told["ports"] == {"pulsar": 6650, "admin": 8080}
    assert "p9999_pulsar <-- tensors --> p10000_pulsar" in engine.outputs["topology"]


def policy(made: Declared) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = made.of("NetworkPolicy")["party-9999-pulsar-policy"]["spec"]
    return spec


def admitted(made: Declared, port: int) -> list[str]:
    """Return who may dial a port: pods by their names, blocks, or everybody."""
    found = []
    for rule in policy(made)["ingress"]:
        if port in [each["port"] for each in rule["ports"]]:
            for peer in rule.get("from") or [{}]:
                labels = peer.get("podSelector", {}).get("matchLabels", {})
                found.append(
                    labels.get("app.kubernetes.io/name") or peer.get("ipBlock", {}).get("cidr", "all")
                )
    return found


def test_on_a_cluster_fate_flow_alone_reaches_the_administration() -> None:
    made = on_a_cluster("Pulsar on node ports")
    assert admitted(made, 8080) == ["fateflow"], "it asks for no password"
    assert admitted(made, 6650) == ["fateflow", "all"]


def test_it_may_dial_its_peer_s_broker_and_nothing_else() -> None:
    dialled = [
        port["port"]
        for rule in policy(on_a_cluster("Pulsar on node ports"))["egress"]
        for port in rule["ports"]
    ]
    assert sorted(set(dialled)) == [53, 6650]


def test_no_ingress_carries_it() -> None:
    made = on_a_cluster("Pulsar beside an ingress")
    services = {inputs["metadata"]["name"]: inputs for inputs in made.of("Service").values()}
    spec = services["pulsar-peers"]["spec"]
    assert spec["type"] == "LoadBalancer"
    assert spec["loadBalancerSourceRanges"] == OUTSIDE["sources"]
    assert services["pulsar-peers"]["metadata"]["annotations"] == OUTSIDE["annotations"]
    assert [name for name in made.of("Ingress")] == ["party-9999-gateway-ingress"]


def test_a_gateway_carries_it_by_a_tcp_route() -> None:
    made = on_a_cluster("Pulsar on routes of a gateway")
    (route,) = [r.inputs for r in made.resources if r.inputs.get("kind") == "TCPRoute"]
    assert route["spec"]["rules"] == [{"backendRefs": [{"name": "pulsar", "port": 6650}]}]
    assert route["spec"]["parentRefs"][0]["sectionName"] == "amqp", "the Gateway's listener for TCP"


def test_the_parties_of_its_peers_are_told_its_port() -> None:
    told = on_a_cluster("Pulsar on node ports").outputs["parties"]["9999"]["expose"]
    assert told["pulsar-port"] == 30650
    assert "broker-port" not in told
