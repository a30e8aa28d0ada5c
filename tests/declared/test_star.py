"""A star: parties that meet the exchange alone, on an engine, on a cluster, and across stacks."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from tests.declared.kubernetes_stacks import BALANCED, STACKS, exchange_alone
from tests.declared.program import GIVEN_ADDRESS, Declared, declare, stack_file
from tests.declared.test_every_container import REFERENCES
from tests.declared.test_joining import upload
from tests.unit.exchange_examples import ACCEPTED_STARS
from tests.unit.stack_values import behind

TOLD = {
    "exchange": {
        "expose": {"host": "fate.exchange.example", "gateway-port": 9300, "addresses": {}},
        "parties": {"9999": {"broker-at": 5701}, "1": {"broker-at": 5702}},
    }
}
AT_A_STACK = behind({"stack": "organization/fate/exchange"}, peers=[{"id": "1"}])


@pytest.fixture(scope="module")
def star() -> Declared:
    return declare(stack_file("exchange"), "exchange", REFERENCES)


def networks(declared: Declared, container: str) -> set[str]:
    return {n["name"] for n in declared.of("Container")[container]["networksAdvanced"]}


def test_parties_share_no_network_and_each_shares_one_with_the_exchange(star: Declared) -> None:
    of_parties = {
        party: {n for s in ("gateway", "broker") for n in networks(star, f"party-{party}-{s}")}
        for party in ("9999", "10000")
    }
    assert not of_parties["9999"] & of_parties["10000"], "they would meet without the exchange"
    for party, own in of_parties.items():
        assert own & networks(star, "exchange-relay") == {f"fate-exchange-{party}-exchange"}
    assert "docker-federation" not in star.of("Network"), "nobody meets there"


def test_what_meets_no_peer_is_on_the_party_s_own_network_alone(star: Declared) -> None:
    for service in ("fateflow", "database"):
        assert networks(star, f"party-9999-{service}") == {"fate-exchange-9999"}


def test_every_way_leads_to_the_exchange_and_from_there_to_the_party(star: Declared) -> None:
    assert '"10000" relay-9999:9300;' in upload(star, "party-9999-gateway", "nginx.conf")
    table = upload(star, "party-9999-fateflow", "route_table.yaml")
    assert "host: relay-9999\n  port: 5702" in table
    conf = upload(star, "exchange-relay", "nginx.conf")
    assert '"10000" gateway-10000:9300;' in conf
    assert "listen 5702;\n        set $upstream broker-10000:5672;" in conf


def test_the_exchange_is_a_component_and_its_children_are_named_after_it(star: Declared) -> None:
    assert {r.name for r in star.resources if r.typ == "fate:index:Exchange"} == {"exchange"}
    own = {r.name for r in star.resources if r.name.startswith("exchange-")}
    assert own == {
        "exchange-relay",
        "exchange-relay-image",
        "exchange-network",
        "exchange-network-9999",
        "exchange-network-10000",
    }


def test_what_a_star_tells(star: Declared) -> None:
    told = star.outputs["exchange"]
    assert told["parties"] == {"9999": {"broker-at": 5701}, "10000": {"broker-at": 5702}}
    assert told["expose"] is None, "nobody elsewhere dials it"
    assert star.outputs["parties"]["9999"]["exchange"] == {"at": "here", "leads-to": ["10000"]}
    assert "relay" in {service["name"] for service in star.outputs["services"]}


def routes(declared: Declared, container: str) -> Mapping[str, Any]:
    told = json.loads(upload(declared, container, "route_table.json"))
    table: Mapping[str, Any] = told["route_table"]
    return table


def test_every_way_of_a_star_of_osx_leads_to_the_exchange_and_from_there_to_the_party() -> None:
    declared = declare(ACCEPTED_STARS["a star of OSX, one party of it elsewhere"], "osx", REFERENCES)
    own = routes(declared, "party-9999-osx")
    assert own["default"] == {"default": [{"ip": "osxrelay-9999", "port": 9370}]}
    assert set(own) == {"9999", "default"}, "the exchange is the only other end that it knows"
    ways = routes(declared, "exchange-osxrelay")
    assert {party: way["default"][0]["ip"] for party, way in ways.items()} == {
        "1": "fate.partner.example",
        "9999": "osx-9999",
        "10000": "osx-10000",
    }
    both = networks(declared, "party-9999-osx") & networks(declared, "exchange-osxrelay")
    assert both == {"fate-osx-9999-exchange"}
    told = declared.outputs["exchange"]
    assert told["parties"] == {"1": {}, "9999": {}, "10000": {}}
    assert told["expose"] == {"host": "fate.exchange.example", "osx-port": 9370, "addresses": {}}
    (service,) = [each for each in declared.outputs["services"] if each["name"] == "osxrelay"]
    assert service["from"] == "hub", "no package registry has it"


def test_a_party_with_osx_dials_the_exchange_of_another_stack() -> None:
    exposed = {"host": "fate.exchange.example", "osx-port": 9371, "addresses": {}}
    told = {"exchange": {"expose": exposed, "parties": {"9999": {}, "1": {}}}}
    stack = ACCEPTED_STARS["a party with OSX behind the exchange of another stack"]
    declared = declare(stack, "bank", {"organization/fate/exchange": told})
    way = routes(declared, "party-9999-osx")["default"]
    assert way == {"default": [{"ip": "fate.exchange.example", "port": 9371}]}


def test_an_exchange_that_passes_on_something_else_is_refused() -> None:
    stack = ACCEPTED_STARS["a party with OSX behind the exchange of another stack"]
    with pytest.raises(pulumi.RunError, match="comes from the gateway of a party, and party 9999"):
        declare(stack, "bank", {"organization/fate/exchange": TOLD})


def test_an_exchange_alone_makes_no_party() -> None:
    declared = declare(ACCEPTED_STARS["an exchange alone, with an empty list of parties"], "middle")
    assert {r.typ for r in declared.resources if r.typ.startswith("fate:")} == {
        "fate:index:Exchange",
        "fate:index:RegistryMirror",
    }
    relay = declared.of("Container")["exchange-relay"]
    assert [p["external"] for p in relay["ports"]] == [5701, 9300]
    assert declared.outputs["parties"] == {}


def test_a_party_of_another_stack_is_passed_on_to_where_that_stack_exposes_it() -> None:
    partner = {"expose": {"host": "fate.partner.example", "gateway-port": 80, "broker-port": 5673}}
    told = {"organization/fate/party-10000": {"parties": {"10000": partner}}}
    declared = declare(ACCEPTED_STARS["an exchange alone"], "middle", told)
    conf = upload(declared, "exchange-relay", "nginx.conf")
    assert '"10000" fate.partner.example:80;' in conf
    assert "set $upstream fate.partner.example:5673;" in conf


def test_a_party_behind_an_exchange_by_host_dials_that_alone() -> None:
    declared = declare(ACCEPTED_STARS["a party behind an exchange at a host"], "bank")
    assert '"1" fate.exchange.example:9300;' in upload(declared, "party-9999-gateway", "nginx.conf")
    assert "port: 5702" in upload(declared, "party-9999-fateflow", "route_table.yaml")
    assert networks(declared, "party-9999-gateway") == {"fate-bank-9999"}, "it meets nobody here"


def test_the_exchange_of_another_stack_tells_where_its_parties_are() -> None:
    declared = declare(AT_A_STACK, "bank", {"organization/fate/exchange": TOLD})
    assert '"1" fate.exchange.example:9300;' in upload(declared, "party-9999-gateway", "nginx.conf")
    table = upload(declared, "party-9999-fateflow", "route_table.yaml")
    assert "host: fate.exchange.example\n  port: 5702" in table
    told = declared.outputs["parties"]["9999"]["exchange"]
    assert told == {"at": "organization/fate/exchange", "leads-to": ["1"]}


@pytest.mark.parametrize(
    ("outputs", "reason"),
    [
        ({}, "has none, or is not up"),
        ({"exchange": {"expose": None, "parties": {}}}, "opens it to nobody elsewhere"),
        ({"exchange": {**TOLD["exchange"], "parties": {"1": {}}}}, "does not know party 9999"),
        ({"exchange": {**TOLD["exchange"], "parties": {"9999": {}}}}, "does not know party 1"),
    ],
)
def test_an_exchange_that_does_not_lead_to_both_is_refused_with_the_remedy(
    outputs: dict[str, Any], reason: str
) -> None:
    with pytest.raises(pulumi.RunError, match=reason):
        declare(AT_A_STACK, "bank", {"organization/fate/exchange": outputs})


@pytest.fixture(scope="module")
def pods() -> Declared:
    return declare(copy.deepcopy(STACKS["a star"]), "bank")


def rules(declared: Declared, policy: str, direction: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = declared.of("NetworkPolicy")[policy]["spec"][direction]
    return found


def pods_of(service: str, namespace: str) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": service}},
    }


def written(place: Mapping[str, Any]) -> str:
    return json.dumps(place, sort_keys=True)


def test_pods_of_a_party_meet_those_of_the_exchange_alone(pods: Declared) -> None:
    relay = pods_of("relay", "fate-bank-exchange")
    ways = rules(pods, "party-9999-broker-policy", "egress")
    assert [(rule["to"], rule["ports"][0]["port"]) for rule in ways if "to" in rule] == [([relay], 30702)]
    assert [rule["from"] for rule in rules(pods, "party-9999-gateway-policy", "ingress")][-1] == [relay]


def test_pods_of_the_exchange_meet_those_of_its_parties_and_the_address_of_one_elsewhere(
    pods: Declared,
) -> None:
    ways = {
        written(place): rule["ports"][0]["port"]
        for rule in rules(pods, "exchange-relay-policy", "egress")
        for place in rule.get("to", [])
    }
    far = written({"ipBlock": {"cidr": "203.0.113.9/32"}})
    near = {
        written(pods_of(service, f"fate-bank-{party}")): port
        for party in ("9999", "10000")
        for service, port in (("gateway", 9300), ("broker", 5672))
    }
    assert {place: port for place, port in ways.items() if place != far} == near
    assert far in ways
    admitted = rules(pods, "exchange-relay-policy", "ingress")[0]
    assert len(admitted["from"]) == 4, "gateways and brokers of the parties in the cluster"
    assert {port["port"] for port in admitted["ports"]} == {9300, 30701, 30702, 30703}


def test_node_ports_of_the_exchange_belong_to_one_service(pods: Declared) -> None:
    service = pods.of("Service")["exchange-relay-peers"]
    assert {(p["port"], p["nodePort"]) for p in service["spec"]["ports"]} == {
        (9300, 30700),
        (30701, 30701),
        (30702, 30702),
        (30703, 30703),
    }
    assert len({p["name"] for p in service["spec"]["ports"]}) == 4


def test_a_load_balancer_gives_the_exchange_one_address_for_all_its_ports() -> None:
    declared = declare(exchange_alone(BALANCED), "bank")
    spec = declared.of("Service")["exchange-relay-peers"]["spec"]
    assert spec["loadBalancerSourceRanges"] == ["203.0.113.0/24"]
    assert [p["port"] for p in spec["ports"]] == [9300, 5701, 5702]
    assert declared.outputs["exchange"]["expose"]["addresses"] == {"relay": GIVEN_ADDRESS}
    told = [row["address"] for row in declared.outputs["ports"]]
    assert told == [GIVEN_ADDRESS] * 3


def test_a_party_and_the_exchange_in_one_namespace_are_refused() -> None:
    values = copy.deepcopy(STACKS["a star"])
    values["parties"] = [{**values["parties"][0], "peers": [{"id": "10001"}]}]
    values["runtime"] |= {"namespace": "team-a", "create-namespace": False}
    with pytest.raises(pulumi.RunError, match="the namespace of party 9999 and of the exchange"):
        declare(values, "bank")
