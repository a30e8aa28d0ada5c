"""What the settings of clusters and of their mirrors answer."""

from ipaddress import IPv4Network, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from config import (
    ConfigurationFault,
    DistributionMirror,
    DockerSettings,
    GatewayExposure,
    IngressExposure,
    KubernetesSettings,
    LoadBalancerExposure,
    NodePortExposure,
    load,
)
from config.kubernetes_text import NamespaceName
from config.text import Cidr
from tests.unit.kubernetes_examples import (
    BALANCED,
    BRIDGE,
    INGRESS,
    NODE_PORTS,
    cluster,
    hybrid,
    one_in,
    out,
    sized,
    two_in,
)
from tests.unit.stack_examples import ACCEPTED
from tests.unit.stack_strategies import party_ids
from tests.unit.stack_values import RABBITMQ

LONGEST_STACK = "s" * 25
NETWORKS = st.one_of(
    st.builds(
        lambda ip, bits: IPv4Network((ip, bits), strict=False), st.ip_addresses(v=4), st.integers(0, 32)
    ),
    st.builds(
        lambda ip, bits: IPv6Network((ip, bits), strict=False), st.ip_addresses(v=6), st.integers(0, 128)
    ),
)


def cluster_of(values: dict[str, object]) -> KubernetesSettings:
    settings = load(values)
    runtime = settings.runtime_of(settings.parties[0])
    assert isinstance(runtime, KubernetesSettings)
    return runtime


def test_a_cluster_is_restricted_and_opens_node_ports_unless_told_otherwise() -> None:
    runtime = cluster_of(two_in())
    assert runtime.security == "restricted"
    assert runtime.create_namespace
    assert runtime.exposure == NodePortExposure()
    assert not runtime.storage.replace, "a change that loses data has to be asked for"
    assert (runtime.namespace, runtime.kubeconfig, runtime.pull_secrets) == (None, None, ())


@pytest.mark.parametrize(
    ("example", "kind"),
    [
        ("one organisation's party on its cluster", LoadBalancerExposure),
        ("an Ingress", IngressExposure),
        ("a Gateway", GatewayExposure),
    ],
)
def test_each_way_out_of_a_cluster_has_its_own_type(example: str, kind: type) -> None:
    assert isinstance(cluster_of(ACCEPTED[example]).exposure, kind)


def test_a_class_is_written_as_kubernetes_calls_it() -> None:
    ingress = cluster_of(ACCEPTED["an Ingress"]).exposure
    assert isinstance(ingress, IngressExposure)
    assert ingress.ingress_class == "nginx"
    assert cluster_of(ACCEPTED["claims of one pod in a class"]).storage.storage_class == "fast.ssd"


def test_a_party_runs_on_its_own_runtime_or_on_the_stacks() -> None:
    settings = load(hybrid({"kind": "distribution", "bind": BRIDGE}))
    on_docker, in_a_cluster = settings.parties
    assert settings.runtime_of(on_docker) is settings.runtime
    assert settings.runtime_of(in_a_cluster) is in_a_cluster.runtime


def test_a_partys_own_engine_is_docker_without_saying_so() -> None:
    settings = load(ACCEPTED["a party on another engine"])
    assert settings.parties[1].runtime == DockerSettings(host="ssh://a@b.example")


def test_namespaces_of_one_cluster_are_one_place_and_those_of_another_kubeconfig_are_not() -> None:
    here, beside = (
        KubernetesSettings(context="c", namespace="a"),
        KubernetesSettings(context="c", namespace="b"),
    )
    assert here.place == beside.place
    assert here.place != KubernetesSettings(context="c", kubeconfig="k").place, (
        "many clusters name their context kubernetes-admin@kubernetes"
    )


def test_engines_are_one_place_by_their_address_and_one_machine_by_their_host() -> None:
    first, second = DockerSettings(host="ssh://a@b.example"), DockerSettings(host="ssh://c@b.example")
    assert first.place != second.place
    assert first.machine == second.machine


@pytest.mark.parametrize(
    ("mirror", "expected"),
    [
        ({}, "localhost:5000"),
        ({"port": 5001, "bind": "0.0.0.0"}, "localhost:5001"),
        ({"bind": "127.0.0.2"}, "localhost:5000"),
        ({"bind": "192.0.2.1"}, "192.0.2.1:5000"),
        ({"bind": "192.0.2.1", "address": "registry.bank.example/fate"}, "registry.bank.example/fate"),
    ],
)
def test_a_mirror_is_pulled_from_where_it_listens_or_by_its_name(
    mirror: dict[str, object], expected: str
) -> None:
    assert DistributionMirror.model_validate(mirror).pull_address == expected


@given(NETWORKS)
def test_every_range_of_addresses_is_a_source(network: IPv4Network | IPv6Network) -> None:
    assert TypeAdapter(Cidr).validate_python(str(network)) == str(network)


@given(party_ids(1))
def test_every_party_id_makes_the_name_of_a_namespace(ids: list[str]) -> None:
    name = f"fate-{LONGEST_STACK}-{ids[0]}"
    assert TypeAdapter(NamespaceName).validate_python(name) == name


def test_the_longest_party_id_makes_the_name_of_a_namespace() -> None:
    name = f"fate-{LONGEST_STACK}-{'1' * 32}"
    assert TypeAdapter(NamespaceName).validate_python(name) == name
    assert len(name) == 63


def test_sizes_are_not_judged_while_a_party_cannot_be_read() -> None:
    values = sized({"database": "sqlite"}, database="1Gi")
    values["parties"].append({"id": "1", "engines": RABBITMQ, "database": "mariadbb"})
    with pytest.raises(ConfigurationFault) as raised:
        load(values)
    assert [fault.path for fault in raised.value.faults] == ["fate:parties[1].database"], (
        "the other party may have the database"
    )


def test_a_port_of_nodes_is_told_once_while_it_is_out_of_range() -> None:
    parties = [
        {"id": id, "engines": RABBITMQ, "expose": {"host": "a.example", "broker-port": broker}}
        for id, broker in (("1", 30001), ("2", 30002))
    ]
    with pytest.raises(ConfigurationFault) as raised:
        load(two_in(parties=parties))
    assert [fault.path for fault in raised.value.faults] == [
        "fate:parties[0].expose.gateway-port",
        "fate:parties[1].expose.gateway-port",
    ], "that both write the same port is no news before either can be opened"


@pytest.mark.parametrize("exposure", [BALANCED, INGRESS])
def test_one_port_at_two_hosts_is_two_ports(exposure: dict[str, object]) -> None:
    parties = [
        {
            "id": id,
            "engines": RABBITMQ,
            "expose": {"host": host, "broker-host": f"amqp-{host}", "gateway-port": 80},
        }
        for id, host in (("1", "one.bank.example"), ("2", "two.bank.example"))
    ]
    load(two_in(cluster(exposure=exposure), parties=parties))


def test_a_party_without_a_broker_opens_one_port() -> None:
    values = out({"kind": "node-port"}, **{"gateway-port": NODE_PORTS["gateway-port"], "broker-port": 1})
    party = {**values["parties"][0], "engines": {**RABBITMQ, "federation": "standalone"}, "peers": []}
    load({**values, "parties": [party]})
    with pytest.raises(ConfigurationFault):
        load(one_in(expose={"host": "a.example", "gateway-port": 30300, "broker-port": 1}))
