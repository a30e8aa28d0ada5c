"""Two organisations, a stack each, beside a third on one machine: joined by host, and by stack."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.federation.conftest import ENGINES, VALUES
from tests.project import Project, Stack

BANK = {"gateway-port": 19320, "broker-port": 19321}
PARTNER = {"gateway-port": 19330, "broker-port": 19331}
DOCKER_BRIDGE = "172.17.0.1"


def one_party(id: str, ports: dict[str, int], peer: dict[str, Any]) -> dict[str, Any]:
    expose = {"host": DOCKER_BRIDGE, "bind": DOCKER_BRIDGE, **ports}
    values = copy.deepcopy(VALUES)
    values["mirror"] = {"kind": "stack", "stack": "organization/fate/trial"}
    values["parties"] = [{"id": id, "engines": ENGINES, "expose": expose, "peers": [peer]}]
    return values


@pytest.fixture(scope="module")
def stacks(project: Project, trial: Stack) -> Iterator[tuple[Stack, Stack]]:
    of_bank = one_party("9999", BANK, {"id": "10000", "host": DOCKER_BRIDGE, **PARTNER})
    of_partner = one_party("10000", PARTNER, {"id": "9999", "stack": "organization/fate/bank"})
    with project.brought_up("bank", of_bank) as bank, project.brought_up("partner", of_partner) as partner:
        yield bank, partner


def test_each_side_sees_the_other(stacks: tuple[Stack, Stack]) -> None:
    """docs/party-stack.md runs a job between two such stacks."""
    for stack in stacks:
        ended = stack.doctor("--jobs", "none")
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_their_second_previews_are_empty_after_a_refresh(stacks: tuple[Stack, Stack]) -> None:
    for stack in stacks:
        stack.pulumi("preview", "--refresh", "--diff", "--expect-no-changes")


def test_both_pull_the_mirrors_images_by_digest(stacks: tuple[Stack, Stack], trial: Stack) -> None:
    held = set(trial.outputs()["images"].values())
    for stack in stacks:
        state = json.loads(stack.pulumi("stack export").stdout)["deployment"]["resources"]
        pulled = {r["inputs"]["name"] for r in state if r["type"] == "docker:index/remoteImage:RemoteImage"}
        assert pulled == held, "what the mirror's stack exports is what its users run"


def test_the_sheet_of_ports_names_what_a_firewall_must_open(stacks: tuple[Stack, Stack]) -> None:
    rows = stacks[0].outputs()["ports"]
    assert {(row["service"], row["port"]) for row in rows} == {("gateway", 19320), ("broker", 19321)}
