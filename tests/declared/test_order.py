"""The order of parties, and which of them is first, changes nothing of what is declared."""

import copy
import json
from itertools import permutations
from typing import Any

import pytest

from components.runtimes.names import Names
from config import ConfigurationFault, load
from tests.declared.program import Declared, declare

ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
NODE_B = {"host": "ssh://fate@b.example", "ssh-options": ["-i", "/keys/b"]}
NODE_B_SPELLED = {"host": "ssh://fate@B.example.:22"}
PROD = {"kind": "kubernetes", "context": "prod"}
BANK = {"kind": "kubernetes", "context": "bank", "kubeconfig": "~/.kube/bank"}
EXPOSED = {"gateway-port": 30300, "broker-port": 30672}


def stack(runtime: dict[str, Any], *own: dict[str, Any] | None) -> dict[str, Any]:
    """Return a stack of three parties, each on the stack's runtime or on its own."""
    parties = []
    for number, runs_on in enumerate(own):
        ports = {key: port + number for key, port in EXPOSED.items()}
        party: dict[str, Any] = {"id": ("9999", "10000", "bank-a")[number], "engines": ENGINES}
        party["expose"] = {"host": f"party-{number}.example", **ports}
        parties.append(party | ({"runtime": runs_on} if runs_on else {}))
    mirror = {"kind": "external", "address": "registry.bank.example/fate"}
    images = {"from": "packages"}
    return {"release": "2.2.0", "runtime": runtime, "images": images, "mirror": mirror, "parties": parties}


STACKS = {
    "one engine": stack({"kind": "docker"}, None, None, None),
    "an engine of two parties": stack({"kind": "docker"}, None, NODE_B, NODE_B_SPELLED),
    "no party on the stack's own": stack({"kind": "docker"}, NODE_B_SPELLED, NODE_B, NODE_B),
    "one cluster": stack(PROD, None, None, None),
    "a cluster of two parties": stack({"kind": "docker"}, BANK, BANK, None),
    "engines and clusters": stack({"kind": "docker"}, PROD, BANK, NODE_B),
}


def shown(declared: Declared) -> dict[str, Any]:
    """Return all that was declared: resources with inputs and options, and the stack's outputs."""
    resources = {
        (r.typ, r.name): (
            json.dumps(r.inputs, sort_keys=True, default=str),
            (r.provider or "").split("::")[-2:],
        )
        for r in declared.resources
    }
    options = {
        (r.type, r.name): (list(r.ignoreChanges), str(r.aliases), sorted(r.dependencies))
        for r in declared.requests
    }
    return {"resources": resources, "options": options, "outputs": declared.outputs}


@pytest.mark.parametrize("name", STACKS)
def test_parties_in_another_order_are_the_same_stack(name: str) -> None:
    values = STACKS[name]
    first = shown(declare(copy.deepcopy(values)))
    orders = list(permutations(values["parties"]))
    for order in (orders[-1], orders[2], orders[3]):
        assert shown(declare({**copy.deepcopy(values), "parties": list(order)})) == first


def test_peers_in_another_order_are_the_same_stack() -> None:
    values = stack({"kind": "docker"}, None, None, None)
    orders = []
    for peers in (["10000", "bank-a"], ["bank-a", "10000"]):
        first = {**values["parties"][0], "peers": [{"id": id} for id in peers]}
        orders.append(shown(declare({**values, "parties": [first, *values["parties"][1:]]})))
    assert orders[0] == orders[1]


def test_a_party_that_leaves_an_engine_leaves_its_network_and_the_other_partys_containers_alone() -> None:
    values = stack({"kind": "docker"}, None, NODE_B, NODE_B_SPELLED)
    both = declare(copy.deepcopy(values))
    alone = declare({**values, "parties": [values["parties"][0], values["parties"][2]]})
    network = "docker-fate@b.example-federation"
    assert both.of("Network")[network] == alone.of("Network")[network]
    for container in ("party-bank-a-gateway", "party-bank-a-broker"):
        one, other = (each.of("Container")[container]["networksAdvanced"] for each in (both, alone))
        assert one == other, "what is on the network would be made anew"


def test_what_was_named_after_a_party_of_an_engine_is_found_under_each() -> None:
    declared = declare(stack({"kind": "docker"}, None, NODE_B, NODE_B_SPELLED))
    former = declared.former("Network")
    assert former["docker-federation"] == [], "the stack's own engine never had a party's name"
    shared = "docker-fate@b.example"
    assert former[f"{shared}-federation"] == ["docker-10000-federation", "docker-bank-a-federation"]
    assert declared.former("docker")[shared] == ["docker-10000", "docker-bank-a"]
    assert declared.ignored("Network")[f"{shared}-federation"] == ["name", "labels"], "it keeps its name"


def test_what_was_named_after_a_party_of_a_cluster_is_found_under_each() -> None:
    former = declare(stack({"kind": "docker"}, BANK, PROD, BANK)).former("kubernetes")
    assert former == {
        "kubernetes-bank": ["kubernetes-9999", "kubernetes-bank-a"],
        "kubernetes-prod": ["kubernetes-10000"],
    }


def test_two_clusters_whose_contexts_have_one_name_are_two() -> None:
    declared = declare(stack({"kind": "docker"}, BANK, {**BANK, "kubeconfig": "~/.kube/other"}))
    assert set(declared.former("kubernetes")) == {
        "kubernetes-cluster bank of ~/.kube/bank",
        "kubernetes-cluster bank of ~/.kube/other",
    }


def test_options_for_ssh_hold_for_every_party_of_the_engine() -> None:
    declared = declare(stack({"kind": "docker"}, None, NODE_B_SPELLED, NODE_B))
    told = {id: party["ssh-options"] for id, party in declared.outputs["parties"].items()}
    assert told == {"9999": [], "10000": ["-i", "/keys/b"], "bank-a": ["-i", "/keys/b"]}
    assert json.loads(declared.of("docker")["docker-fate@b.example"]["sshOpts"]) == ["-i", "/keys/b"]


def test_other_options_for_ssh_to_the_same_engine_are_refused_where_they_stand() -> None:
    other = {**NODE_B_SPELLED, "ssh-options": ["-i", "/keys/other"]}
    with pytest.raises(ConfigurationFault) as refused:
        load(stack({"kind": "docker"}, None, NODE_B, other))
    (fault,) = refused.value.faults
    assert fault.path == "fate:parties[2].runtime.ssh-options"
    assert "differ from those at fate:parties[1].runtime" in fault.problem
    assert "ssh://fate@b.example is one engine" in fault.problem
    assert "write them once" in fault.remedy


def test_one_engine_has_one_network_however_its_address_is_spelled() -> None:
    runtimes = [
        load(stack({"kind": "docker"}, None, each, None)).parties[1].runtime
        for each in (NODE_B, NODE_B_SPELLED)
    ]
    assert len({Names("fate", "dev").federation(runtime.place) for runtime in runtimes if runtime}) == 1
