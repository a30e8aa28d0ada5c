"""What becomes of KubeFATE's exchanges: an nginx in the middle, where it carries what the parties send."""

from pathlib import Path

from tests.unit.migrate_examples import conf, told, values


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
