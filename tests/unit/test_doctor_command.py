"""The doctor's command line: exit codes, JSON for machines, words for people."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.doctor import examination, jobs
from ops.doctor.checks import CheckResult, Patient
from ops.doctor.jobs import JobResult
from ops.doctor.outputs import PartyOutputs, StackOutputs
from ops.doctor.reach import Reach, State
from ops.doctor.report import Board, next_steps
from ops.doctor.symptoms import Finding
from tests.unit.doctor_party import (
    SERVER,
    STARTED,
    PartyOnThisMachine,
    Said,
    configured,
    kubernetes_party,
    listening,
)

OUTPUTS: dict[str, Any] = {
    "release": "2.2.0",
    "parties": {
        "9999": {
            "runtime": "docker",
            "host": "unix:///nowhere/docker.sock",
            "containers": {"fateflow": "fate-t-9999-fateflow", "gateway": "fate-t-9999-gateway"},
            "database": "sqlite",
            "peers": [],
            "api": "http://127.0.0.1:9380",
        }
    },
}


@pytest.fixture
def outputs(tmp_path: Path) -> str:
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(OUTPUTS))
    return str(file)


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["--stack", "a", "--outputs", "b"],
        ["--stack", "a", "--jobs", "toys"],
        ["--stack", "a", "--job-timeout", "0"],
    ],
    ids=["no stack", "two sources", "unknown job", "no time"],
)
def test_a_wrong_command_line_ends_with_2(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *flags])
    assert ended.value.code == 2
    assert "fate doctor" in capsys.readouterr().err


def test_a_party_that_is_not_there_ends_with_2(outputs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--outputs", outputs, "--guest", "7"]) == 2
    assert "--guest 7 is no party of this stack: 9999" in capsys.readouterr().err


def test_outputs_that_are_not_there_end_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--outputs", str(tmp_path / "absent")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_an_engine_that_does_not_answer_is_a_finding_and_no_traceback(
    outputs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--outputs", outputs, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    (check,) = told["checks"]
    assert set(check) == {"party", "check", "ok", "seconds", "detail", "cause", "remedy"}
    assert (check["party"], check["check"], check["ok"]) == ("9999", "engine", False)
    assert "systemctl start docker" in check["remedy"]
    assert (told["ok"], told["jobs"]) == (False, [])


@pytest.mark.parametrize(
    ("flags", "stored"),
    [
        ([], [("9999", ["guest", "host"])]),
        (["--guest", "9999"], [("9999", ["guest"])]),
    ],
)
def test_an_upload_is_for_everyone_or_for_whom_a_flag_names(
    outputs: str, monkeypatch: pytest.MonkeyPatch, flags: list[str], stored: list[tuple[str, list[str]]]
) -> None:
    asked: list[tuple[str, list[str]]] = []

    def store(patient: Patient, sides: Sequence[str], *_: object) -> JobResult:
        asked.append((patient.id, [*sides]))
        return JobResult("upload", patient.id, "", 1.0, "there")

    monkeypatch.setattr(examination, "reach_of", lambda party: None)
    monkeypatch.setattr(examination, "_checked", lambda *_: True)
    monkeypatch.setattr(jobs, "stored", store)
    assert main(["doctor", "--outputs", outputs, "--upload", "--job-timeout", "9", *flags]) == 0
    assert asked == stored


def says(path: str, _: Mapping[str, Any], headers: Mapping[str, str]) -> Said:
    return 200, SERVER


@pytest.mark.parametrize(
    ("states", "code"), [({}, 1), ({"gateway": State(False, None, STARTED, "exited")}, 1)]
)
def test_what_fails_is_told_with_cause_and_remedy(
    outputs: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    states: dict[str, State],
    code: int,
) -> None:
    with listening(says) as port:
        reach = PartyOnThisMachine(configured(tmp_path, port), states)
        monkeypatch.setattr(examination, "reach_of", lambda party: reach)
        assert main(["doctor", "--outputs", outputs]) == code
    told = capsys.readouterr().out
    assert "database of party 9999: there is no" in told, "sqlite has no file yet"
    assert told.count("likely cause:") == told.count("remedy:") == 1 + len(states)
    assert "The federation does not work yet." in told


def test_a_party_without_a_peer_passes_and_is_told_why_no_job_ran(
    outputs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def reach_of(party: PartyOutputs) -> Reach:
        return reach

    with listening(says) as port:
        reach = PartyOnThisMachine(configured(tmp_path, port))
        monkeypatch.setattr(examination, "reach_of", reach_of)
        monkeypatch.setattr("ops.doctor.checks._asked", lambda *_: "as it should be")
        assert main(["doctor", "--outputs", outputs]) == 0
    told = capsys.readouterr().out
    assert "party 9999 has no peer" in told
    assert "Every check passes, and no job was run" in told
    assert "Open FATE-Flow of party 9999: http://127.0.0.1:9380/v2/server/fateflow" in told


def test_a_party_on_kubernetes_is_reached_through_its_gateways_pod() -> None:
    outputs = StackOutputs(release="2.2.0", parties={"9999": kubernetes_party()})
    steps = next_steps(outputs)
    assert "kubectl --context prod --namespace fate-t-9999 port-forward service/gateway 9300" in steps[0]
    assert not any("api: {port" in step for step in steps), "a stack refuses it on Kubernetes"
    with_osx = kubernetes_party(containers={service: service for service in ("fateflow", "database", "osx")})
    (step, *_) = next_steps(StackOutputs(release="2.2.0", parties={"9999": with_osx}))
    assert "gateway" not in step, "OSX is in its place"
    assert "--namespace fate-t-9999 exec service/fateflow --container fateflow -- python" in step


def test_a_command_to_copy_is_never_broken_into_lines() -> None:
    out = io.StringIO()
    board = Board(out)
    command = "kubectl " + "--context prod " * 20 + "get pods"
    board.planned([("9999", "broker")])
    board.checked(CheckResult("9999", "broker", 0.1, "detail", Finding("cause", command)))
    board.all_checked()
    board.finish(False, StackOutputs.model_validate(OUTPUTS), 3)
    assert f"remedy: {command}\n" in out.getvalue()


def test_checks_that_fail_alike_are_told_once() -> None:
    out = io.StringIO()
    board = Board(out)
    board.planned([("9999", "fateflow"), ("9999", "broker"), ("10000", "broker")])
    for party, check in (("9999", "fateflow"), ("9999", "broker"), ("10000", "broker")):
        board.checked(CheckResult(party, check, 0.1, "forbidden", Finding("no right", "ask for it")))
    board.all_checked()
    board.finish(False, StackOutputs.model_validate(OUTPUTS), 3)
    assert "fateflow, broker of party 9999: forbidden" in out.getvalue()
    assert out.getvalue().count("likely cause:") == 2, "another party is another account"


def test_square_brackets_of_a_log_are_shown_as_they_are() -> None:
    out = io.StringIO()
    board = Board(out)
    finding = Finding("[red]cause", "[/] remedy")
    board.planned([("9999", "broker")])
    board.checked(CheckResult("9999", "broker", 0.1, "[bold]detail", finding))
    board.all_checked()
    board.job_ended(
        JobResult("toy", "9999", "10000", 3, "[INFO] failed", "2026", finding=finding, log="[ERROR][x]")
    )
    board.finish(False, StackOutputs.model_validate(OUTPUTS), 3)
    for text in ("[bold]detail", "[red]cause", "[/] remedy", "[INFO] failed", "[ERROR][x]"):
        assert text in out.getvalue(), "rich would take it for markup"
