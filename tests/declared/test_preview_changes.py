"""What the preview tells of changes to a stack of two parties, each side run by its own program."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.preview.as_json import as_json
from ops.preview.cli import previewed
from tests.declared.preview_docker_code import DOCKER_CODE
from tests.declared.preview_repository import ENGINES, History, values


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    made = History.at(tmp_path_factory.mktemp("repository"))
    made.stack("dev", values())
    made.commit("The base")
    return made


@pytest.fixture
def change(history: History) -> Iterator[History]:
    """Give each test a branch of its own."""
    history.git("checkout", "--quiet", "-B", "change", "main")
    yield history
    history.git("reset", "--quiet", "--hard")
    history.git("clean", "--quiet", "-fdx")


def preview(history: History, head: str = "worktree") -> dict[str, Any]:
    told: dict[str, Any] = json.loads(as_json(previewed(history.folder, "main", head, ())))
    return told


def operations(told: dict[str, Any], stack: str = "dev") -> dict[str, str]:
    steps: list[dict[str, Any]] = next((s["steps"] for s in told["stacks"] if s["name"] == stack), [])
    return {step["name"]: step["operation"] for step in steps if not step["is-component"]}


def sentences(told: dict[str, Any], hazard: str) -> list[str]:
    return [danger["sentence"] for danger in told["dangers"] if danger["hazard"] == hazard]


def parties(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [*values()["parties"], *more]


def test_raised_memory_changes_one_container_in_place(change: History) -> None:
    changed = parties()
    changed[0]["services"] = {"fateflow": {"memory": 4096}}
    change.stack("dev", values(parties=changed))
    told = preview(change)
    assert operations(told) == {"party-9999-fateflow": "update"}, "a limit changes while a container runs"
    assert told["dangers"] == [], "nothing restarts"


def test_a_changed_key_of_a_file_shows_as_that_line(change: History) -> None:
    changed = parties()
    changed[0]["services"] = {"gateway": {"configuration": {"nginx.conf": {"proxy_read_timeout": "99s"}}}}
    change.stack("dev", values(parties=changed))
    told = preview(change)
    assert operations(told) == {"party-9999-gateway": "replace"}
    lines = [line for step in told["stacks"][0]["steps"] for row in step["changes"] for line in row["lines"]]
    assert any(line.startswith("+") and "99s" in line for line in lines), lines
    assert sentences(told, "restart") == [
        "gateway of party 9999 restarts: its peers cannot reach it meanwhile"
    ]


def test_a_party_that_goes_leaves_its_data_behind_and_its_peer_alone(change: History) -> None:
    change.stack("dev", values(parties=parties()[:1]))
    told = preview(change)
    gone = {name for name, operation in operations(told).items() if operation == "delete"}
    assert {name for name in gone if not name.startswith("party-10000")} == set(), "only its own is deleted"
    assert "party-10000-database" in gone
    left = "are left behind: the volume stays, nothing uses it any more"
    assert f"the data of database of party 10000 {left}" in sentences(told, "data-loss")
    assert "party 9999 loses its way to party 10000: jobs with it fail" in sentences(told, "reach")


def test_a_third_party_is_created_and_its_peers_learn_of_it(change: History) -> None:
    change.stack("dev", values(parties=parties({"id": "10001", "engines": ENGINES})))
    told = preview(change)
    created = {name for name, operation in operations(told).items() if operation == "create"}
    assert {name for name in created if not name.startswith("party-10001")} == set()
    assert operations(told)["party-9999-gateway"] == "replace", "it has a route to the new one"


def test_a_changed_recipe_replaces_the_image_and_whoever_runs_it(change: History) -> None:
    recipe = change.folder / "images/nginx/Dockerfile"
    recipe.write_text(recipe.read_text() + "LABEL changed=yes\n")
    told = preview(change)
    assert operations(told) == dict.fromkeys(
        (
            "mirror-gateway-build",
            "mirror-gateway-push",
            "party-9999-gateway-image",
            "party-9999-gateway",
            "party-10000-gateway-image",
            "party-10000-gateway",
        ),
        "replace",
    )


def test_a_secret_that_is_encrypted_anew_is_told_without_its_value(change: History) -> None:
    change.stack("dev", values(), secret="v1:cccc:dddd")
    told = preview(change)
    assert operations(told)["party-9999-database-secrets"] == "replace"
    assert told["stacks"][0]["notes"] == [
        "fate:secret-key is encrypted anew: taken for another secret",
    ]
    text = json.dumps(told)
    assert "[another secret]" in text
    assert not any(sealed in text for sealed in ("aaaa", "bbbb", "cccc", "dddd")), "no encrypted text is told"


def test_an_unchanged_stack_is_told_as_such(change: History) -> None:
    (change.folder / "README.md").write_text("words\n")
    told = preview(change)
    assert operations(told) == {}
    assert told["dangers"] == []


def test_a_base_that_does_not_run_gives_a_report_that_says_so(change: History, tmp_path: Path) -> None:
    change.git("checkout", "--quiet", "-B", "broken", "main")
    program = (change.folder / "__main__.py").read_text()
    (change.folder / "__main__.py").write_text("import pulumi\nthis is no Python\n")
    base = change.commit("Broken")
    (change.folder / "__main__.py").write_text(program)
    told = json.loads(as_json(previewed(change.folder, base, "worktree", ())))
    assert told["stacks"][0]["base-failure"] == "__main__.py, line 2: invalid syntax"
    assert told["runs"], "the head does run"
    assert str(change.folder) not in json.dumps(told), "no path of this machine is told"


def test_a_base_whose_configuration_is_refused_gives_a_report_that_says_so(change: History) -> None:
    change.stack("dev", values(parties=parties({"id": "9999", "engines": ENGINES})))
    base = change.commit("A party twice")
    change.stack("dev", values())
    told = json.loads(as_json(previewed(change.folder, base, "worktree", ())))
    assert "fate:parties[2].id" in told["stacks"][0]["base-failure"]
    assert told["runs"], "the head does run"
    assert told["stacks"][0]["steps"] == [], "there is nothing to compare with"


def test_a_program_that_reaches_out_is_stopped(change: History) -> None:
    program = change.folder / "__main__.py"
    reaching = "import socket\nsocket.create_connection(('127.0.0.1', 9))\n"
    program.write_text(program.read_text().replace("import gc\n", f"import gc\n{reaching}", 1))
    told = preview(change)
    assert not told["runs"]
    assert "an offline preview opens no connection" in told["stacks"][0]["head-failure"]


def test_a_stack_that_only_one_side_has_is_added_or_removed(change: History) -> None:
    change.git("mv", "Pulumi.dev.yaml", "Pulumi.prod.yaml")
    told = preview(change)
    assert {stack["name"]: stack["presence"] for stack in told["stacks"]} == {
        "dev": "removed",
        "prod": "added",
    }
    assert set(operations(told, "dev").values()) == {"delete"}
    assert set(operations(told, "prod").values()) == {"create"}


def test_a_configuration_that_is_refused_is_told_in_its_own_words(change: History) -> None:
    change.stack("dev", values(parties=parties({"id": "9999", "engines": ENGINES})))
    told = preview(change)
    assert not told["runs"]
    assert "fate:parties[2].id" in told["stacks"][0]["head-failure"]


def test_a_stack_reads_what_the_change_makes_of_another(change: History) -> None:
    other = {
        "release": "2.2.0",
        "runtime": {"kind": "docker"},
        "images": {"from": "packages"},
        "mirror": {"kind": "stack", "stack": "organization/fate/dev"},
        "parties": [{"id": "7", "engines": ENGINES}],
    }
    change.stack("party-7", other)
    base = change.commit("Two stacks")
    recipe = change.folder / "images/nginx/Dockerfile"
    recipe.write_text(recipe.read_text() + "LABEL changed=yes\n")
    told = json.loads(as_json(previewed(change.folder, base, "worktree", ())))
    assert operations(told, "party-7") == {"party-7-gateway-image": "replace", "party-7-gateway": "replace"}
    assert sentences(told, "image")[-1].startswith("the image of gateway of party 7 is nginx@sha256:")


def test_a_party_on_another_engine_is_told_as_out_of_sight(change: History) -> None:
    change.stack("dev", values(runtime={"kind": "docker", "host": "ssh://fate@example.org"}))
    told = preview(change)
    assert operations(told) == {"docker": "update"}, "as the real engine sees it"
    assert any("moves from unix:///var/run/docker.sock to ssh://" in s for s in sentences(told, "data-loss"))


def test_the_picture_shows_what_comes_goes_and_changes(change: History) -> None:
    changed = [parties()[0], {"id": "10001", "engines": ENGINES}]
    change.stack("dev", values(parties=changed))
    drawn = preview(change)["stacks"][0]["topology"]
    assert 'n10001_nbroker["broker"]:::added' in drawn
    assert 'n10000_nbroker["broker"]:::removed' in drawn
    assert 'n9999_ngateway["gateway"]:::changed' in drawn
    assert "style n10000 fill:#ffebe9" in drawn


def test_volumes_that_are_no_longer_kept_are_a_danger(change: History) -> None:
    DOCKER_CODE["written otherwise"]["volumes that are not kept"].rewrite(change.folder)
    told = preview(change)
    assert operations(told) == {}
    assert any("are no longer kept" in sentence for sentence in sentences(told, "data-loss"))


def test_the_address_of_a_new_load_balancer_is_in_the_sheet_once_it_is_known(change: History) -> None:
    party = {"id": "9999", "engines": ENGINES, "peers": []}
    bank = values(
        runtime={
            "kind": "kubernetes",
            "context": "prod",
            "exposure": {"kind": "load-balancer", "reach": "public"},
        },
        mirror={"kind": "external", "address": "registry.bank.example/fate"},
        parties=[party],
    )
    change.stack("bank", bank)
    base = change.commit("A party that exposes nothing")
    change.stack("bank", {**bank, "parties": [{**party, "expose": {"host": "fate.bank.example"}}]})
    told = json.loads(as_json(previewed(change.folder, base, "worktree", ())))
    assert told["runs"], told["stacks"]
    opened = {row["service"]: row["port"] for row in told["stacks"][0]["ports"]}
    assert opened == {"gateway": 9300, "broker": 5672}
