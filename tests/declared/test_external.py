"""Parts of parties that others run, declared on both runtimes: they are dialled, and none is made."""

import json
from typing import Any

import pytest
import yaml

from tests.declared.kubernetes_stacks import stack
from tests.declared.program import Declared, declare
from tests.unit.external_examples import BROKER, DATABASE, HDFS, SPARK, client, of_spark, outside
from tests.unit.stack_values import EXPOSE, Values, starred, two

GIVEN = {"db": "hunter2-db", "mq": "hunter2-mq"}
KEYS = ("fate:secret-key", "fate:secrets")
FIRST = outside(database=DATABASE, broker=BROKER)
PEER = {"expose": {**EXPOSE, "broker-port": 25672}}
ON_A_CLUSTER = stack(
    party={
        "engines": {"computing": "spark", "storage": "hdfs", "federation": "rabbitmq"},
        "expose": {"host": "fate.bank.example", "gateway-port": 30300},
        **outside(
            database={**DATABASE, "host": "203.0.113.9", "port": 3307}, broker=BROKER, spark=SPARK, hdfs=HDFS
        ),
    }
)


def made(values: Values) -> Declared:
    return declare({**values, "secrets": GIVEN}, secret_keys=KEYS)


@pytest.fixture(scope="module")
def engine() -> Declared:
    return made(two(FIRST, PEER))


@pytest.fixture(scope="module")
def cluster() -> Declared:
    return made(ON_A_CLUSTER)


def table_of(declared: Declared, party: str) -> dict[str, str]:
    """Return where a party finds brokers, by party."""
    uploads = declared.of("Container")[f"party-{party}-fateflow"]["uploads"]
    (text,) = [each["content"] for each in uploads if each["file"].endswith("rabbitmq_route_table.yaml")]
    return {key: f"{end['host']}:{end['port']}" for key, end in yaml.safe_load(text).items()}


def told(declared: Declared) -> dict[str, str]:
    return {each.name: json.dumps(each.inputs, default=str, sort_keys=True) for each in declared.resources}


def test_nothing_is_made_of_what_others_run(engine: Declared) -> None:
    names = {each.name.removeprefix("party-9999-") for each in engine.resources if "9999" in each.name}
    assert not {name for name in names if name.startswith(("database", "broker"))}
    assert "fateflow-model" in names, "the party itself is there"
    assert "party-10000-database" in engine.of("Container"), "its peer has its own"


def test_an_image_that_nobody_runs_is_not_built() -> None:
    built = made(two(FIRST, outside(database={**DATABASE, "database": "b"}, broker=BROKER))).of(
        "RegistryImage"
    )
    assert set(built) == {"mirror-fateflow-push", "mirror-gateway-push"}


def test_both_brokers_dial_each_other_where_they_can_be_dialled(engine: Declared) -> None:
    assert table_of(engine, "9999") == {
        "9999": "mq.bank.example:5672",
        "10000": "fate.bank.example:25672",
    }, "a broker elsewhere knows no name of a network of this engine"
    assert table_of(engine, "10000") == {"10000": "broker:5672", "9999": "mq.bank.example:5672"}


def test_parties_of_a_star_meet_at_one_broker_that_both_name() -> None:
    star = made(starred(client(exchange={}), client(exchange={})))
    assert table_of(star, "9999") == {party: "mq.bank.example:5672" for party in ("9999", "10000")}
    (relay,) = [each for name, each in star.of("Container").items() if name == "exchange-relay"]
    assert "5672" not in json.dumps(relay["uploads"], default=str), "only calls pass through the exchange"


def test_a_party_s_outputs_say_what_others_run_and_where_peers_meet_it() -> None:
    party = made(two({**FIRST, "expose": {**EXPOSE, "bind": "192.0.2.2"}}, PEER)).outputs["parties"]["9999"]
    assert party["external"] == {"database": "db.bank.example:3306", "broker": "mq.bank.example:5672"}
    assert (party["expose"]["broker-host"], party["expose"]["broker-port"]) == ("mq.bank.example", 5672)
    assert set(party["containers"]) == {"fateflow", "gateway"}


def test_one_broker_for_all_needs_no_exposure() -> None:
    declared = made(two(client(), client()))
    for party in ("9999", "10000"):
        assert set(table_of(declared, party).values()) == {"mq.bank.example:5672"}


def test_a_password_stands_in_the_filler_of_its_service_alone(engine: Declared) -> None:
    for value in GIVEN.values():
        holders = {name for name, inputs in told(engine).items() if value in inputs}
        assert holders == {"party-9999-fateflow-secrets"}
    assert "hunter" not in json.dumps(engine.outputs, default=str)


def test_the_order_of_parties_and_of_parts_changes_nothing(engine: Declared) -> None:
    values = two({"external": dict(reversed(FIRST["external"].items()))}, PEER)
    values["parties"].reverse()
    assert told(made(values)) == told(engine)


def test_the_engine_opens_the_ports_that_executors_elsewhere_dial() -> None:
    ports = made(of_spark()).of("Container")["party-9999-fateflow"]["ports"]
    assert [port["external"] for port in ports] == list(range(31000, 31032))
    assert {port["ip"] for port in ports} == {"0.0.0.0"}


def ways_out(cluster: Declared, service: str) -> set[tuple[str, int]]:
    """Return what a service may dial outside of its namespace."""
    spec: Any = cluster.of("NetworkPolicy")[f"party-9999-{service}-policy"]["spec"]
    return {
        (rule["to"][0]["ipBlock"]["cidr"] if rule.get("to") else "anywhere", port["port"])
        for rule in spec["egress"]
        for port in rule["ports"]
        if not (rule.get("to") and "podSelector" in rule["to"][0])
    }


def test_a_policy_lets_fateflow_dial_what_others_run(cluster: Declared) -> None:
    name_servers = {("anywhere", 53)}
    assert ways_out(cluster, "fateflow") - name_servers == {
        ("203.0.113.9/32", 3307),
        *(("anywhere", port) for port in (5672, 15672, 7077, 8020, 9866)),
    }
    assert ways_out(cluster, "gateway") - name_servers == {("203.0.113.7/32", 9300)}


def test_a_policy_lets_executors_dial_fateflow_back(cluster: Declared) -> None:
    spec = cluster.of("NetworkPolicy")["party-9999-fateflow-policy"]["spec"]
    open_to_all = [rule["ports"] for rule in spec["ingress"] if not rule.get("from")]
    assert open_to_all == [[{"port": 31000, "endPort": 31031, "protocol": "TCP"}]]


def test_a_cluster_has_no_object_of_what_others_run(cluster: Declared) -> None:
    workloads = {*cluster.of("StatefulSet"), *cluster.of("Deployment")}
    assert workloads == {"party-9999-fateflow", "party-9999-gateway"}
    claims = {name for name in cluster.of("PersistentVolumeClaim") if "fateflow" not in name}
    assert claims == set()
