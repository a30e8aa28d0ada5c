"""What becomes of KubeFATE's exchanges: an nginx or an OSX in the middle, by what the parties send."""

from pathlib import Path

from ops.migrate.migrated_stack import filled
from tests.unit.migrate_examples import cluster, conf, one, told, values


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


def test_official_images_have_no_nginx_in_the_middle(tmp_path: Path) -> None:
    engines = {"computing": "Standalone", "storage": "Standalone", "algorithm": "Basic"}
    stack = conf(tmp_path, device="IPCL", **engines)
    assert values(stack)["images"] == {"from": "hub"}, "IPCL is in no image that is built here"
    assert told(stack)["exchangeip"][0] == "no counterpart"
    assert stack.faults == ()


def test_parties_with_osx_have_an_osx_in_their_middle(tmp_path: Path) -> None:
    stack = conf(tmp_path, computing="Eggroll", storage="Eggroll", federation="OSX")
    written = values(stack)
    assert (written["exchange"]["kind"], written["parties"][0]["exchange"]) == ("osx", {})
    assert written["exchange"]["expose"] == {"host": "192.0.2.1"}
    assert told(stack)["exchangeip"][0] == "kept"
    assert stack.faults == ()


def test_an_osx_in_the_middle_of_parties_that_are_built_here_is_an_official_image(tmp_path: Path) -> None:
    stack = conf(tmp_path, federation="OSX", device="CPU")
    assert values(stack)["images"]["services"].keys() == {"osx", "osxrelay"}
    assert stack.faults == ()


def test_who_has_no_peers_is_behind_no_exchange(tmp_path: Path) -> None:
    engines = {"computing": "Standalone", "storage": "Standalone", "federation": "Standalone"}
    stack = conf(tmp_path, **engines)
    assert told(stack)["exchangeip"] == ("no counterpart", "no exchange is written: no party has peers")


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


def test_a_party_behind_an_osx_need_not_list_who_is_behind_it_too(tmp_path: Path) -> None:
    stack = cluster(OSX, tmp_path)
    party = values(stack)["parties"][0]
    assert party["exchange"] == {"host": "192.0.2.1", "osx-port": 30000}
    assert "peers" not in party, "what an OSX passes on names its party"
    assert "expose" in party, "the exchange dials it"
    assert {told(stack)[f"osx.exchange.{key}"][0] for key in ("ip", "port")} == {"kept"}
    assert stack.faults == ()


MIDDLE = """
name: fate-exchange
namespace: fate-exchange
chartName: fate-exchange
chartVersion: v1.11.2
partyId: 1
modules: [{modules}]
nginx:
  type: NodePort
  httpNodePort: 30003
  grpcNodePort: 30008
  route_table:
    9999: {{proxy: [{{host: 192.0.2.9, http_port: 30093, grpc_port: 30098}}]}}
    10000: {{proxy: [{{host: 192.0.2.10, http_port: 30103, grpc_port: 30108}}]}}
"""
BY_NAME = """
trafficServer:
  type: NodePort
  nodePort: 30007
  route_table:
    sni:
    - {fqdn: 9999.fate.org, tunnelRoute: "192.0.2.9:30099"}
    - {fqdn: 10000.fate.org, tunnelRoute: "192.0.2.99:30109"}
    - {fqdn: 8888.fate.org, tunnelRoute: "192.0.2.8:30089"}
"""


def test_the_chart_of_an_exchange_becomes_the_stack_of_one(tmp_path: Path) -> None:
    stack = cluster(MIDDLE.format(modules="nginx"), tmp_path)
    exchange = values(stack)["exchange"]
    assert exchange["expose"]["gateway-port"] == 30003
    assert exchange["parties"] == [
        {"id": "9999", "host": "192.0.2.9", "gateway-port": 30093, "broker-port": 30094, "broker-at": 30701},
        {"id": "10000", "host": "192.0.2.10", **NODE_PORTS, "broker-at": 30702},
    ]
    assert "parties" not in values(stack), "the organisation in the middle has none of its own"
    assert {outcome for outcome, _ in told(stack).values()} == {"kept", "not needed"}
    assert stack.faults == ()


def test_what_traffic_server_chose_by_name_has_a_port_for_each_pulsar(tmp_path: Path) -> None:
    stack = cluster(MIDDLE.format(modules="nginx, trafficServer") + BY_NAME, tmp_path)
    members = {each["id"]: each for each in values(stack)["exchange"]["parties"]}
    assert [members[id]["pulsar-at"] for id in ("9999", "10000", "8888")] == [30701, 30702, 30703]
    assert members["8888"]["host"] == "192.0.2.8", "nginx did not lead there"
    becomes = told(stack)
    assert becomes["trafficServer.route_table.sni[0].tunnelRoute"][0] == "kept"
    assert "192.0.2.10 is written" in becomes["trafficServer.route_table.sni[1].tunnelRoute"][1]
    assert stack.faults == ()


def test_rollsite_in_an_exchange_is_told_beside_what_is_taken_over(tmp_path: Path) -> None:
    text = (
        MIDDLE.format(modules="nginx, rollsite")
        + "rollsite: {partyList: [{partyId: 7, partyIp: 192.0.2.7}]}\n"
    )
    stack = cluster(text, tmp_path)
    assert "7" not in {each["id"] for each in values(stack)["exchange"]["parties"]}
    assert told(stack)["modules"][0] == told(stack)["rollsite.partyList[0].partyId"][0] == "no counterpart"


def test_rollsite_alone_in_an_exchange_becomes_an_osx() -> None:
    stack = one("exchange.yaml", host="192.0.2.1")
    assert values(stack)["exchange"] == {
        "kind": "osx",
        "expose": {"host": "192.0.2.1", "osx-port": 30000},
        "parties": [{"id": "9999", "host": "192.0.2.9", "osx-port": 30091}],
    }
    assert {outcome for outcome, _ in told(stack).values()} == {"kept", "not needed"}
    assert stack.faults == ()


def test_an_exchange_that_leads_nowhere_gives_no_stack(tmp_path: Path) -> None:
    assert cluster("chartName: fate-exchange\nname: middle\n", tmp_path).values is None


def test_load_balancers_of_an_exchange_keep_ports_of_their_own(tmp_path: Path) -> None:
    text = MIDDLE.format(modules="nginx").replace("NodePort\n", "LoadBalancer\n  loadBalancerIP: 192.0.2.1\n")
    stack = cluster(text, tmp_path)
    exchange = values(stack)["exchange"]
    assert exchange["expose"] == {"host": "192.0.2.1"}
    assert [each["broker-at"] for each in exchange["parties"]] == [5701, 5702]
    assert stack.faults == ()
