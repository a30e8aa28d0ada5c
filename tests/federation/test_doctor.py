"""The doctor on a running federation, with real FATE jobs."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ops.doctor.outputs import StackOutputs, parse
from tests.project import Stack


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def outputs(trial: Stack) -> StackOutputs:
    return parse(json.dumps(trial.outputs()), "the outputs of the stack trial")


def secrets(outputs: StackOutputs) -> set[str]:
    found: set[str] = set()
    for party in outputs.parties.values():
        script = "for file in /run/secrets/*; do cat $file; echo; done"
        found |= set(docker("exec", party.containers["fateflow"], "sh", "-c", script).split())
    assert found, "a party without a secret would prove nothing"
    return found


@contextmanager
def stopped(container: str) -> Iterator[None]:
    docker("stop", container)
    try:
        yield
    finally:
        docker("start", container)


def test_every_check_passes(told: dict[str, Any], outputs: StackOutputs) -> None:
    assert [check for check in told["checks"] if not check["ok"]] == []
    asked = {(check["party"], check["check"]) for check in told["checks"]}
    for name, party in outputs.parties.items():
        wanted = {"database", *outputs.services_of(name), *(f"gateway to {peer}" for peer in party.peers)}
        assert {(name, check) for check in wanted} <= asked, "nothing is left out in silence"


def test_a_job_passes(told: dict[str, Any]) -> None:
    assert {job["job"]: job["ok"] for job in told["jobs"]} == {"toy": True}, told["jobs"]
    assert all(job["job_id"] for job in told["jobs"])


def test_a_job_that_passed_on_these_containers_is_not_run_again(trial: Stack, told: dict[str, Any]) -> None:
    again = json.loads(trial.doctor("--json", "--jobs", "toy", "--if-changed").stdout)
    assert [job["reused"] for job in again["jobs"]] == [True]
    assert [job["job_id"] for job in again["jobs"]] == [job["job_id"] for job in told["jobs"]]


def test_people_read_a_table_and_what_to_do_next(trial: Stack) -> None:
    ended = trial.doctor("--jobs", "none")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Every check passes" in ended.stdout
    assert "pulumi preview --diff" in ended.stdout


def test_a_stopped_gateway_is_named_with_cause_and_remedy(trial: Stack, outputs: StackOutputs) -> None:
    party, container = next((name, p.containers["gateway"]) for name, p in outputs.parties.items())
    with stopped(container):
        ended = trial.doctor("--json")
        people = trial.doctor()
    told = json.loads(ended.stdout)
    failed = {(c["party"], c["check"]): c for c in told["checks"] if not c["ok"]}
    assert (ended.returncode, people.returncode) == (1, 1)
    assert "exited" in failed[party, "gateway"]["detail"]
    assert f"docker start {container}" in failed[party, "gateway"]["remedy"]
    assert "stopped by hand" in failed[party, "gateway"]["cause"]
    assert {name for name, check in failed if check == "gateway"} == {party}, "the other one runs"
    assert told["jobs"] == [], "a job would only fail"
    assert f"gateway of party {party}" in people.stdout


def test_no_secret_is_told(trial: Stack, told: dict[str, Any], outputs: StackOutputs) -> None:
    party = next(iter(outputs.parties.values()))
    said = [json.dumps(told), trial.doctor("--jobs", "none").stdout]
    with stopped(party.containers["broker"]):
        ended = trial.doctor()
        said += [ended.stdout, ended.stderr]
    assert ended.returncode == 1
    for secret in secrets(outputs):
        assert not any(secret in text for text in said)
