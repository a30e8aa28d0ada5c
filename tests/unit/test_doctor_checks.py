"""What the checks of a party make of its services' states and answers."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ops.doctor.checks import CheckResult, planned, registered, run, settled
from ops.doctor.reach import State
from ops.doctor.symptoms import Ailment, Symptom
from tests.unit.doctor_party import (
    HEALTHY,
    SERVER,
    STARTED,
    PartyOnThisMachine,
    Said,
    Unreachable,
    configured,
    listening,
    patient,
)

GREETING = "\x01\x00...PLAIN AMQPLAIN..."
STOPPED = State(
    running=False, health=None, started=STARTED, note="exited, exit code 137, killed for want of memory"
)


def says(path: str, _: Mapping[str, Any], headers: Mapping[str, str]) -> Said:
    if path.startswith("/v2/"):
        return 200, SERVER
    return 200, {"tags": ["administrator"], "rabbitmq_version": "3.10.8"}


def examined(
    tmp_path: Path,
    states: Mapping[str, State] | None = None,
    greetings: tuple[str, ...] = (GREETING,),
    near: bool = True,
) -> dict[str, CheckResult]:
    with listening(says) as port:
        reach = PartyOnThisMachine(configured(tmp_path, port), states, *greetings)
        (tmp_path / "fate_flow/conf/rabbitmq_route_table.yaml").write_text("10000: {host: b, port: 5672}")
        party = patient(reach, near=near)
        return {result.check: result for result in run(planned(party, "2.2.0"))}


def remedy(result: CheckResult) -> str:
    assert result.finding, f"{result.check} passed: {result.detail}"
    return result.finding.remedy


def test_every_service_and_both_ways_to_each_peer_are_checked(tmp_path: Path) -> None:
    results = examined(tmp_path)
    wanted = {"fateflow", "database", "broker", "gateway", "gateway to 10000", "broker to 10000"}
    assert set(results) == wanted
    assert {name for name, result in results.items() if not result.ok} == {"database"}, "which is not there"
    assert results["gateway to 10000"].detail == "FATE-Flow 2.2.0 answers"


def test_a_stopped_gateway_is_named_with_cause_and_remedy(tmp_path: Path) -> None:
    result = examined(tmp_path, {"gateway": STOPPED})["gateway"]
    assert "gateway container does not run: exited, exit code 137, killed for want of memory" in result.detail
    assert "docker start fate-t-9999-gateway" in remedy(result)


def test_what_only_a_stopped_fateflow_could_answer_sends_the_operator_there(tmp_path: Path) -> None:
    results = examined(tmp_path, {"fateflow": STOPPED})
    assert "docker start fate-t-9999-fateflow" in remedy(results["fateflow"])
    assert remedy(results["broker"]) == "First repair fateflow of party 9999."


def test_the_way_back_from_a_peer_of_another_stack_is_left_to_a_job(tmp_path: Path) -> None:
    assert "only a job proves the way back" in examined(tmp_path, near=False)["gateway to 10000"].detail


@pytest.mark.parametrize(
    ("greeting", "part"),
    [
        ("nc: can't connect to remote host (10.0.0.2): Connection refused", "is down"),
        ("", "is down"),
        ("HTTP/1.1 400 Bad Request", "something else listens"),
    ],
)
def test_a_peers_broker_is_known_by_its_greeting(tmp_path: Path, greeting: str, part: str) -> None:
    finding = examined(tmp_path, greetings=(greeting,))["broker to 10000"].finding
    assert finding is not None
    assert part in finding.cause


def test_a_broker_that_hung_up_once_is_well(tmp_path: Path) -> None:
    assert examined(tmp_path, greetings=("", GREETING))["broker to 10000"].ok


def test_a_service_that_is_still_starting_is_waited_for() -> None:
    class Slow(Unreachable):
        asked = 0

        def state(self, service: str) -> State:
            self.asked += 1
            return HEALTHY if self.asked > 2 else State(True, "starting", STARTED)

    slow = Slow()
    assert settled(slow, "broker").health == "healthy"
    with pytest.raises(Ailment) as raised:
        settled(PartyOnThisMachine(Path(), {"broker": State(True, "starting", STARTED)}), "broker", limit=0)
    assert raised.value.symptom is Symptom.STARTING


def test_a_node_manager_that_has_just_started_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    def node(*statuses: Symptom | str) -> Callable[[], str]:
        told = iter(statuses)

        def asked() -> str:
            status = next(told)
            if isinstance(status, Symptom):
                raise Ailment(status, f"it is {status}")
            return status

        return asked

    just_started = node(Symptom.NODE_UNREGISTERED, Symptom.NODE_UNHEALTHY, "healthy")
    assert registered(just_started) == "healthy", "its port opens 20 s before Eggroll lets it in"
    with pytest.raises(Ailment, match="node-unhealthy"):
        registered(node(Symptom.NODE_UNHEALTHY), limit=-1)
    with pytest.raises(Ailment, match="database-silent"):
        registered(node(Symptom.DATABASE_SILENT))


def test_parties_are_examined_at_the_same_time(tmp_path: Path) -> None:
    class Sleepy(PartyOnThisMachine):
        def state(self, service: str) -> State:
            time.sleep(0.3)
            return STOPPED

    both = [
        check
        for name in ("9999", "10000")
        for check in planned(patient(Sleepy(tmp_path), name, peers=()), "2.2.0")
    ]
    started = time.monotonic()
    assert len(list(run(both))) == 8
    assert time.monotonic() - started < 8 * 0.3 / 2, "one after the other it takes 2.4 s"


def test_a_removed_container_is_told_for_every_check(tmp_path: Path) -> None:
    results = list(run(planned(patient(Unreachable()), "2.2.0")))
    assert all("there is no container" in result.detail for result in results)
    assert all("pulumi up --refresh" in remedy(result) for result in results)
