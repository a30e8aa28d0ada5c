"""What is built for a Harbor: pushed by its robot and pulled by digest, beside copies of official ones."""

import pytest

from images.recipes import recipe_digest
from tests.declared.program import Declared, declare
from tests.declared.test_harbor_contents import SECRET, copied, needs, requests
from tests.unit.harbor_chart_examples import BUILT
from tests.unit.harbor_examples import HOST, boarded, built

PROJECT = f"{HOST}/fate"
DIGEST = "sha256:" + "d" * 64
"""What the mocks say that each push gave."""
RETENTION = {"latest": 10, "cron": "0 0 4 * * *"}


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declare(boarded(replicate={}, holds=["pulsar"], retention=RETENTION), "bank")


def test_what_parties_run_and_what_is_held_for_others_is_built_and_pushed(declared: Declared) -> None:
    names = {name: push["name"] for name, push in declared.of("RegistryImage").items()}
    recipes = {"broker": "rabbitmq", "database": "mariadb", "fateflow": "fateflow"}
    recipes |= {"gateway": "nginx", "pulsar": "pulsar"}
    assert names == {
        f"harbor-{holder}-push": f"{PROJECT}/{recipe}:{recipe_digest(recipe)}"
        for holder, recipe in recipes.items()
    }
    assert {"harbor-base-build", *(f"harbor-{each}-build" for each in recipes)} <= set(
        declared.of("RemoteImage")
    )


def test_the_robot_that_may_pushes_and_its_secret_is_in_no_plain_text(declared: Declared) -> None:
    robot = declared.outputs["harbor-robots"]["push"]
    assert robot["user"] == "robot$fate+push"
    for name, push in declared.of("RegistryImage").items():
        assert push["authConfig"].items() >= SECRET.items(), f"{name} tells it"
        login = push["authConfig"]["value"]
        assert login["address"] == f"https://{HOST}", "by which the official plugin asks for the digest"
        assert (login["username"], login["password"]) == (robot["user"], robot["password"])
        assert needs(declared, name) >= {"harbor-robot-push", name.replace("-push", "-build")}
    assert "harbor-project" in needs(declared, "harbor-robot-push"), "so the project is there before"


def test_the_engine_of_harbor_builds(declared: Declared) -> None:
    made = {*declared.of("RegistryImage"), *(f"harbor-{each}-build" for each in ("base", "fateflow"))}
    by = {r.name: r.provider for r in declared.requests if r.name in made}
    assert all("::docker::" in provider for provider in by.values()), by


def test_parties_pull_by_digest_with_their_own_robot_and_what_is_copied_by_name(declared: Declared) -> None:
    pulled = declared.of("RemoteImage")
    assert pulled["party-9999-fateflow-image"]["name"] == f"{PROJECT}/fateflow@{DIGEST}"
    board = pulled["party-9999-fateboard-image"]["name"]
    assert board == f"{PROJECT}/federatedai/fateboard:2.1.1-release"
    by = {r.name: r.provider for r in declared.requests if r.type.endswith(":RemoteImage")}
    assert "::docker-pull-9999::" in by["party-9999-fateflow-image"]
    assert copied(declared) == {board.removeprefix(f"{PROJECT}/")}, "no registry has what is built here"
    assert "harbor-fateflow-push" in needs(declared, "party-9999-fateflow-image")


def test_what_was_pushed_is_told_to_other_stacks_and_to_the_doctor(declared: Declared) -> None:
    told = declared.outputs
    assert set(told["images"]) == {"broker", "database", "fateflow", "gateway", "pulsar"}
    assert told["images"]["pulsar"] == f"{PROJECT}/pulsar@{DIGEST}"
    assert told["harbor"]["pulled"]["9999"].startswith("fate/"), "the doctor pulls it by the party's robot"
    other = {**built(), "mirror": {"kind": "stack", "stack": "organization/fate/bank"}}
    images = declare(other, "other", {"organization/fate/bank": told}).of("RemoteImage")
    assert images["party-9999-fateflow-image"]["name"] == f"{PROJECT}/fateflow@{DIGEST}"


def test_no_retention_takes_away_what_the_stack_runs_or_holds(declared: Declared) -> None:
    (retention,) = declared.of("Retention").values()
    kept = retention["rules"][0]["tags"]
    for recipe in ("fateflow", "mariadb", "nginx", "pulsar", "rabbitmq"):
        assert recipe_digest(recipe) in kept, f"a retention may delete {recipe}"


def test_for_a_cluster_another_engine_builds_and_pods_pull_by_digest() -> None:
    declared = declare(BUILT, "bank")
    by = {
        r.name: r.provider for r in declared.requests if r.type.endswith((":RemoteImage", ":RegistryImage"))
    }
    assert by["harbor-fateflow-push"].rpartition("::")[0].endswith("::docker-builder")
    builder = next(r.inputs for r in declared.resources if r.name == "docker-builder")
    assert builder["host"] == "ssh://fate@builder.example"
    pod = declared.of("Deployment")["party-9999-gateway"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == f"{HOST}:30443/fate/nginx@{DIGEST}"


def test_an_official_image_comes_from_docker_hub_where_nothing_is_copied() -> None:
    declared = declare(boarded(), "bank")
    name = declared.of("RemoteImage")["party-9999-fateboard-image"]["name"]
    assert name == "federatedai/fateboard:2.1.1-release"
    assert not declared.of("Replication")


def test_without_a_party_nothing_is_built_so_that_engines_can_be_told_to_trust_it() -> None:
    declared = declare({**built(), "parties": []}, "bank")
    assert not declared.of("RegistryImage")
    assert "images" not in declared.outputs
    assert "harbor-robot-push" in requests(declared)
