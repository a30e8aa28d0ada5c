"""Two parties whose federation is Pulsar, each known to the other by a host and ports of its own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.federation.conftest import ENGINES, VALUES
from tests.project import Project, Stack

HOST = "172.17.0.1"
PORTS = {
    "9999": {"gateway-port": 19340, "pulsar-port": 19341},
    "10000": {"gateway-port": 19350, "pulsar-port": 19351},
}


def party(id: str, peer: str) -> dict[str, Any]:
    return {
        "id": id,
        "engines": {**ENGINES, "federation": "pulsar"},
        "expose": {"host": HOST, "bind": HOST, **PORTS[id]},
        "peers": [{"id": peer, "host": HOST, **PORTS[peer]}],
    }


@pytest.fixture(scope="module")
def stack(project: Project) -> Iterator[Stack]:
    parties = [party("9999", "10000"), party("10000", "9999")]
    mirror = {**VALUES["mirror"], "port": 5059}
    with project.brought_up("pulsar", {**VALUES, "mirror": mirror, "parties": parties}) as made:
        yield made


def told(stack: Stack) -> dict[str, Any]:
    """Return what the doctor finds, a toy job between the parties included."""
    ended = stack.doctor("--json", "--jobs", "toy")
    answer: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return answer


def test_a_job_passes_between_brokers_of_any_host_and_port(stack: Stack) -> None:
    """FATE's route table could lead to a peer only by a name that is made of its id."""
    answer = told(stack)
    assert [job["ok"] for job in answer["jobs"]] == [True]
    details = {(check["party"], check["check"]): check["detail"] for check in answer["checks"]}
    assert details["9999", "pulsar to 10000"] == f"{HOST}:19351 answers"
    assert details["10000", "pulsar"].endswith("peers 9999")


def test_the_second_preview_is_empty_after_a_refresh(stack: Stack) -> None:
    stack.pulumi("preview", "--refresh", "--diff", "--expect-no-changes")


def test_the_administration_is_the_party_s_alone(stack: Stack) -> None:
    def reached(container: str, host: str, port: int) -> bool:
        words = ("docker", "exec", f"fate-pulsar-{container}", "busybox", "nc", "-w", "3")
        return stack.project.run(*words, host, str(port), "-e", "true", check=False).returncode == 0

    assert reached("9999-fateflow", "pulsar", 8080), "FATE-Flow's workers administer it"
    assert reached("10000-gateway", "pulsar-9999", 6650), "peers' brokers come on the shared network"
    assert not reached("10000-gateway", "pulsar-9999", 8080), "it asks for no password"


def test_a_broker_that_was_killed_comes_back_and_jobs_pass(stack: Stack) -> None:
    stack.project.run("docker", "kill", "fate-pulsar-9999-pulsar")
    assert "party-9999-pulsar" in stack.steps("--refresh")
    stack.up("--refresh")
    assert [job["ok"] for job in told(stack)["jobs"]] == [True]
