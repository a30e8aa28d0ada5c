"""What becomes of KubeFATE's exchanges: an nginx in the middle, where it carries what the parties send."""

from pathlib import Path

from ops.migrate.migrated_stack import filled
from tests.unit.migrate_examples import cluster, conf, told, values


def test_the_exchange_of_a_federation_is_an_nginx_on_the_same_machine(tmp_path: Path) -> None:
    stack = conf(tmp_path, party_list="(9999 10000)", party_ip_list="(192.0.2.9 192.0.2.10)")
    written = values(stack)
    assert written["exchange"] == {
        "kind": "gateway",
        "runtime": {"kind": "docker", "host": "ssh://root@192.0.2.1"},
        "expose": {"host": "192.0.2.1"},
    }
    assert [party["exchange"] for party in written["parties"]] == [{"broker-at": 5701}, {"broker-at": 5702}]
    assert [party["expose"]["host"] for party in written["parties"]] == ["192.0.2.9", "192.0.2.10"]
    assert told(stack)["exchangeip"][0] == "kept"
    assert stack.faults == ()


def test_an_exchange_beside_its_parties_meets_them_by_name(tmp_path: Path) -> None:
    stack = conf(tmp_path, exchangeip="192.0.2.9")
    written = values(stack)
    assert written["exchange"] == {"kind": "gateway"}
    assert "expose" not in written["parties"][0], "nobody but the exchange dials it"
    assert written["mirror"] == {"kind": "distribution"}, "all of it is on one engine"
    assert stack.faults == ()


def test_an_exchange_on_this_machine_needs_a_name_that_parties_elsewhere_dial(tmp_path: Path) -> None:
    stack = conf(tmp_path, exchangeip="127.0.0.1")
    assert values(stack)["exchange"]["runtime"] == {"kind": "docker"}
    assert "fate:exchange.expose.host" in stack.to_fill
    assert stack.faults == ()


def test_a_pulsar_behind_an_exchange_has_a_port_of_it(tmp_path: Path) -> None:
    stack = conf(tmp_path, federation="Pulsar")
    assert values(stack)["parties"][0]["exchange"] == {"pulsar-at": 5701}
    assert stack.faults == ()


def test_what_no_exchange_carries_has_no_counterpart(tmp_path: Path) -> None:
    stack = conf(tmp_path, computing="Eggroll", storage="Eggroll", federation="OSX")
    assert "exchange" not in values(stack)
    assert told(stack)["exchangeip"][0] == "no counterpart"
    assert "RabbitMQ and Pulsar" in told(stack)["exchangeip"][1]


PARTY = """
partyId: 9999
computing: Spark
federation: {federation}
storage: HDFS
modules: [python, mysql, spark, hdfs, nginx, {module}]
nginx:
  type: NodePort
  httpNodePort: 30093
  exchange: {{ip: 192.0.2.1, httpPort: 30003, grpcPort: 30008}}
  route_table: {{10000: {{proxy: [{{host: 192.0.2.10, http_port: 30103}}]}}}}
{module}: {own}
"""
RABBITMQ = PARTY.format(federation="RabbitMQ", module="rabbitmq", own="{type: NodePort, nodePort: 30094}")
PULSAR = PARTY.format(
    federation="Pulsar", module="pulsar", own="{exchange: {ip: 192.0.2.1, port: 30000, domain: fate.org}}"
)
NODE_PORTS = {"gateway-port": 30103, "broker-port": 30104}
OSX = """
partyId: 9999
computing: Eggroll
federation: OSX
storage: Eggroll
osx: {exchange: {ip: 192.0.2.1, port: 30000}}
"""


def test_a_party_behind_an_exchange_stays_so_and_its_peers_there_are_to_fill_in(tmp_path: Path) -> None:
    stack = cluster(RABBITMQ, tmp_path)
    party, becomes = values(stack)["parties"][0], told(stack)
    assert party["exchange"] == {"host": "192.0.2.1", "gateway-port": 30003}
    assert party["peers"][0] == {"id": "10000", "host": "192.0.2.10", **NODE_PORTS}, "it is met directly"
    assert "fate:parties[0].peers[1]" in stack.to_fill, "KubeFATE did not list who is behind the exchange"
    assert becomes["nginx.exchange.ip"][0] == becomes["nginx.exchange.httpPort"][0] == "kept"
    assert becomes["nginx.exchange.grpcPort"][0] == "not needed"
    assert stack.faults == ()


def test_one_exchange_carries_the_calls_and_the_data_of_pulsar(tmp_path: Path) -> None:
    stack = cluster(PULSAR, tmp_path)
    becomes = told(stack)
    assert values(stack)["parties"][0]["exchange"]["host"] == "192.0.2.1"
    assert becomes["pulsar.exchange.ip"][0] == "kept"
    assert becomes["pulsar.exchange.port"][0] == becomes["pulsar.exchange.domain"][0] == "not needed"
    assert "pulsar-at" in str(filled(values(stack)["parties"][0]["peers"]))
    assert stack.faults == ()


def test_two_exchanges_of_one_party_are_not_both_kept(tmp_path: Path) -> None:
    becomes = told(cluster(PULSAR.replace("{ip: 192.0.2.1, port", "{ip: 192.0.2.2, port"), tmp_path))
    assert "192.0.2.1 is written" in becomes["pulsar.exchange.ip"][1]


def test_an_exchange_of_osx_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    stack = cluster(OSX, tmp_path)
    assert "exchange" not in values(stack)["parties"][0]
    assert {told(stack)[f"osx.exchange.{key}"][0] for key in ("ip", "port")} == {"no counterpart"}
