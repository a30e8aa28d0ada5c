"""What happens to claims when their storage changes: they grow, they stay, or they are replaced knowingly."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cluster.conftest import CLUSTER, OF_PODS, on_the_cluster
from tests.cluster.kubectl import is_ready, kubectl, objects, pod_of, until
from tests.project import Project, Stack

NAMESPACE = "fate-stored-9999"
ALONE = {"computing": "standalone", "storage": "standalone", "federation": "standalone"}
SIZES = {name: "1Gi" for name in ("fateflow-jobs", "fateflow-logs", "fateflow-model", "fateflow-data")}
OLD = "/data/projects/fate/fate_flow/jobs/an-old-job"


def values(**storage: Any) -> dict[str, Any]:  # noqa: ANN401 - YAML
    """Return the stack's keys, its claims as large as they are."""
    runtime = {**CLUSTER, "storage": {"size": sizes() or SIZES, **storage}}
    return {
        "release": "2.2.0",
        "runtime": {"kind": "docker"},
        "images": {"from": "packages"},
        "mirror": OF_PODS,
        "parties": [{"id": "9999", "engines": ALONE, "peers": [], "database": "sqlite", "runtime": runtime}],
    }


@pytest.fixture(scope="module")
def brought_up(project: Project, pods: Stack) -> Iterator[Stack]:
    with on_the_cluster(project, "stored", values()) as stack:
        yield stack


@pytest.fixture
def stored(brought_up: Stack) -> Iterator[Stack]:
    """Give the stack with an old job in its claims; what a test writes into its file goes after it."""
    kubectl("exec", "--namespace", NAMESPACE, "statefulset/fateflow", "--", "touch", OLD)
    yield brought_up
    brought_up.write(values())


def claims() -> dict[str, dict[str, Any]]:
    return {claim["metadata"]["name"]: claim for claim in objects("persistentvolumeclaims", NAMESPACE)}


def uids() -> dict[str, str]:
    return {name: claim["metadata"]["uid"] for name, claim in claims().items()}


def sizes() -> dict[str, str]:
    return {name: claim["spec"]["resources"]["requests"]["storage"] for name, claim in claims().items()}


def kind() -> str:
    """Return the one class of all claims."""
    (found,) = {claim["spec"]["storageClassName"] for claim in claims().values()}
    return str(found)


def another() -> str:
    """Return the class that the claims are not of."""
    return next(name for name in ("fast", "local") if name != kind())


def has_the_old_job() -> bool:
    there = ("sh", "-c", f"test -e {OLD} && echo there || echo gone")
    return "there" in kubectl("exec", "--namespace", NAMESPACE, "statefulset/fateflow", "--", *there)


def told(stack: Stack, command: str, *flags: str) -> str:
    """Run a command that must fail, and return what it said in one line."""
    ended = stack.pulumi(command, *flags, check=False)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0, said
    assert "Traceback" not in said, said
    return " ".join(said.split())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda: {"class": another()}, "has storage class"),
        (lambda: {"size": {**sizes(), "fateflow-model": "500Mi"}}, "has 1Gi, and the stack says 500Mi"),
        (lambda: {"access": "ReadWriteOncePod"}, "has access ReadWriteOnce, and the stack says"),
    ],
    ids=["another class", "smaller", "another access"],
)
def test_a_claim_is_not_replaced_unasked(
    stored: Stack, change: Callable[[], dict[str, Any]], reason: str
) -> None:
    before, pod = uids(), pod_of("fateflow", NAMESPACE)["metadata"]["uid"]
    stored.write(values(**change()))
    for said in (told(stored, "preview"), told(stored, "up", "--yes", "--skip-preview")):
        assert "fate:parties[0].runtime.storage: claim" in said
        assert f"claim fateflow-model of namespace {NAMESPACE} {reason}" in said
        assert "content lost" in said
    assert uids() == before, "refused before anything is touched"
    assert pod_of("fateflow", NAMESPACE)["metadata"]["uid"] == pod
    assert has_the_old_job()


def test_a_claim_grows_with_what_is_in_it(stored: Stack) -> None:
    before = uids()
    stored.write(values(size={**sizes(), "fateflow-logs": "2Gi"}))
    assert stored.steps() == {"party-9999-fateflow-logs": "update"}
    stored.up()
    until("it has grown", lambda: claims()["fateflow-logs"]["status"]["capacity"]["storage"] == "2Gi", 60)
    stored.pulumi("preview", "--expect-no-changes")
    assert uids() == before
    assert has_the_old_job()


def test_a_class_that_is_written_later_or_left_out_again_replaces_nothing(stored: Stack) -> None:
    before, here = uids(), kind()
    for storage in ({"class": here}, {}, {"class": here, "replace": True}):
        stored.write(values(**storage))
        stored.pulumi("preview", "--expect-no-changes")
    stored.up()
    assert uids() == before
    assert has_the_old_job()


def test_claims_are_replaced_where_the_stack_says_so_and_told_to_be_lost(stored: Stack) -> None:
    """Two `up`s, as docs/kubernetes.md has it: the engine keeps a claim that its state says to retain."""
    before, here, there = uids(), kind(), another()
    stored.write(values(replace=True))
    stored.pulumi("preview", "--expect-no-changes")
    stored.up()
    assert uids() == before
    assert has_the_old_job(), "to allow it loses nothing yet"
    stored.write(values(replace=True, **{"class": there}))
    preview = stored.pulumi("preview", check=False)
    shown = " ".join((preview.stdout + preview.stderr).split())
    assert preview.returncode != 0, "its dry run meets the claims that are there still"
    assert "spec is immutable after creation" in shown
    for name in before:
        lost = f"claim {name} of namespace {NAMESPACE} has storage class {here}, and the stack says {there}"
        assert f"{lost}: it will be replaced, and its content lost" in shown
    stored.up()
    until("FATE-Flow works on new claims", lambda: is_ready(pod_of("fateflow", NAMESPACE)))
    assert set(uids()) == set(before)
    assert not set(uids().values()) & set(before.values()), "every claim is new"
    assert kind() == there
    assert {claim["status"]["phase"] for claim in claims().values()} == {"Bound"}
    assert not has_the_old_job()
    stored.pulumi("preview", "--diff", "--expect-no-changes")


def test_claims_that_outlive_destroy_keep_the_class_that_the_stack_no_longer_names(stored: Stack) -> None:
    here = kind()
    stored.write(values(**{"class": here}))
    stored.up()
    before = uids()
    stored.write(values())
    stored.pulumi("preview", "--expect-no-changes")
    stored.pulumi("destroy", "--yes", "--skip-preview")
    assert uids() == before, "retained"
    stored.up()
    assert uids() == before
    assert kind() == here
    assert has_the_old_job()


def test_destroy_deletes_the_claims_while_the_stack_says_replace(stored: Stack) -> None:
    stored.write(values(replace=True))
    stored.up()
    stored.pulumi("destroy", "--yes", "--skip-preview")
    assert claims() == {}
    stored.write(values())
    stored.up()
    assert not has_the_old_job()
