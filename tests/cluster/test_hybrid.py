"""One party on a Docker engine and one on Kubernetes, in one stack and in two."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.conftest import CLUSTER, ENGINES, with_namespaces_removed
from tests.project import Project, Stack

MACHINE = "172.17.0.1"
"""This machine, as containers and pods both reach it: the address of Docker's own bridge."""

ON_DOCKER = {"host": MACHINE, "bind": MACHINE, "gateway-port": 9399, "broker-port": 5699}
ON_CLUSTER = {"host": MACHINE, "gateway-port": 30399, "broker-port": 30699}
MIRROR = {"kind": "distribution", "port": 5057, "address": "localhost:5057"}


def values(parties: list[dict[str, Any]], mirror: dict[str, Any], runtime: dict[str, Any]) -> dict[str, Any]:
    """Return a stack's keys."""
    return {
        "release": "2.2.0",
        "runtime": runtime,
        "images": {"from": "packages"},
        "mirror": mirror,
        "parties": [{"engines": ENGINES, **party} for party in parties],
    }


def works(stack: Stack, *flags: str) -> dict[str, bool]:
    """Let the doctor run jobs; return how they ended, by name."""
    ended = stack.doctor("--json", *flags)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return {job["job"]: job["ok"] for job in json.loads(ended.stdout)["jobs"]}


@pytest.fixture(scope="module")
def one(project: Project) -> Iterator[Stack]:
    with_namespaces_removed("mixed")
    here = {"id": "9999", "expose": ON_DOCKER}
    there = {"id": "10000", "expose": ON_CLUSTER, "runtime": CLUSTER}
    stack = project.stack("mixed", values([here, there], MIRROR, {"kind": "docker"}))
    try:
        stack.up()
        yield stack
    finally:
        stack.destroy()
        with_namespaces_removed("mixed")


def test_both_jobs_pass_between_docker_and_kubernetes_in_one_stack(one: Stack) -> None:
    assert works(one) == {"toy": True, "secureboost": True}
    one.pulumi("preview", "--diff", "--expect-no-changes")
    one.pulumi("refresh", "--preview-only", "--expect-no-changes")


@pytest.fixture(scope="module")
def two(project: Project, one: Stack) -> Iterator[tuple[Stack, Stack]]:
    """Two organisations: what was one stack is gone, and its mirror's port is free."""
    one.destroy()
    with_namespaces_removed("bank")
    here = {"id": "9999", "expose": ON_DOCKER, "peers": [_peer("10000", ON_CLUSTER)]}
    there = {"id": "10000", "expose": ON_CLUSTER, "peers": [_peer("9999", ON_DOCKER)]}
    shop = project.stack("shop", values([here], MIRROR, {"kind": "docker"}))
    of_shop = {"kind": "stack", "stack": "organization/fate/shop"}
    bank = project.stack("bank", values([there], of_shop, CLUSTER))
    try:
        shop.up()
        bank.up()
        yield shop, bank
    finally:
        bank.destroy()
        shop.destroy()
        with_namespaces_removed("bank")


def _peer(id: str, exposed: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, **{key: exposed[key] for key in ("host", "gateway-port", "broker-port")}}


def test_both_jobs_pass_between_two_stacks(two: tuple[Stack, Stack]) -> None:
    shop, bank = two
    for stack in two:
        assert all(works(stack, "--upload").values())
    assert works(shop, "--jobs", "toy,secureboost") == {"toy": True, "secureboost": True}
    assert works(bank, "--jobs", "toy") == {"toy": True}, "and the other way"


def test_the_second_preview_of_both_is_empty(two: tuple[Stack, Stack]) -> None:
    for stack in two:
        stack.pulumi("preview", "--diff", "--expect-no-changes")
        stack.pulumi("refresh", "--preview-only", "--expect-no-changes")
