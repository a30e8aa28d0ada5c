"""What the doctor makes of an exchange: what it answers for each party behind it, and who is to blame."""

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from components.services.context import Route
from components.services.osxrelay import route_table
from components.services.relay import LACKING
from config.exposure import Address
from ops.doctor.checks import EXCHANGE, CheckResult, Patient, planned, run
from ops.doctor.examination import Wishes, examine
from ops.doctor.outputs import Behind, DockerExchange, parse
from ops.doctor.reach import Answer, State
from ops.doctor.report import Record
from ops.doctor.star import KNOCK, OSX, ROUTES, planned_of_exchange
from tests.unit.doctor_party import (
    HEALTHY,
    SERVER,
    PartyOnThisMachine,
    configured,
    listening,
    patient,
)

GREETING = "\x01\x00...PLAIN AMQPLAIN..."
PORTS = {"9999": {"broker-at": 5701}, "10000": {"broker-at": 5702}}
OUTPUTS = {
    "runtime": "docker",
    "host": "unix:///nowhere.sock",
    "containers": {"relay": "fate-t-relay"},
    "parties": PORTS,
}


class InsideExchange(ABC):
    """A Reach into an exchange, whose one service is healthy."""

    service: ClassVar[str]

    @abstractmethod
    def answer(self, argv: Sequence[str]) -> Answer:
        """Answer a command."""

    def exec(self, service: str, argv: Sequence[str], limit: int = 20) -> Answer:
        """Answer a command in the one service."""
        assert (service, limit) == (self.service, 20)
        return self.answer(argv)

    def script(self, service: str, text: str) -> Answer:
        """Answer as a command is answered."""
        return self.exec(service, [text])

    def state(self, service: str) -> State:
        """Return a healthy state."""
        assert service == self.service
        return HEALTHY


class Relay(InsideExchange):
    """Answers as it is told to: to calls for a party, and at a port."""

    service = "relay"

    def __init__(self, said: dict[str, str]) -> None:
        self.said = said

    def answer(self, argv: Sequence[str]) -> Answer:
        """Answer what is said for the first word that the command holds."""
        command = " ".join(argv)
        return Answer(0, next((text for word, text in self.said.items() if word in command), ""))


def examined(**said: str) -> dict[str, CheckResult]:
    answers = {
        "dest-party-id: 9999": '{"code":0,"data":{}}',
        "dest-party-id: 10000": '{"code": 0, "data": {}}',
        "5701": GREETING,
        "5702": GREETING,
    }
    exchange = Patient(
        EXCHANGE, DockerExchange.model_validate(OUTPUTS), Relay(answers | said), ("relay",), ()
    )
    return {result.check: result for result in run(planned_of_exchange(exchange, PORTS))}


def test_every_party_behind_an_exchange_is_asked_through_it() -> None:
    results = examined()
    parties = {f"{what} of {party}" for party in PORTS for what in ("gateway", "broker")}
    assert set(results) == {"relay", *parties}
    assert all(result.ok for result in results.values()), results


def test_a_pulsar_behind_an_exchange_is_greeted_as_one() -> None:
    answers = {"dest-party-id": '{"code":0}', "5701": "\x00...Pulsar Server-3.0.7", "5702": GREETING}
    ports = {"9999": {"pulsar-at": 5701}, "10000": {"pulsar-at": 5702}}
    outputs = DockerExchange.model_validate({**OUTPUTS, "parties": ports})
    exchange = Patient(EXCHANGE, outputs, Relay(answers), ("relay",), ())
    results = {result.check: result.ok for result in run(planned_of_exchange(exchange, ports))}
    assert (results["pulsar of 9999"], results["pulsar of 10000"]) == (True, False), "the other is a RabbitMQ"


@pytest.mark.parametrize(
    ("said", "check", "cause"),
    [
        (
            {"dest-party-id: 10000": "wget: server returned error: HTTP/1.1 502 Bad Gateway"},
            "gateway of 10000",
            "The way into party 10000",
        ),
        (
            {"dest-party-id: 10000": "wget: server returned error: HTTP/1.1 404 Not Found"},
            "gateway of 10000",
            "The exchange does not lead to party 10000",
        ),
        ({"dest-party-id: 10000": ""}, "gateway of 10000", "The way into party 10000"),
        ({"5702": ""}, "broker of 10000", "The broker of party 10000 is down"),
    ],
)
def test_the_side_on_which_it_is_broken_is_named(said: dict[str, str], check: str, cause: str) -> None:
    results = examined(**said)
    assert [name for name, result in results.items() if not result.ok] == [check]
    finding = results[check].finding
    assert finding
    assert cause in finding.cause


class OsxExchange(InsideExchange):
    """An OSX, of whose parties those at `silent` hosts do not open."""

    service = OSX

    def __init__(self, table: str, silent: Sequence[str] = ()) -> None:
        self.table, self.silent = table, silent

    def answer(self, argv: Sequence[str]) -> Answer:
        """Tell the route table, or open."""
        if tuple(argv) == ROUTES:
            return Answer(0, self.table)
        knocks = {host: KNOCK.format(host=host, port=9370) for host in ("osx-9999", "osx-10000")}
        assert argv[-1] in knocks.values()
        closed = any(knocks[host] == argv[-1] for host in self.silent)
        return Answer(1, "nc: can't connect") if closed else Answer(0, "")


def examined_osx(reach: OsxExchange) -> dict[str, CheckResult]:
    outputs = DockerExchange.model_validate({**OUTPUTS, "containers": {OSX: "fate-t-osxrelay"}})
    exchange = Patient(EXCHANGE, outputs, reach, (OSX,), ())
    return {result.check: result for result in run(planned_of_exchange(exchange, {"9999": {}, "10000": {}}))}


TABLE = route_table([Route(id, {"osx": Address(f"osx-{id}", 9370)}) for id in ("9999", "10000")])


def test_an_exchange_of_osx_knocks_at_each_party_where_its_own_table_leads() -> None:
    results = examined_osx(OsxExchange(TABLE))
    assert set(results) == {OSX, "osx of 9999", "osx of 10000"}
    assert all(result.ok for result in results.values()), results
    assert results["osx of 10000"].detail.startswith("osx-10000:9370 opens")


@pytest.mark.parametrize(
    ("reach", "cause"),
    [
        (OsxExchange(TABLE, ["osx-10000"]), "The way into party 10000"),
        (OsxExchange(TABLE.replace("10000", "1")), "The exchange does not lead to party 10000"),
        (OsxExchange("cat: can't open"), "The exchange does not lead to party 10000"),
    ],
)
def test_a_party_that_an_exchange_of_osx_does_not_reach_is_named(reach: OsxExchange, cause: str) -> None:
    finding = examined_osx(reach)["osx of 10000"].finding
    assert finding
    assert cause in finding.cause


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[dict[str, CheckResult]]:
    """Yield the checks of a party behind an exchange on whose other side nobody answers."""
    yield from asked(tmp_path, 502, "bad gateway")


def asked(home: Path, status: int, text: str) -> Iterator[dict[str, CheckResult]]:
    def says(path: str, _: object, headers: object) -> tuple[int, object]:
        peer = isinstance(headers, dict) and headers.get("dest-party-id") == "10000"
        return (status, text) if peer else (200, SERVER)

    with listening(says) as port:
        reach = PartyOnThisMachine(configured(home, port), None, "", "")
        (home / "fate_flow/conf/rabbitmq_route_table.yaml").write_text("10000: {host: b, port: 5702}")
        party = patient(reach)
        told = party.outputs.model_copy(update={"exchange": Behind(at="here", leads_to=("10000",))})
        checked = Patient("9999", told, reach, party.services, party.neighbours)
        yield {result.check: result for result in run(planned(checked, "2.2.0"))}


def test_a_party_behind_an_exchange_sends_its_operator_to_the_rows_of_the_exchange(
    behind: dict[str, CheckResult],
) -> None:
    for check in ("gateway to 10000", "broker to 10000"):
        finding = behind[check].finding
        assert finding
        assert "The exchange that party 9999 is behind, or party 10000" in finding.cause, check


def test_an_exchange_that_lacks_the_peer_is_named_and_not_the_own_gateway(tmp_path: Path) -> None:
    (results,) = asked(tmp_path, 404, f"{LACKING}\n")
    finding = results["gateway to 10000"].finding
    assert finding
    assert "fate:exchange.parties" in finding.remedy


def test_an_exchange_without_a_party_of_its_stack_runs_no_job(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {"dest-party-id": '{"code":0}', "570": GREETING}
    monkeypatch.setattr("ops.doctor.examination.reach_of", lambda _: Relay(answers))
    told = parse(json.dumps({"release": "2.2.0", "parties": {}, "exchange": OUTPUTS}), "stack t")
    report = Record(sys.stdout)
    assert examine(told, Wishes(), report)
    assert "has no party" in report.remarks[0]
    assert {check.party for check in report.checks} == {EXCHANGE}
    assert capsys.readouterr().out == ""
