"""The pull request that brings a stack which `fate migrate` wrote from KubeFATE's files."""

import pytest

from ops.__main__ import main
from ops.preview.cli import previewed
from tests.declared.preview_repository import History
from tests.unit.migrate_examples import ENVIRONMENT, EXAMPLES, PASSWORD, SOURCES, WITHOUT_STACK

BALANCED = "9999-pulsar-balanced.yaml"
"""No file of KubeFATE's says who reaches a load balancer."""
EXCHANGE = "exchange.yaml"
"""It has no party: one service and what goes with it."""
EXTERNAL = ("one-machine.conf", "9999-elsewhere.yaml")
"""Their MySQL is one that others run, and no password is taken over."""
ON_KUBERNETES = ("--context", "prod", "--host", "192.0.2.9", "--registry", "registry.example.org")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    made = History.at(tmp_path_factory.mktemp("repository"))
    made.commit("No stack yet")
    return made


def migrated(history: History, name: str, *wishes: str) -> int:
    history.git("clean", "--quiet", "-fdx")
    return main(["migrate", "--output", str(history.folder), str(EXAMPLES / name), *wishes])


@pytest.mark.parametrize("name", sorted({*SOURCES} - {*WITHOUT_STACK, BALANCED, *EXTERNAL}))
def test_a_migrated_stack_is_told_as_added(history: History, name: str) -> None:
    wishes = ["--env", str(ENVIRONMENT)] if name.endswith(".conf") else ON_KUBERNETES
    assert migrated(history, name, *wishes) == 0
    report = previewed(history.folder, "main", "worktree", ())
    (stack,) = report.stacks
    assert stack.presence == "added"
    assert not stack.after_failure, "what migrate writes runs as it is"
    created = [step["operation"] for step in stack.steps if not step["is-component"]]
    assert set(created) == {"create"}
    least = 8 if name == EXCHANGE else 15
    assert len(created) == stack.counts["create"] > least, "at least one party with all its services"
    assert stack.services["after"], "its services are drawn"


def test_what_is_still_to_be_filled_in_is_told_by_its_key(history: History) -> None:
    assert migrated(history, "10000-spark.yaml") == 0
    (stack,) = previewed(history.folder, "main", "worktree", ()).stacks
    assert "fate:runtime.context: is missing" in stack.after_failure
    assert "fate:parties[0].expose.host: is missing" in stack.after_failure


def test_who_reaches_a_load_balancer_is_to_be_filled_in(history: History) -> None:
    assert migrated(history, BALANCED, *ON_KUBERNETES) == 0
    (stack,) = previewed(history.folder, "main", "worktree", ()).stacks
    assert "fate:runtime.exposure.reach: is missing" in stack.after_failure


def test_the_password_of_an_external_database_is_to_be_set(history: History) -> None:
    assert migrated(history, EXTERNAL[0], "--env", str(ENVIRONMENT)) == 0
    (stack,) = previewed(history.folder, "main", "worktree", ()).stacks
    assert "fate:parties[0].external.database.password.secret: names no secret" in stack.after_failure


def test_it_is_a_comment_that_tells_no_password(
    history: History, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    migrated(history, "two-machines.conf", "--env", str(ENVIRONMENT))
    monkeypatch.chdir(history.folder)
    capsys.readouterr()
    assert main(["preview", "--head", "worktree", "--format", "markdown"]) == 0
    told = capsys.readouterr().out
    assert "Stack parties" in told
    assert "added, " in told
    assert "```mermaid" in told
    assert PASSWORD not in told
