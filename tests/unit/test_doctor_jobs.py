"""How the doctor runs jobs: submitted, watched, stopped, read from history."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.doctor import jobs, watching
from ops.doctor.flow import Flow
from ops.doctor.jobs import JobKind, JobResult, Pair, dag
from ops.doctor.symptoms import Ailment, Symptom
from tests.unit.doctor_jobs import LONG_AGO, FlowsJobs
from tests.unit.doctor_party import PartyOnThisMachine, Said, configured, listening, patient

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AUC = {"data": {"sbt": {"train_set": [{"metric": "auc", "val": 0.986}]}}}


@dataclass
class FateFlow:
    """A FATE-Flow whose job goes through `statuses`, the last one for ever."""

    statuses: list[str] = field(default_factory=lambda: ["waiting", "running", "success"])
    submit: Mapping[str, Any] = field(default_factory=lambda: {"code": 0, "job_id": "2026"})
    history: list[dict[str, Any]] = field(default_factory=list)
    rows: int = 569
    failed: list[dict[str, str]] = field(default_factory=lambda: [{"task_name": "psi_0"}])
    metrics: list[dict[str, Any]] = field(default_factory=lambda: [AUC])
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    silent: float = 0
    """How many questions about a job it does not answer, once it has taken it."""

    def says(self, path: str, payload: Mapping[str, Any], _: Mapping[str, str]) -> Said:
        self.asked.append((path, payload))
        if self.silent and path != "/v2/job/submit":
            self.silent -= 1
            return 502, "starting"
        answers: dict[str, object] = {
            "/v2/job/submit": self.submit,
            "/v2/job/stop": {"code": 0},
            "/v2/job/task/query": {"code": 0, "data": self.failed},
            "/v2/job/list/query": {"code": 0, "data": {"data": self.history}},
            "/v2/output/metric/query": {"code": 0, "data": self.metrics},
            "/v2/table/query": {"code": 0, "data": {"count": self.rows}},
        }
        if path == "/v2/job/query":
            status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
            return 200, {"code": 0, "data": [{"status": status, "progress": 50}]}
        return 200, answers[path]

    def paths(self) -> list[str]:
        return [path.removeprefix("/v2") for path, _ in self.asked]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "POLL", 0.01)


def ran(flow: FateFlow, home: Path, kind: JobKind = JobKind.TOY, limit: int = 60) -> JobResult:
    with listening(flow.says) as port:
        pair = pair_on(home, port, limit)
        return jobs.run(kind, pair)


def pair_on(home: Path, port: int, limit: int = 60) -> Pair:
    guest = patient(PartyOnThisMachine(configured(home, port)))
    return Pair(guest, "10000", None, limit, lambda told: None)


def cause(result: JobResult) -> str:
    assert result.finding, result.detail
    return result.finding.cause


def test_a_toy_job_is_submitted_watched_and_named(tmp_path: Path) -> None:
    flow = FateFlow()
    result = ran(flow, tmp_path)
    assert (result.ok, result.job_id, result.auc) == (True, "2026", None)
    assert flow.asked[0] == ("/v2/job/submit", {"dag_schema": dag("toy", "9999", "10000")})


def test_secureboost_uses_a_table_that_is_there_and_tells_its_auc(tmp_path: Path) -> None:
    flow = FateFlow()
    result = ran(flow, tmp_path, JobKind.SECUREBOOST)
    assert (result.auc, result.detail) == (0.986, "succeeded, AUC 0.986")
    assert "/data/component/upload" not in flow.paths(), "569 rows are there"


def test_an_arbiter_takes_part_where_a_job_has_one_and_in_no_other(tmp_path: Path) -> None:
    flow = FateFlow()
    with listening(flow.says) as port:
        pair = replace(pair_on(tmp_path, port), arbiter_id="10001")
        toy, regression = (jobs.run(kind, pair) for kind in (JobKind.TOY, JobKind.COORDINATED_LR))
    assert (toy.arbiter, regression.arbiter, regression.auc) == (None, "10001", 0.986)
    wanted = {"dag_schema": dag("coordinated-lr", "9999", "10000", "10001")}
    assert ("/v2/job/submit", wanted) in flow.asked


def test_only_guest_and_host_store_a_table(tmp_path: Path) -> None:
    with listening(FateFlow().says) as port:
        pair = replace(pair_on(tmp_path, port), arbiter_id="10001")
        pair = replace(pair, arbiter=replace(pair.guest, id="10001"))
    assert [(side.id, table) for side, table in pair.tables] == [("9999", "guest")], "no host can be reached"
    assert [side.id for side in pair.sides] == ["9999", "10001"], "an arbiter's log tells, too"


def test_a_success_without_an_auc_is_none(tmp_path: Path) -> None:
    result = ran(FateFlow(metrics=[]), tmp_path, JobKind.SECUREBOOST)
    assert "told no AUC" in cause(result)


def test_a_job_that_hangs_is_stopped_and_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.doctor.flow.Flow.busy", lambda self: 0.0)
    monkeypatch.setattr("ops.doctor.flow.Flow.out_of_memory", lambda self: [])
    flow = FateFlow(["running"])
    result = ran(flow, tmp_path, limit=0)
    assert ("/v2/job/stop", {"job_id": "2026"}) in flow.asked
    assert "their workers only wait" in cause(result)


def test_a_job_that_never_began_names_what_runs_before_it(tmp_path: Path) -> None:
    history = [{"job_id": "2026", "status": "waiting"}, {"job_id": "2025", "status": "running"}]
    flow = FateFlow(["waiting"], history=[*history, {"job_id": "2024", "status": "failed"}])
    with FlowsJobs(tmp_path) as jobs:
        jobs.add("2023", "waiting", in_use=True, applied=LONG_AGO)
        result = ran(flow, tmp_path, limit=0)
    assert ("/v2/job/stop", {"job_id": "2026"}) in flow.asked
    lost = "job 2023 of party 9999, without a process"
    assert result.detail.endswith(f"before it: job 2025 of party 9999, {lost}")
    assert "another one has the processors" in cause(result)


def test_a_job_that_waits_for_a_process_that_lacked_memory_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.doctor.flow.Flow.busy", lambda self: 0.0)
    monkeypatch.setattr("ops.doctor.flow.Flow.out_of_memory", lambda self: ["nodemanager-1 of party 9999"])
    result = ran(FateFlow(["running"]), tmp_path, limit=0)
    assert "were killed for want of memory in nodemanager-1 of party 9999" in result.detail
    assert "a process in a node manager" in cause(result)


def test_who_computes_for_fateflow_is_asked_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"fateflow": {"killed": 0, "busy": 0.1}, "nodemanager-1": {"killed": 2, "busy": 0.5}}
    monkeypatch.setattr("ops.doctor.flow.ask", lambda reach, script, service: told[service])
    guest = patient(PartyOnThisMachine(tmp_path))
    computing = Pair(replace(guest, services=list(told)), "10000", None, 1, lambda told: None).flow
    assert computing.out_of_memory() == ["nodemanager-1 of party 9999"]
    assert computing.busy() == 0.6, "FATE-Flow's own workers only wait while Eggroll computes"


def test_a_job_that_is_still_at_work_is_stopped_but_called_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.doctor.flow.Flow.busy", lambda self: 0.7)
    result = ran(FateFlow(["running"]), tmp_path, limit=0)
    assert "too busy or too slow" in cause(result)
    assert "used 0.70 processors" in result.detail


def test_ctrl_c_stops_the_job(tmp_path: Path) -> None:
    def pressed(told: str) -> None:
        raise KeyboardInterrupt

    flow = FateFlow(["running"])
    with listening(flow.says) as port:
        pair = replace(pair_on(tmp_path, port), progress=pressed)
        with pytest.raises(KeyboardInterrupt):
            jobs.run(JobKind.TOY, pair)
    assert flow.paths()[-1] == "/job/stop"


def test_a_job_is_stopped_once_a_fateflow_that_was_silent_answers_again(tmp_path: Path) -> None:
    flow = FateFlow(["waiting"], history=[{"job_id": "2025", "status": "running"}], silent=2)
    result = ran(flow, tmp_path, limit=0)
    assert ("/v2/job/stop", {"job_id": "2026"}) in flow.asked
    assert result.detail.startswith("job 2026 was stopped")


def test_a_job_that_nobody_could_stop_is_named_with_what_it_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PATIENCE", 0.0)
    result = ran(FateFlow(["running"], silent=math.inf), tmp_path)
    assert result.detail.startswith("job 2026 was not stopped and may go on: FATE-Flow cannot be asked")
    assert "keeps its processors at every party" in cause(result)
    assert result.finding is not None
    assert "docker restart fate-t-9999-fateflow" in result.finding.remedy


def test_a_job_is_stopped_where_its_workers_could_not_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unseen(self: Flow) -> float:
        raise Ailment(Symptom.NO_ENGINE, "no engine of party 10000")

    monkeypatch.setattr(Flow, "busy", unseen)
    flow = FateFlow(["running"])
    result = ran(flow, tmp_path, limit=0)
    assert ("/v2/job/stop", {"job_id": "2026"}) in flow.asked
    assert result.detail.endswith("what its workers do was not seen: no engine of party 10000")


def test_ctrl_c_tells_of_a_job_that_could_not_be_stopped(tmp_path: Path) -> None:
    flow = FateFlow(["running"])

    def pressed(told: str) -> None:
        flow.silent = math.inf
        raise KeyboardInterrupt

    with listening(flow.says) as port:
        pair = replace(pair_on(tmp_path, port), progress=pressed)
        with pytest.raises(KeyboardInterrupt, match="job 2026 was not stopped and may go on"):
            jobs.run(JobKind.TOY, pair)


def test_a_refused_job_tells_which_way_is_broken(tmp_path: Path) -> None:
    message = (
        "Traceback\nException: ('create job failed', {'10000': {'code': 104, 'message': '404 Client Error'}})"
    )
    result = ran(FateFlow(submit={"code": 1002, "message": message}), tmp_path)
    assert "no route to that party" in cause(result)
    assert result.detail.startswith("code 1002: Exception: ('create job failed'")


def test_a_failed_job_names_its_task_and_quotes_its_log(tmp_path: Path) -> None:
    log = tmp_path / "fate_flow/logs/2026/host/10000/psi_0/root/ERROR"
    log.parent.mkdir(parents=True)
    log.write_text("UnpicklingError: global 'builtins.getattr' is forbidden\n")
    result = ran(FateFlow(["failed"]), tmp_path)
    assert result.detail == "job 2026 failed, task psi_0"
    assert "3.11.2 pickles enums" in cause(result)
    assert "2026/host/10000/psi_0/root/ERROR:\nUnpicklingError" in result.log


def test_a_fault_that_the_hosts_log_shows_is_looked_for_on_the_hosts_side(tmp_path: Path) -> None:
    log = tmp_path / "fate_flow/logs/2026/host/10000/toy_example_0/root/ERROR"
    log.parent.mkdir(parents=True)
    log.write_text("HTTPConnectionPool(host='broker', port=15672): Max retries exceeded\n")
    flow = FateFlow(["failed"])
    with listening(flow.says) as port:
        pair = pair_on(tmp_path, port)
        host = patient(pair.guest.reach, "10000", peers=("9999",))
        result = jobs.run(JobKind.TOY, replace(pair, host=host))
    assert "party 10000's broker does not answer" in cause(result)
    assert result.finding is not None
    assert "docker restart fate-t-10000-broker" in result.finding.remedy


def test_a_reader_that_fails_where_no_log_can_be_read_means_a_table_was_not_uploaded(tmp_path: Path) -> None:
    task = {"task_name": "reader_0", "party_status": "success"}
    result = ran(FateFlow(["failed"], failed=[task]), tmp_path)
    assert result.detail == "job 2026 failed, task reader_0 (on the peer's side)"
    assert result.finding is not None
    assert "--upload" in result.finding.remedy


def test_a_table_is_stored_for_the_named_sides_alone_and_a_job_that_fails_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = FateFlow()
    monkeypatch.setattr(Flow, "upload", lambda *_: "2026")
    with listening(flow.says) as port:
        party = pair_on(tmp_path, port).guest
        assert jobs.stored(party, ["guest"], 60, lambda told: None).detail == "there as guest"
        assert [asked["name"] for _, asked in flow.asked] == ["guest"]
        flow.rows, flow.statuses = 0, ["failed"]
        failed = jobs.stored(party, ["host"], 60, lambda told: None)
    assert failed.detail == "party 9999, table host: job 2026 failed"
    assert "could not be stored: the disk is full" in cause(failed)


def test_a_log_is_quoted_once_though_fate_writes_it_thrice(tmp_path: Path) -> None:
    root = tmp_path / "fate_flow/logs/2026/guest/9999"
    for place in ("psi_0/root", "psi_0/component", "."):
        (root / place).mkdir(parents=True, exist_ok=True)
        (root / place / "ERROR").write_text("File x\n   ^^^^^\nAttributeError: get\n")
    log = ran(FateFlow(["failed"]), tmp_path).log
    assert log == "2026/guest/9999/psi_0/root/ERROR:\nFile x\nAttributeError: get"


def test_a_canceled_job_is_not_called_failed(tmp_path: Path) -> None:
    assert cause(ran(FateFlow(["canceled"]), tmp_path)) == "Somebody stopped the job."


def remembered(**changes: object) -> dict[str, Any]:
    """Return a toy job of the doctor in the guest's history, that began at NOW."""
    start = int(NOW.timestamp() * 1000)
    job = {
        "job_id": "77",
        "dag": dag("toy", "9999", "10000"),
        "role": "guest",
        "status": "success",
        "start_time": start,
        "end_time": start + 20_000,
        "elapsed": 20_000,
    }
    return job | changes


def recalled(home: Path, *history: dict[str, Any]) -> JobResult | None:
    with listening(FateFlow(history=list(history)).says) as port:
        return jobs.passed_since(JobKind.TOY, pair_on(home, port), NOW - timedelta(seconds=1))


def test_a_job_that_passed_on_these_containers_is_remembered(tmp_path: Path) -> None:
    result = recalled(tmp_path, remembered(status="failed"), remembered())
    assert result is not None
    assert (result.reused, result.job_id, result.seconds) == (True, "77", 20)
    assert "min ago on these same containers; --jobs toy runs it again" in result.detail


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "failed"},
        {"role": "host"},
        {"start_time": int((NOW - timedelta(minutes=1)).timestamp() * 1000)},
        {"dag": dag("toy", "9999", "10001")},
        {"dag": dag("secureboost", "9999", "10000")},
        {"dag": {"dag": {"conf": None, "parties": dag("toy", "9999", "10000")["dag"]["parties"]}}},
    ],
    ids=["failed", "as host", "before the containers", "other host", "other kind", "not the doctor's"],
)
def test_any_other_job_is_not_taken_for_it(tmp_path: Path, changes: dict[str, object]) -> None:
    assert recalled(tmp_path, remembered(**changes)) is None


@pytest.mark.parametrize("kind", JobKind)
def test_a_dag_names_its_parties_and_the_doctor(kind: JobKind) -> None:
    plan = dag(kind, "1", "2", "3")["dag"]
    assert plan["conf"]["extra"] == {"fate-doctor": kind}
    sides = [("guest", ["1"]), ("host", ["2"]), *([("arbiter", ["3"])] if kind.has_an_arbiter else [])]
    assert [(p["role"], p["party_id"]) for p in plan["parties"]] == sides
    assert "$" not in yaml.safe_dump(plan), "every placeholder is filled in"
    json.dumps(plan)
