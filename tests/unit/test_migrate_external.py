"""What of KubeFATE's engines others run: it stays with them, and no password is taken over."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ops.migrate.external_engines import CALLED_BACK
from ops.migrate.migrated_stack import render
from tests.unit.migrate_examples import PASSWORD, cluster, conf, one, told, values

ELSEWHERE = "9999-elsewhere.yaml"
SPARK = {"host": "spark.bank.example", "port": 7077}
HDFS = {"host": "hdfs.bank.example", "port": 8020}
MASTER = "  spark: {master: 'spark://spark.bank.example:7077'}\n"
NAME_NODE = "  hdfs: {name_node: 'hdfs://hdfs.bank.example:8020'}\n"
RABBITMQ = "  rabbitmq: {host: mq.bank.example}\n"
OF_RABBITMQ = {"broker": {"host": "mq.bank.example", "user": "fate", "password": {"secret": "broker"}}}
PULSAR = """  pulsar:
    {host: pulsar.bank.example, port: 6651, mng_port: 8081, cluster: bank, tenant: fate, topic_ttl: 9}
"""
OF_PULSAR = {
    "pulsar": {
        "host": "pulsar.bank.example",
        "port": 6651,
        "http-port": 8081,
        "cluster": "bank",
        "tenant": "fate",
    }
}
ENGINES = "partyId: 9999\nnamespace: fate\ncomputing: {}\nfederation: {}\nstorage: {}\npython:\n"
ON_SPARK = ENGINES.format("Spark", "RabbitMQ", "HDFS")

CASES: dict[str, tuple[str, Mapping[str, object], str, str, str]] = {
    "all three": (
        ON_SPARK + MASTER + NAME_NODE + RABBITMQ,
        {"spark": SPARK, "hdfs": HDFS, **OF_RABBITMQ},
        "python.spark.master",
        "kept",
        "external.spark.host",
    ),
    "Pulsar in the broker's place": (
        ENGINES.format("Spark", "Pulsar", "HDFS") + MASTER + NAME_NODE + PULSAR,
        {"spark": SPARK, "hdfs": HDFS, **OF_PULSAR},
        "python.pulsar.topic_ttl",
        "kept",
        "federation.pulsar.topic_ttl",
    ),
    "HDFS beside the own Spark": (
        ON_SPARK + NAME_NODE,
        {"hdfs": HDFS},
        "python.hdfs.name_node",
        "kept",
        "lets fate write below /fate",
    ),
    "a name node without a port": (
        ON_SPARK + NAME_NODE.replace(":8020", ""),
        {"hdfs": {"host": "hdfs.bank.example"}},
        "python.hdfs.name_node",
        "kept",
        "external.hdfs.host",
    ),
    "Spark beside the own broker": (
        ON_SPARK + MASTER + NAME_NODE,
        {"hdfs": HDFS},
        "python.spark.master",
        "no counterpart",
        "with both elsewhere it could stay",
    ),
    "Spark beside OSX": (
        ENGINES.format("Spark", "OSX", "HDFS") + MASTER + NAME_NODE + RABBITMQ,
        {"hdfs": HDFS},
        "python.rabbitmq.host",
        "not needed",
        "the party has no use for it: its engines.federation is another",
    ),
    "Spark on YARN": (
        ON_SPARK + MASTER.replace("spark://spark.bank.example:7077", "yarn") + NAME_NODE + RABBITMQ,
        {"hdfs": HDFS, **OF_RABBITMQ},
        "python.spark.master",
        "no counterpart",
        "only a standalone Spark can be elsewhere",
    ),
    "two masters": (
        ON_SPARK + MASTER.replace(":7077", ":7077,spark-2:7077") + NAME_NODE + RABBITMQ,
        {"hdfs": HDFS, **OF_RABBITMQ},
        "python.spark.master",
        "no counterpart",
        "only a standalone Spark can be elsewhere",
    ),
    "a name node at loopback": (
        ON_SPARK + NAME_NODE.replace("hdfs.bank.example", "127.0.0.1"),
        {},
        "python.hdfs.name_node",
        "no counterpart",
        "no hdfs://host:port that a pod can dial",
    ),
    "KubeFATE's own": (
        ON_SPARK + "  hdfs: {name_node: 'hdfs://namenode:9000'}\n  rabbitmq: {host: rabbitmq}\n",
        {},
        "python.rabbitmq.host",
        "not needed",
        "known by itself",
    ),
    "KubeFATE's own by its namespace": (
        ON_SPARK + RABBITMQ.replace("mq.bank.example", "rabbitmq.fate.svc.cluster.local"),
        {},
        "python.rabbitmq.host",
        "not needed",
        "it is KubeFATE's own rabbitmq",
    ),
    "engines without HDFS": (
        ENGINES.format("Standalone", "RabbitMQ", "Standalone") + NAME_NODE + RABBITMQ,
        OF_RABBITMQ,
        "python.hdfs.name_node",
        "not needed",
        "its engines.storage is not hdfs",
    ),
    "a broker behind an exchange": (
        ON_SPARK + MASTER + NAME_NODE + RABBITMQ + "nginx: {exchange: {ip: 192.0.2.1, httpPort: 30003}}\n",
        {"hdfs": HDFS},
        "python.rabbitmq.host",
        "no counterpart",
        "meets them through an exchange",
    ),
    "a gateway elsewhere": (
        ON_SPARK + "  nginx: {host: nginx.bank.example}\n",
        {},
        "python.nginx.host",
        "no counterpart",
        "each party has its own",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_others_run_stays_with_them_where_it_can(case: str, tmp_path: Path) -> None:
    text, external, key, outcome, words = CASES[case]
    stack = cluster(text, tmp_path)
    assert values(stack)["parties"][0].get("external", {}) == external
    assert told(stack)[key][0] == outcome
    assert words in told(stack)[key][1]
    assert stack.faults == (), "what is written can be deployed"


def test_no_password_of_what_others_run_is_taken_over() -> None:
    stack = one(ELSEWHERE)
    assert PASSWORD not in render(values(stack), ())
    for name in ("broker", "database"):
        assert f"pulumi config set --secret --path fate:secrets.{name}" in stack.to_fill["fate:secrets"].why


def test_a_peer_keeps_the_host_of_its_broker() -> None:
    (party,) = values(one(ELSEWHERE))["parties"]
    (peer,) = party["peers"]
    assert (peer["host"], peer["broker-host"], peer["broker-port"]) == (
        "192.0.2.10",
        "mq.partner.example",
        5672,
    )
    assert "broker-port" not in party["expose"], "its own broker is dialled where others run it"


def test_the_cores_of_a_spark_elsewhere_are_those_of_all_its_nodes() -> None:
    services = values(one(ELSEWHERE))["parties"][0]["services"]
    assert services == {
        "fateflow": {"configuration": {"service_conf.yaml": {"computing": {"spark": {"cores": 24}}}}}
    }


def test_how_executors_found_the_driver_is_told_to_be_another_way() -> None:
    becomes = told(one(ELSEWHERE))
    for name in CALLED_BACK:
        assert becomes[f"python.spark.{name}"][0] == "no counterpart"
        assert "let them reach the cluster's pods" in becomes[f"python.spark.{name}"][1]


def test_the_name_node_of_a_federation_stays_with_each_of_its_parties(tmp_path: Path) -> None:
    parties = {"party_list": "(9999 10000)", "party_ip_list": "(192.0.2.9 192.0.2.10)", "exchangeip": ""}
    stack = conf(tmp_path, name_node="hdfs://hdfs.bank.example:8020", **parties)
    assert [party["external"]["hdfs"] for party in values(stack)["parties"]] == [HDFS, HDFS]
    assert "no two tables one namespace and name" in told(stack)["name_node"][1]
    assert stack.faults == ()


@pytest.mark.parametrize("address", ["hdfs.bank.example:8020", "hdfs://127.0.0.1:9000", "hdfs://x:99999"])
def test_a_name_node_that_no_container_can_dial_is_told(address: str, tmp_path: Path) -> None:
    stack = conf(tmp_path, name_node=address)
    assert "hdfs" not in values(stack)["parties"][0]["external"]
    assert told(stack)["name_node"][0] == "no counterpart"
