"""The scripts that run inside a FATE-Flow container, run here in a real Python against real sockets."""

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ops.doctor.flow import Flow
from ops.doctor.inside import ask, memory, workers
from ops.doctor.reach import Answer
from ops.doctor.symptoms import Ailment, Symptom
from tests.unit.doctor_jobs import EVER, LONG_AGO, FlowsJobs
from tests.unit.doctor_party import SERVER, PartyOnThisMachine, Said, Says, configured, listening

JOBS = [
    ("waiting", True, LONG_AGO),
    ("waiting", False, LONG_AGO),
    ("waiting", True, EVER),
    ("running", True, LONG_AGO),
    ("success", False, LONG_AGO),
]
"""Taken before FATE-Flow began; then given back, being taken now, running, ended."""


def seen(home: Path, *arguments: object) -> Ailment | str:
    """Return the detail of a probe, or its fault."""
    try:
        return str(ask(PartyOnThisMachine(home), "probes", *arguments)["detail"])
    except Ailment as fault:
        return fault


def symptom(home: Path, *arguments: object) -> Symptom:
    return symptom_of(seen(home, *arguments))


def symptom_of(found: Ailment | str) -> Symptom:
    assert isinstance(found, Ailment), f"a fault was expected, not {found}"
    return found.symptom


def always(status: int, content: object) -> Says:
    return lambda *_: (status, content)


def closed_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def test_fateflow_tells_its_version(tmp_path: Path) -> None:
    with listening(always(200, SERVER)) as port:
        configured(tmp_path, port)
        assert seen(tmp_path, "server", "2.2.0") == "FATE-Flow 2.2.0"
        assert symptom(tmp_path, "server", "2.1.0") is Symptom.VERSION_DIFFERS


def test_an_answer_with_a_code_of_its_own_is_a_fault_though_http_says_200(tmp_path: Path) -> None:
    with listening(always(200, {"code": 100, "message": "database is gone"})) as port:
        configured(tmp_path, port)
        assert symptom(tmp_path, "server", "2.2.0") is Symptom.FATEFLOW_FAULT


def test_a_silent_fateflow_and_a_silent_broker_are_told_apart(tmp_path: Path) -> None:
    configured(tmp_path, closed_port())
    assert symptom(tmp_path, "server", "2.2.0") is Symptom.FATEFLOW_SILENT
    assert symptom(tmp_path, "broker") is Symptom.BROKER_SILENT
    assert symptom(tmp_path, "gateway", "10000") is Symptom.GATEWAY_SILENT


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, Symptom.NO_ROUTE), (502, Symptom.GATEWAY_UPSTREAM), (504, Symptom.GATEWAY_UPSTREAM)],
)
def test_what_the_gateway_answers_tells_what_is_broken(
    tmp_path: Path, status: int, expected: Symptom
) -> None:
    with listening(always(status, "no")) as port:
        assert symptom(configured(tmp_path, port), "gateway", "10000") is expected


def test_the_gateway_is_asked_with_the_headers_of_fate(tmp_path: Path) -> None:
    asked: list[Mapping[str, str]] = []

    def says(path: str, _: Mapping[str, Any], headers: Mapping[str, str]) -> Said:
        asked.append(headers)
        return 200, SERVER

    with listening(says) as port:
        assert seen(configured(tmp_path, port), "gateway", "10000") == "FATE-Flow 2.2.0"
    assert (asked[0]["dest-party-id"], asked[0]["service"]) == ("10000", "fateflow")


def broker(**answers: Said) -> Says:
    known: dict[str, Said] = {
        "whoami": (200, {"tags": ["administrator"]}),
        "overview": (200, {"rabbitmq_version": "3.10.8"}),
        "federation-links": (200, []),
        "local-alarms": (200, {}),
        **{name.replace("_", "-"): said for name, said in answers.items()},
    }
    return lambda path, *_: known[path.rpartition("/")[2]]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"whoami": (401, {})}, Symptom.BROKER_REFUSES),
        ({"whoami": (200, {"tags": ["monitoring"]})}, Symptom.BROKER_NOT_ADMINISTERED),
        ({"federation_links": (404, {})}, Symptom.BROKER_WITHOUT_FEDERATION),
        ({"local_alarms": (503, {"reason": "disk"})}, Symptom.BROKER_ALARM),
    ],
)
def test_a_broker_that_fate_cannot_use_is_told(
    tmp_path: Path, answers: dict[str, Said], expected: Symptom
) -> None:
    with listening(broker(**answers)) as port:
        assert symptom(configured(tmp_path, port), "broker") is expected


def test_a_broker_that_fate_can_use_is_praised_without_its_password(tmp_path: Path) -> None:
    with listening(broker()) as port:
        told = seen(configured(tmp_path, port), "broker")
    assert told == "RabbitMQ 3.10.8, federation plugin, user fate"


def test_a_broker_too_old_for_alarms_passes(tmp_path: Path) -> None:
    with listening(broker(local_alarms=(404, {}))) as port:
        assert isinstance(seen(configured(tmp_path, port), "broker"), str), "3.8 does not know that page"


def health(home: Path) -> Ailment | str:
    try:
        return str(ask(PartyOnThisMachine(home), "database", "health")["detail"])
    except Ailment as fault:
        return fault


def test_sqlite_without_fates_tables_is_told_and_with_them_counted(tmp_path: Path) -> None:
    configured(tmp_path, 1)
    assert symptom_of(health(tmp_path)) is Symptom.DATABASE_EMPTY
    with sqlite3.connect(tmp_path / "fate.db") as connection:
        connection.execute("CREATE TABLE t_job (f_job_id TEXT)")
    assert symptom_of(health(tmp_path)) is Symptom.DATABASE_EMPTY, "t_task is missing"
    connection.execute("CREATE TABLE t_task (f_job_id TEXT)")
    connection.execute("INSERT INTO t_job VALUES ('2026')")
    connection.commit()
    connection.close()
    assert str(health(tmp_path)).endswith("2 tables, 1 job")


def test_a_job_that_an_earlier_fateflow_was_taking_is_told_and_no_other(tmp_path: Path) -> None:
    configured(tmp_path, 1)
    with FlowsJobs(tmp_path) as jobs:
        for number, (status, in_use, applied) in enumerate(JOBS):
            jobs.add(str(number), status, in_use, applied)
        assert Flow(PartyOnThisMachine(tmp_path)).taken() == {"0": 8}


def test_nothing_is_known_of_jobs_where_no_fateflow_of_this_kind_keeps_them(tmp_path: Path) -> None:
    configured(tmp_path, 1)
    sqlite3.connect(tmp_path / "fate.db").close()
    assert Flow(PartyOnThisMachine(tmp_path)).taken() == {}


def test_the_route_table_is_read_whether_ids_are_text_or_numbers(tmp_path: Path) -> None:
    configured(tmp_path, 1)
    assert seen(tmp_path, "broker_route", "9999") == "broker:5672"
    assert symptom(tmp_path, "broker_route", "10000") is Symptom.NO_BROKER_ROUTE


def test_logs_are_quoted_without_passwords_and_error_logs_before_outputs(tmp_path: Path) -> None:
    configured(tmp_path, 1)
    task = tmp_path / "fate_flow" / "logs" / "2026" / "guest" / "9999" / "psi_0"
    for folder, text in {"stdout": "import failed", "root": "login with broker-secret refused"}.items():
        (task / folder).mkdir(parents=True)
        (task / folder / ("ERROR" if folder == "root" else "component_define")).write_text(text)
    reach = PartyOnThisMachine(tmp_path)
    assert ask(reach, "logs", "2026") == {"2026/guest/9999/psi_0/root/ERROR": "login with *** refused"}
    (task / "root" / "ERROR").write_text("\n")
    assert list(ask(reach, "logs", "2026").values()) == ["import failed"], "all that a broken import leaves"


def test_a_script_that_breaks_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(Ailment) as raised:
        ask(PartyOnThisMachine(tmp_path), "probes", "server", "2.2.0")
    assert raised.value.symptom is Symptom.NO_ANSWER
    assert "No such file" in raised.value.detail
    assert "Traceback" not in raised.value.detail


class Losing(PartyOnThisMachine):
    """A party on an engine that loses the first answer."""

    lost = 0

    def exec(self, service: str, argv: Sequence[str], limit: int = 20) -> Answer:
        self.lost += 1
        return Answer(0, "") if self.lost == 1 else super().exec(service, argv, limit)


def test_a_question_whose_answer_was_lost_is_asked_again_but_no_job_starts_twice(tmp_path: Path) -> None:
    with listening(always(200, {"code": 0, "job_id": "1"})) as port:
        configured(tmp_path, port)
        assert ask(Losing(tmp_path), "flow", "GET", "/job/query", {})["job_id"] == "1"
        with pytest.raises(Ailment) as raised:
            Flow(Losing(tmp_path)).submit({})
    assert raised.value.symptom is Symptom.NO_ANSWER
    assert raised.value.detail == "flow: no answer, exit code 0"


def test_only_workers_count_as_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WORKERS", ("executor_of_this_test.py",))
    assert workers.main()["busy"] == 0
    spin = "while True: pass"
    worker = subprocess.Popen([sys.executable, "-c", spin, "executor_of_this_test.py"])
    try:
        assert workers.main()["busy"] > 0.02, "a worker that computes"
    finally:
        worker.kill()
        worker.wait()


def test_what_lacked_memory_is_counted_in_either_version_of_control_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "memory.oom_control", tmp_path / "memory.events"
    monkeypatch.setattr(memory, "COUNTERS", (str(second), str(first)))
    assert memory.main() == {"killed": 0}, "nothing counts there"
    first.write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    assert memory.main() == {"killed": 1}
    second.write_text("low 0\nmax 91\noom 3\noom_kill 2\noom_group_kill 0\n")
    assert memory.main() == {"killed": 2}
