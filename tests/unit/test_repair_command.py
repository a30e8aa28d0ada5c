"""The command as a whole, with a Pulumi that says as it is told."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.doctor.exported import STACK
from ops.doctor.reach import State
from ops.repair.backend import damaged
from tests.unit.doctor_jobs import LONG_AGO, FlowsJobs
from tests.unit.doctor_party import STARTED, PartyOnThisMachine, Said, configured, listening, patient
from tests.unit.repair_engine import MadeUpEngine, network_of, put_in_place
from tests.unit.repair_state import ENGINE, NETWORK, container, labels, row, tree

HALF_MADE = row(NETWORK, "federation", "", name="fate-dev-federation", labels=labels(stack="dev"))
PULUMI = """#!/bin/sh
echo "$@" >>{folder}/asked
case "$1 $2" in
    "stack export") cat {folder}/state.json ;;
    "refresh --stack") [ ! -e {folder}/refuses ] || {{ echo "error: no engine"; exit 255; }}
        cp {folder}/after.json {folder}/state.json ;;
esac
"""


class Stage:
    """A folder with a Pulumi, a backend, and what the state is before and after a refresh."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stacks = folder / "backend/.pulumi/stacks/fate"
        self.locks = folder / "backend/.pulumi/locks/organization/fate/dev"
        for made in (self.stacks, self.locks):
            made.mkdir(parents=True)
        self.put()

    def put(self, *rows: dict[str, Any], pending: Any = ()) -> None:  # noqa: ANN401 - JSON
        """Set the state, and the one that a refresh leaves."""
        on_the_engine = tree(*rows, pending=pending)
        after = tree(*rows)
        for told in (on_the_engine, after):
            resources = told["deployment"]["resources"]
            told["deployment"]["resources"] = [one for one in resources if "kubernetes" not in one["type"]]
        (self.folder / "state.json").write_text(json.dumps(on_the_engine))
        (self.folder / "after.json").write_text(json.dumps(after))
        latest = {"checkpoint": {"latest": on_the_engine["deployment"]}}
        (self.stacks / "dev.json").write_text(json.dumps(latest))

    def lock(self, **values: Any) -> Path:  # noqa: ANN401 - JSON
        """Lock the stack, by a process that is gone."""
        own = {"pid": 2**22 + 1, "username": "ann", "hostname": os.uname().nodename}
        file = self.locks / "0b4d.json"
        file.write_text(json.dumps({**own, "timestamp": "2026-01-02T00:00:00Z", **values}))
        return file

    @property
    def asked(self) -> list[str]:
        """Return what Pulumi was asked for."""
        file = self.folder / "asked"
        return [" ".join(line.split()[:2]) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage(tmp_path)
    (tmp_path / "pulumi").write_text(PULUMI.format(folder=tmp_path))
    (tmp_path / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/backend?metadata=skip")
    return made


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> MadeUpEngine:
    return put_in_place(MadeUpEngine(), monkeypatch)


def test_a_sound_stack_is_left_as_it_is(
    stage: Stage, engine: MadeUpEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["repair", "--stack", "dev"]) == 0
    assert "Nothing is wrong with stack dev: nothing was done." in capsys.readouterr().out
    assert (stage.asked, engine.asked) == (["stack export"], [])


def test_a_killed_run_is_cleared_away(
    stage: Stage, engine: MadeUpEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    file = stage.lock()
    stage.put(pending=(("creating", HALF_MADE),))
    engine.on["networks"] = [network_of("fate-dev-federation", "n1")]
    assert main(["repair", "--stack", "dev"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "the run ended while it was made" in said
    assert "Next: pulumi up --stack dev" in said
    assert stage.asked == ["stack export", "refresh --stack", "stack export"]
    assert engine.asked[0] == "remove_network n1"
    assert not list(stage.locks.iterdir()), f"neither {file.name} nor a lock of the repair stays"


def test_a_dry_run_says_the_same_and_does_nothing(
    stage: Stage, engine: MadeUpEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    file = stage.lock()
    stage.put(pending=(("creating", HALF_MADE),))
    engine.on["networks"] = [network_of("fate-dev-federation", "n1")]
    assert main(["repair", "--stack", "dev", "--dry-run", "--json"]) == 1, "something is wrong"
    told = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["done"]) for one in told["found"]] == [
        ("lock", False),
        ("pending operation", False),
        ("network", False),
    ]
    assert told["next"] == "fate repair --stack dev"
    assert (stage.asked, engine.asked, file.exists()) == (["stack export"], [], True)


def test_what_cannot_be_settled_stays_wrong_and_says_why(
    stage: Stage, engine: MadeUpEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.put(pending=(("creating", HALF_MADE),))
    (stage.folder / "refuses").touch()
    assert main(["repair", "--stack", "dev", "--json"]) == 1
    (one,) = json.loads(capsys.readouterr().out)["found"]
    assert one["fault"] == "`pulumi refresh --stack dev` failed:\nerror: no engine"


def test_a_stack_that_another_holds_is_left_alone(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.lock(hostname="ci-7")
    assert main(["repair", "--stack", "dev"]) == 3
    assert "locked by ann@ci-7" in capsys.readouterr().err
    assert stage.asked == []


def test_up_asks_nothing_of_a_stack_that_was_not_interrupted(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["repair", "--stack", "dev", "--if-interrupted"]) == 0
    assert main(["repair", "--stack", "new", "--if-interrupted"]) == 0, "a stack that is not there yet"
    assert (stage.asked, capsys.readouterr().out) == ([], "")


@pytest.mark.parametrize("sign", ["a lock", "a pending operation", "a state that cannot be read"])
def test_up_repairs_what_was_interrupted(stage: Stage, engine: MadeUpEngine, sign: str) -> None:
    if sign == "a lock":
        stage.lock()
    elif sign == "a pending operation":
        stage.put(pending=(("deleting", HALF_MADE),))
    else:
        (stage.stacks / "dev.json.bak").write_text((stage.stacks / "dev.json").read_text())
        (stage.stacks / "dev.json").write_text('{"checkpoint": {')
    assert main(["repair", "--stack", "dev", "--if-interrupted"]) == 0
    assert "stack export" in stage.asked


def test_an_unreadable_state_is_restored_and_then_asked_for(
    stage: Stage, engine: MadeUpEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = (stage.stacks / "dev.json").read_text()
    (stage.stacks / "dev.json.bak").write_text(sound)
    (stage.stacks / "dev.json").write_text("")
    assert main(["repair", "--stack", "dev"]) == 0
    assert (stage.stacks / "dev.json").read_text() == sound
    assert (stage.stacks / "dev.json.unreadable").exists(), "what was there is kept"
    assert "refresh --stack" in stage.asked, "the earlier state may be older than what is there"


def test_where_no_earlier_state_can_be_read_the_backup_is_asked_for(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    (stage.stacks / "dev.json").write_text("")
    (stage.stacks / "dev.json.bak").write_text("{")
    assert main(["repair", "--stack", "dev", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert "pulumi stack import --stack dev --file FILE" in told["found"][0]["fault"]
    assert stage.asked == []


def test_a_stack_that_was_removed_is_not_brought_back(stage: Stage) -> None:
    from ops.repair.backend import backend_of

    (stage.stacks / "dev.json").rename(stage.stacks / "dev.json.bak")
    backend = backend_of("dev")
    assert backend is not None
    assert damaged(backend) == [], "`pulumi stack rm` leaves its last state under this name"


class FateFlow:
    """A FATE-Flow that stops a job in the party's database, unless it is to refuse that."""

    def __init__(self, jobs: FlowsJobs) -> None:
        self.jobs = jobs
        self.refuses = False
        self.stopped: list[str] = []

    def says(self, path: str, payload: Mapping[str, Any], _: Mapping[str, str]) -> Said:
        assert path == "/v2/job/stop", "nothing else is asked for"
        self.stopped.append(payload["job_id"])
        if self.refuses:
            return 200, {"code": 1007, "message": "party 10000 does not answer"}
        self.jobs.give_back(payload["job_id"])
        return 200, {"code": 0}


@pytest.fixture
def flow(
    stage: Stage, engine: MadeUpEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FateFlow]:
    """Make a stack whose party 9999 has a job without a process, and one that it works on."""
    monkeypatch.setattr("ops.repair.fate_jobs.LIMIT", 0.0)
    monkeypatch.setattr("ops.repair.fate_jobs.reach_of", lambda _: PartyOnThisMachine(tmp_path))
    party = patient(None).outputs.model_dump(mode="json", by_alias=True)
    stage.put(row(STACK, "fate-dev", "", outputs={"release": "2.2.0", "parties": {"9999": party}}))
    with FlowsJobs(tmp_path) as jobs:
        jobs.add("2025", "waiting", in_use=True, applied=LONG_AGO)
        jobs.add("2026", "running", in_use=True, applied=LONG_AGO)
        made = FateFlow(jobs)
        with listening(made.says) as port:
            configured(tmp_path, port)
            yield made


def test_a_job_without_a_process_is_stopped_and_no_other(
    flow: FateFlow, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["repair", "--stack", "dev", "--dry-run"]) == 1
    assert (flow.stopped, "1 thing to repair" in capsys.readouterr().out) == ([], True)
    assert main(["repair", "--stack", "dev"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "2025 FATE-Flow was taking it when it ended: it has no process and" in said
    assert "keeps 8 processors" in said
    assert said.endswith("1 thing repaired."), "no run of Pulumi was killed: nothing comes next"
    assert flow.stopped == ["2025"]
    assert main(["repair", "--stack", "dev"]) == 0
    assert "Nothing is wrong" in capsys.readouterr().out


def test_a_job_that_fateflow_does_not_stop_stays_wrong(
    flow: FateFlow, capsys: pytest.CaptureFixture[str]
) -> None:
    flow.refuses = True
    assert main(["repair", "--stack", "dev", "--json"]) == 1
    (one,) = json.loads(capsys.readouterr().out)["found"]
    assert one["kind"] == "FATE job"
    assert one["fault"].startswith("/job/stop: code 1007: party 10000 does not answer; see what")


@pytest.mark.parametrize("runs", [True, False])
def test_a_party_that_cannot_be_asked_for_its_jobs_is_told_where_its_fateflow_runs(
    flow: FateFlow,
    runs: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "fate.db").unlink()
    reach = PartyOnThisMachine(tmp_path, {"fateflow": State(runs, None, STARTED)})
    monkeypatch.setattr("ops.repair.fate_jobs.reach_of", lambda _: reach)
    assert main(["repair", "--stack", "dev", "--json"]) == 0
    remarks = json.loads(capsys.readouterr().out)["remarks"]
    there = f"jobs of party 9999 were not looked at: there is no {tmp_path}/fate.db"
    assert remarks == ([there] if runs else [])


def test_an_engine_that_does_not_answer_is_named(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ops.doctor.symptoms import Ailment, Symptom

    def silent(host: str, options: tuple[str, ...]) -> None:
        raise Ailment(Symptom.NO_ENGINE, f"{host}: connection refused")

    monkeypatch.setattr("ops.repair.docker_leftovers.client_of", silent)
    stage.put(container("fate-dev-9999-gateway", "c1"))
    assert main(["repair", "--stack", "dev", "--json"]) == 1
    (one,) = json.loads(capsys.readouterr().out)["found"]
    assert (one["name"], one["fault"]) == (ENGINE, f"{ENGINE}: connection refused")


def test_a_silent_engine_is_named_where_a_deletion_was_to_be_ended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ops.doctor.symptoms import Ailment, Symptom

    def silent(host: str, options: tuple[str, ...]) -> None:
        raise Ailment(Symptom.NO_ENGINE, f"{host}: connection refused")

    for module in ("ops.repair.docker_deletions", "ops.repair.docker_leftovers"):
        monkeypatch.setattr(f"{module}.client_of", silent)
    stage.put(pending=(("deleting", container("fate-dev-9999-gateway", "c1")),))
    assert main(["repair", "--stack", "dev", "--json"]) == 1
    one = json.loads(capsys.readouterr().out)["found"][0]
    assert (one["kind"], one["fault"]) == ("pending operation", f"{ENGINE}: connection refused")
    assert "refresh --stack" not in stage.asked, "nothing is noted before it is known"


@pytest.mark.parametrize("beside", ["--dry-run", "--json"])
def test_up_goes_with_neither(beside: str) -> None:
    assert main(["repair", "--stack", "dev", "--up", beside]) == 2
