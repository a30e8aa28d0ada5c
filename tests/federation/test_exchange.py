"""A star on one engine: two parties whose only way is the exchange, with real FATE jobs."""

import copy
import json
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.federation.conftest import ENGINES, VALUES
from tests.federation.test_main_job import address, docker, reaches
from tests.project import Project, Stack


@pytest.fixture(scope="module")
def star(project: Project, trial: Stack) -> Iterator[Stack]:
    """Bring a star up beside the stack `trial`, from whose mirror it pulls."""
    del trial
    values = copy.deepcopy(VALUES)
    values["mirror"] = {"kind": "stack", "stack": "organization/fate/trial"}
    values["exchange"] = {"kind": "gateway"}
    values["parties"].append({"id": "10001", "engines": ENGINES})
    for party, port in zip(values["parties"], (5701, 5702, 5703), strict=True):
        party["exchange"] = {"broker-at": port}
    with project.brought_up("star", values) as stack:
        yield stack


def test_a_job_of_three_parties_passes_through_the_star(star: Stack) -> None:
    ended = star.doctor("--json", "--jobs", "coordinated-lr")
    told = json.loads(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [(job["ok"], job.get("arbiter")) for job in told["jobs"]] == [(True, "10001")]
    assert told["jobs"][0]["auc"] > 0.9
    asked = {check["check"] for check in told["checks"] if check["party"] == "exchange"}
    assert {"relay", "gateway of 9999", "broker of 9999", "gateway of 10000", "broker of 10000"} <= asked


@pytest.mark.parametrize(("service", "port"), [("gateway", "9300"), ("broker", "5672")])
def test_a_party_reaches_the_exchange_and_no_other_party(star: Stack, service: str, port: str) -> None:
    inside = f"fate-star-9999-{service}"
    assert reaches(inside, "relay-9999", "9300"), "the exchange is reached: the knock works"
    other = f"fate-star-10000-{service}"
    own = docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}", other)
    assert len(own.split()) == 2, "its own network and the one that it shares with the exchange"
    for host in (*own.split(), other, f"{service}-10000"):
        assert not reaches(inside, host, port), f"9999 reaches the {service} of 10000 at {host}"


def test_what_the_exchange_does_not_know_gets_404_in_words(star: Stack) -> None:
    ask = "busybox nc 127.0.0.1 9300"
    request = "GET /v2/server/fateflow HTTP/1.0\r\ndest-party-id: 1\r\n\r\n"
    container = "fate-star-relay"
    answer = subprocess.run(
        ["docker", "exec", "-i", container, "sh", "-c", ask],
        input=request,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert " 404 " in answer
    assert "the exchange knows no such party" in answer
    assert address(container), "it runs"


def test_the_second_preview_is_empty_after_a_refresh(star: Stack) -> None:
    star.pulumi("preview", "--refresh", "--diff", "--expect-no-changes")


def test_all_pull_the_images_of_another_stack_s_mirror_by_digest(star: Stack, trial: Stack) -> None:
    held = set(trial.outputs()["images"].values())
    state = json.loads(star.pulumi("stack export").stdout)["deployment"]["resources"]
    pulled = {r["inputs"]["name"] for r in state if r["type"] == "docker:index/remoteImage:RemoteImage"}
    assert pulled == held, "what the mirror's stack exports is what its users run"


def test_a_killed_exchange_is_named_and_comes_back(star: Stack) -> None:
    docker("rm", "-f", "fate-star-relay")
    ended = star.doctor("--jobs", "none")
    assert ended.returncode == 1
    assert re.search(r"exchange +relay +FAILED", ended.stdout), ended.stdout
    assert set(star.steps("--refresh")) == {"exchange-relay"}, "the preview names it, and nothing else"
    star.up("--refresh")
    assert star.doctor("--jobs", "none").returncode == 0, "calls and data find their way again"
