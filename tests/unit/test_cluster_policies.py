"""What NetworkPolicies allow, asked of the rules that are made for iptables."""

import ipaddress
import itertools
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline.cluster.firewall import POLICIES
from offline.cluster.policies import (
    DNS_POD,
    Cluster,
    Pod,
    chain_name,
    cluster_of,
    matches,
    networks,
    rules,
)

WEB = Pod("a", "web", "10.88.0.10", {"app": "web"}, {"http": ("TCP", 8080)})
DATABASE = Pod("a", "database", "10.88.0.11", {"app": "database"}, {"sql": ("TCP", 3306)})
OTHER = Pod("b", "other", "10.88.0.20", {"app": "web"})
DNS = "10.88.0.1"
OUTSIDE = "203.0.113.9"
Chains = dict[str, list[list[str]]]
NAMESPACES = {"a": {"team": "a"}, "b": {"team": "b"}, "kube-system": {"name": "kube-system"}}


class Packet(NamedTuple):
    source: str
    target: str
    port: int
    protocol: str


def policy(
    selects: dict[str, str],
    types: tuple[str, ...] = ("Ingress",),
    ingress: Sequence[dict[str, Any]] = (),
    egress: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    selected = {"podSelector": {"matchLabels": selects}, "policyTypes": list(types)}
    allowed = {"ingress": list(ingress), "egress": list(egress)}
    return {"metadata": {"namespace": "a", "name": "p"}, "spec": {**selected, **allowed}}


def cluster(*policies: dict[str, Any]) -> Cluster:
    return Cluster([WEB, DATABASE, OTHER, DNS_POD], NAMESPACES, policies)


def reaches(found: Cluster, source: str, target: str, port: int = 80, protocol: str = "tcp") -> bool:
    """Walk the rules as the kernel would, for the first packet of a connection."""
    chains: Chains = {}
    for line in rules(found, ()).splitlines():
        if line.startswith("-A "):
            _, chain, *words = shlex.split(line)
            chains.setdefault(chain, []).append(words)
    return _walk(chains, POLICIES, Packet(source, target, port, protocol)) != "REJECT"


def _walk(chains: Chains, chain: str, packet: Packet) -> str:
    for words in chains.get(chain, ()):
        jump = words[words.index("-j") + 1]
        if "--ctstate" in words or not _applies(words, packet):
            continue
        if jump in ("REJECT", "RETURN"):
            return jump
        if _walk(chains, jump, packet) == "REJECT":
            return "REJECT"
    return "RETURN"


def _applies(words: list[str], packet: Packet) -> bool:
    for before, word, value in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word in MATCHES and MATCHES[word](packet, value) == (before == "!"):
            return False
    return True


def _covers(ports: str, port: int) -> bool:
    first, _, last = ports.partition(":")
    return int(first) <= port <= int(last or first)


def _inside(address: str, network: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network)


MATCHES: Mapping[str, Callable[[Packet, str], bool]] = {
    "-s": lambda packet, value: _inside(packet.source, value),
    "-d": lambda packet, value: _inside(packet.target, value),
    "--ctorigdst": lambda packet, value: _inside(packet.target, value),
    "-p": lambda packet, value: packet.protocol == value,
    "--dport": lambda packet, value: _covers(value, packet.port),
    "--ctorigdstport": lambda packet, value: _covers(value, packet.port),
}


def test_without_policies_everything_is_allowed() -> None:
    assert all(reaches(cluster(), a, b) for a, b in itertools.permutations((WEB.address, OUTSIDE, DNS), 2))


def test_a_selected_pod_is_closed_to_everyone_but_itself() -> None:
    closed = cluster(policy({"app": "web"}))
    assert not reaches(closed, DATABASE.address, WEB.address), "a policy without rules allows nobody"
    assert not reaches(closed, OUTSIDE, WEB.address)
    assert reaches(closed, WEB.address, WEB.address), "a pod always reaches itself"
    assert reaches(closed, WEB.address, DATABASE.address), "an ingress policy says nothing of what goes out"
    assert reaches(closed, DATABASE.address, OTHER.address), "a policy holds in its own namespace"


def test_a_pod_selector_alone_means_the_policys_own_namespace() -> None:
    found = cluster(
        policy({"app": "database"}, ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}])
    )
    assert reaches(found, WEB.address, DATABASE.address)
    assert not reaches(found, OTHER.address, DATABASE.address), "the pod of namespace b has the same label"


def test_a_namespace_selector_lets_in_the_pods_of_another_namespace() -> None:
    peer = {"namespaceSelector": {"matchLabels": {"team": "b"}}}
    found = cluster(policy({"app": "database"}, ingress=[{"from": [peer]}]))
    assert reaches(found, OTHER.address, DATABASE.address)
    assert not reaches(found, WEB.address, DATABASE.address)


def test_both_selectors_of_one_peer_have_to_hold() -> None:
    peer = {
        "namespaceSelector": {"matchLabels": {"team": "b"}},
        "podSelector": {"matchLabels": {"app": "nothing"}},
    }
    assert not reaches(
        cluster(policy({"app": "database"}, ingress=[{"from": [peer]}])), OTHER.address, DATABASE.address
    )


def test_only_the_named_port_is_open() -> None:
    found = cluster(policy({"app": "web"}, ingress=[{"ports": [{"port": "http"}]}]))
    assert reaches(found, OUTSIDE, WEB.address, 8080)
    assert not reaches(found, OUTSIDE, WEB.address, 8081)
    assert not reaches(found, OUTSIDE, WEB.address, 8080, "udp"), "a port is TCP unless it says otherwise"


def test_a_range_of_ports_has_both_its_ends() -> None:
    found = cluster(policy({"app": "web"}, ingress=[{"ports": [{"port": 8000, "endPort": 8010}]}]))
    assert [reaches(found, OUTSIDE, WEB.address, port) for port in (7999, 8000, 8010, 8011)] == [
        False,
        True,
        True,
        False,
    ]


def test_an_egress_policy_that_names_the_dns_lets_only_dns_out() -> None:
    dns = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
    rule = {"to": [dns], "ports": [{"port": 53, "protocol": "UDP"}]}
    found = cluster(policy({"app": "web"}, ("Egress",), egress=[rule]))
    assert reaches(found, WEB.address, DNS, 53, "udp"), "CoreDNS runs on the node and stands for kube-dns"
    assert not reaches(found, WEB.address, DNS, 6443)
    assert not reaches(found, WEB.address, DATABASE.address, 53, "udp")
    assert reaches(found, DATABASE.address, WEB.address), "an egress policy says nothing of what comes in"


def test_a_block_has_holes() -> None:
    block = {"ipBlock": {"cidr": "203.0.113.0/24", "except": ["203.0.113.8/29"]}}
    found = cluster(policy({"app": "web"}, ("Egress",), egress=[{"to": [block]}]))
    assert reaches(found, WEB.address, "203.0.113.7")
    assert not reaches(found, WEB.address, OUTSIDE), "203.0.113.9 lies in the hole"


def test_a_block_allows_a_port_that_docker_leads_on_to_a_container() -> None:
    block = {"ipBlock": {"cidr": "172.17.0.1/32"}}
    found = cluster(policy({"app": "web"}, ("Egress",), egress=[{"to": [block], "ports": [{"port": 30001}]}]))
    text = rules(found, ())
    wanted = (
        "! -d 10.88.0.0/16 -p tcp -m conntrack --ctorigdstport 30001 -m conntrack --ctorigdst 172.17.0.1/32"
    )
    assert wanted in text, "the packet's destination is the container by the time that the rules see it"


def test_chains_of_pods_that_are_gone_are_removed() -> None:
    text = rules(cluster(policy({"app": "web"})), ("FATE-POD-IN-gone", chain_name(WEB, "Ingress")))
    assert ":FATE-POD-IN-gone - [0:0]" in text, "declared, which empties it"
    assert [line for line in text.splitlines() if line.startswith("-X")] == ["-X FATE-POD-IN-gone"]


def test_a_chains_name_fits_iptables() -> None:
    assert all(len(chain_name(WEB, direction)) <= 28 for direction in ("Ingress", "Egress"))


def test_pods_without_an_address_or_on_the_nodes_network_have_no_rules() -> None:
    def pod(network: bool = False, phase: str = "Running", address: str = "10.88.0.9") -> dict[str, Any]:
        return {
            "metadata": {"namespace": "a", "name": "x"},
            "spec": {"containers": [], "hostNetwork": network},
            "status": {"phase": phase, "podIP": address},
        }

    seen = [pod(), pod(network=True), pod(address=""), pod(phase="Succeeded")]
    addresses = [found.address for found in cluster_of(seen, [], []).pods]
    assert addresses == ["10.88.0.9", DNS], "a finished pod's address may be another's by now"


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ({"key": "app", "operator": "In", "values": ["web"]}, True),
        ({"key": "app", "operator": "NotIn", "values": ["web"]}, False),
        ({"key": "tier", "operator": "NotIn", "values": ["front"]}, True),
        ({"key": "tier", "operator": "Exists"}, False),
        ({"key": "tier", "operator": "DoesNotExist"}, True),
    ],
)
def test_a_selectors_expression_decides(expression: dict[str, Any], selected: bool) -> None:
    assert matches({"matchExpressions": [expression]}, {"app": "web"}) is selected


ADDRESSES = st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address)
NETWORKS = st.builds(
    lambda address, bits: ipaddress.ip_network((address, bits), strict=False), ADDRESSES, st.integers(8, 32)
)


@given(NETWORKS, st.lists(NETWORKS, max_size=3), st.data())
def test_an_address_is_in_a_block_if_it_is_in_no_hole(
    block: ipaddress.IPv4Network, holes: list[ipaddress.IPv4Network], data: st.DataObject
) -> None:
    near = data.draw(st.sampled_from([block, *holes]))
    address = near[data.draw(st.integers(0, near.num_addresses - 1))]
    left = networks({"cidr": str(block), "except": [str(hole) for hole in holes]})
    expected = address in block and not any(address in hole for hole in holes)
    assert any(address in ipaddress.ip_network(found) for found in left) is expected


PEERS = st.sampled_from(
    [
        {"podSelector": {}},
        {"podSelector": {"matchLabels": {"app": "web"}}},
        {"namespaceSelector": {}},
        {"namespaceSelector": {"matchLabels": {"team": "b"}}},
        {"ipBlock": {"cidr": "203.0.113.0/24"}},
    ]
)
POLICY = st.builds(
    lambda app, types, peers: policy(app, types, ingress=[{"from": peers}], egress=[{"to": peers}]),
    st.sampled_from([{}, {"app": "web"}, {"app": "database"}]),
    st.sampled_from([("Ingress",), ("Egress",), ("Ingress", "Egress")]),
    st.lists(PEERS, min_size=1, max_size=2),
)


@settings(max_examples=50)
@given(st.lists(POLICY, min_size=1, max_size=3), POLICY)
def test_another_policy_for_closed_pods_only_ever_opens(policies: list[Any], more: dict[str, Any]) -> None:
    closed = policy({}, ("Ingress", "Egress"))
    before, after = cluster(closed, *policies), cluster(closed, *policies, more)
    for source, target in itertools.permutations((WEB.address, DATABASE.address, OTHER.address, OUTSIDE), 2):
        assert reaches(after, source, target) or not reaches(before, source, target), (
            "policies add up: one more can close nothing that another has opened"
        )
