"""The flat program and the compose file declare what the plan declares, or refuse."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bench import flat
from bench.compose import NotComposableError, compose, unready
from bench.saved_plan import SEALED, UNKNOWN, Resource, resources_in

HEALTHCHECK = {"tests": ["CMD", "true"], "interval": "2s", "timeout": "5s", "retries": 5, "startPeriod": "9s"}
SECRET = {**SEALED, "ciphertext": "v1:abc"}
LABELS = [{"label": "fate.party", "value": "9999"}]

IMAGE = Resource("i", "RemoteImage", "image", {"name": "localhost:1/fate/nginx:1", "keepLocally": True})
VOLUME = Resource("v", "Volume", "store", {"name": "fate-x-store", "labels": LABELS}, retain_on_delete=True)
NETWORK = Resource("n", "Network", "net", {"name": "fate-x", "labels": LABELS}, delete_before_replace=True)


def container(name: str, needs: tuple[str, ...] = (), **inputs: Any) -> Resource:  # noqa: ANN401 - any input
    own = {"name": f"fate-x-{name}", "image": UNKNOWN, "labels": LABELS, **inputs}
    return Resource(name, "Container", name, own, ("i", *needs), {"image": ["i"]}, delete_before_replace=True)


FILLER = container(
    "filler", mustRun=False, uploads=[{"file": "/etc/fate/secrets/password", "content": SECRET}]
)
DATABASE = container(
    "database",
    ("filler", "v", "n"),
    healthcheck=HEALTHCHECK,
    memory=512.0,
    memorySwap=512.0,
    command=["sh", "-c", "echo $HOME"],
    uploads=[{"file": "/etc/fate/my.cnf", "content": "[mysqld]\n"}],
    volumes=[{"volumeName": "fate-x-store", "containerPath": "/var/lib", "readOnly": True}],
    networkMode="bridge",
    networksAdvanced=[{"name": "fate-x", "aliases": ["database"]}],
)
GATEWAY = container(
    "gateway", ("database",), ports=[{"internal": 9300, "external": 19300, "ip": "127.0.0.1"}]
)
PLAN = (IMAGE, VOLUME, NETWORK, FILLER, DATABASE, GATEWAY)


def services() -> Mapping[str, Any]:
    found: Mapping[str, Any] = compose(PLAN, "/folder").tree["services"]
    return found


def test_a_plan_is_read_in_the_order_of_its_dependencies_without_components() -> None:
    def goal(kind: str, name: str, *dependencies: str) -> dict[str, object]:
        return {
            "goal": {"type": kind, "name": name, "inputDiff": {"adds": {}}, "dependencies": [*dependencies]}
        }

    plan = {
        "a": goal("docker:index/container:Container", "late", "z", "party"),
        "party": goal("fate:index:Party", "party"),
        "z": goal("docker:index/volume:Volume", "early"),
    }
    read = resources_in(json.dumps({"resourcePlans": plan}))
    assert [(each.kind, each.name) for each in read] == [("Volume", "early"), ("Container", "late")]


def test_what_a_provider_filled_in_is_not_what_the_program_gave() -> None:
    inputs = {
        "name": "x",
        "attach": False,
        "__defaults": ["attach"],
        "build": {"tag": "", "__defaults": ["tag"]},
    }
    goal = {"type": "docker:index/remoteImage:RemoteImage", "name": "x", "inputDiff": {"adds": inputs}}
    (read,) = resources_in(json.dumps({"resourcePlans": {"u": {"goal": goal}}}))
    assert read.inputs == {"name": "x", "build": {}}


def test_the_flat_program_is_literal_calls_that_python_can_read() -> None:
    text = flat.docker_program(PLAN, "unix:///var/run/docker.sock")
    compile(text, "flat", "exec")
    assert "image=r0.image_id" in text, "an image's id is known at up only, so it is a reference"
    assert "'volume_name': 'fate-x-store'" in text, "names of inputs are those of the Python SDK"
    assert "Output.secret(" in text, "a secret stays one, or the flat program would be faster for it"
    assert "ciphertext" not in text
    assert "depends_on=[r0, r3, r1, r2], delete_before_replace=True" in text
    assert "retain_on_delete=True" in text


def test_an_image_that_is_pulled_by_a_pushed_digest_refers_to_the_push() -> None:
    push = Resource("p", "RegistryImage", "push", {"name": "localhost:5000/fate/nginx:abc"})
    pulled = Resource("q", "RemoteImage", "pulled", {"name": UNKNOWN}, ("p",), {"name": ["p"]})
    text = flat.docker_program([push, pulled], "unix:///x")
    assert 'r0.sha256_digest.apply(lambda digest: f"localhost:5000/fate/nginx@{digest}")' in text


@pytest.mark.parametrize("inputs", [{"hostname": UNKNOWN}, {"command": ["echo", UNKNOWN]}])
def test_a_value_known_at_up_only_is_refused_unless_an_image_gives_it(inputs: dict[str, Any]) -> None:
    with pytest.raises(flat.NotFlatError, match="known at up only"):
        flat.docker_program([IMAGE, container("odd", **inputs)], "unix:///x")


def test_what_is_compared_leaves_secrets_and_the_folder_of_a_build_out() -> None:
    here = Resource("b", "RemoteImage", "built", {"build": {"context": "/here", "dockerfile": "D"}})
    there = Resource("b", "RemoteImage", "built", {"build": {"context": "/there", "dockerfile": "D"}})
    assert flat.declared([here, FILLER]) == flat.declared([there, FILLER])
    other = container("filler", mustRun=True, uploads=FILLER.inputs["uploads"])
    assert flat.declared([FILLER]) != flat.declared([other]), "any other difference counts"


def test_compose_starts_a_service_after_what_it_needs_is_healthy_or_has_ended() -> None:
    assert services()["gateway"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services()["database"]["depends_on"] == {"filler": {"condition": "service_completed_successfully"}}


def test_compose_has_the_same_health_check_limits_mounts_networks_and_ports() -> None:
    database = services()["database"]
    assert database["image"] == "localhost:1/fate/nginx:1"
    assert database["healthcheck"] == {
        "test": ["CMD", "true"],
        "interval": "2s",
        "timeout": "5s",
        "retries": 5,
        "start_period": "9s",
    }
    assert (database["mem_limit"], database["memswap_limit"]) == ("512m", "512m")
    assert database["volumes"] == [
        "fate-x-store:/var/lib:ro",
        "/folder/database/etc/fate/my.cnf:/etc/fate/my.cnf:ro",
    ]
    assert database["networks"] == {"fate-x": {"aliases": ["database"]}}
    assert "network_mode" not in database, "compose refuses both at once"
    assert services()["gateway"]["ports"] == ["127.0.0.1:19300:9300"]


def test_compose_does_not_fill_in_what_is_meant_for_the_shell() -> None:
    assert services()["database"]["command"] == ["sh", "-c", "echo $$HOME"]


def test_secrets_of_one_party_and_name_are_the_same_text_in_every_mount() -> None:
    twin = container(
        "twin", mustRun=False, uploads=[{"file": "/elsewhere/password", "content": {**SECRET, "x": 1}}]
    )
    files = compose((*PLAN, twin), "/folder").files
    assert files["filler/etc/fate/secrets/password"] == files["twin/elsewhere/password"]
    assert files["database/etc/fate/my.cnf"] == "[mysqld]\n"


def test_an_input_that_compose_would_ignore_is_refused_by_name() -> None:
    with pytest.raises(NotComposableError, match="odd: compose has no key here for shmSize"):
        compose([IMAGE, container("odd", shmSize=64)], "/folder")


def test_compose_has_come_up_when_all_are_healthy_or_have_ended_well() -> None:
    assert unready({"database": "Up 3 seconds (healthy)", "filler": "Exited (0) 2 seconds ago"}) == []
    late = {"a": "Up 1 second (health: starting)", "b": "Up 9 seconds (unhealthy)", "c": "Exited (1) now"}
    assert unready(late) == ["a", "b", "c"], "a container that fails must not count as a quick one"
