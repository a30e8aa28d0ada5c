"""What is in a Harbor, as a stack declares it: exactly its images, a robot for each, nothing in plain."""

import base64
import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.declared.program import SECRET_KEY, Declared, declare
from tests.unit.harbor_examples import EGGROLL, HOST, alone, elsewhere, harbor, on_a_cluster
from tests.unit.stack_values import DIGEST, RABBITMQ, Values, hub, registry

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
MARK = "<marked>"
FULL: Values = {
    "replicate": {"from": "docker-hub", "cron": "0 0 3 * * *"},
    "quota": 5,
    "retention": {"latest": 10, "cron": "0 0 4 * * *"},
    "garbage-collection": "0 0 5 * * 0",
    "system": {"session_timeout": 30},
}
GIVEN = {"admin": "Admin-of-others-1", "hub": "Token-of-the-hub-1"}


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declare(harbor(**FULL), "bank")


def of_others(**keys: object) -> Declared:
    stack = {**elsewhere(**keys), "secrets": GIVEN}
    return declare(stack, "bank", secret_keys=("fate:secret-key", "fate:secrets"))


def of_harbor(declared: Declared) -> dict[str, Mapping[str, Any]]:
    return {r.name: r.inputs for r in declared.resources if r.typ.startswith("fate-harbor:")}


def requests(declared: Declared) -> dict[str, Any]:
    return {request.name: request for request in declared.requests}


def needs(declared: Declared, name: str) -> set[str]:
    return {urn.rpartition("::")[2] for urn in requests(declared)[name].dependencies}


def filters(replication: Mapping[str, Any]) -> dict[str, str]:
    return {each["type"]: each["value"] for each in replication["filters"]}


def copied(declared: Declared) -> set[str]:
    return {
        f"{each['repository']}:{each['tag']}"
        for run in declared.of("Replicated").values()
        for each in run["artifacts"]
    }


def test_exactly_the_images_of_the_stack_are_copied(declared: Declared) -> None:
    address = f"{HOST}/fate/"
    run = {
        image["name"].removeprefix(address)
        for image in declared.of("RemoteImage").values()
        if image["name"].startswith(address)
    }
    assert copied(declared) == run, "what parties pull, and no gigabyte more"


def test_a_filter_names_them_with_one_brace_and_one_tag(declared: Declared) -> None:
    told = {filters(each)["name"]: filters(each)["tag"] for each in declared.of("Replication").values()}
    assert told == {
        "federatedai/{fateflow,nginx}": "2.0.0-release",
        "federatedai/rabbitmq": "3.8.3-management",
        "library/mysql": "8.0.28",
    }, "a brace of tags beside one of names would take images that nobody runs"


def test_names_land_where_parties_look_for_them(declared: Declared) -> None:
    for name, each in declared.of("Replication").items():
        assert (each["namespace"], each["replaceCount"]) == ("fate", 0), f"{name} would drop a namespace"


RUNS = {
    f"harbor-run-{each}"
    for each in ("federatedai-2.0.0-release", "federatedai-3.8.3-management", "library-8.0.28")
}


def test_a_party_pulls_once_what_it_runs_is_copied(declared: Declared) -> None:
    assert needs(declared, "docker-pull-9999") >= RUNS, "its provider comes first, and so all that it pulls"


def test_a_party_waits_for_no_image_of_another() -> None:
    stack = harbor(replicate={})
    stack["parties"][0] |= {"engines": {**RABBITMQ, "federation": "standalone"}, "peers": []}
    stack["parties"][1] |= {"peers": []}
    declared = declare(stack, "bank")
    assert "harbor-run-federatedai-3.8.3-management" in needs(declared, "docker-pull-10000")
    assert "harbor-run-federatedai-3.8.3-management" not in needs(declared, "docker-pull-9999")


def test_the_name_of_an_image_is_known_in_a_preview(declared: Declared) -> None:
    """One that hung on a run would show every container as replaced whenever a copy is added."""
    for request in declared.requests:
        if request.type.endswith(":RemoteImage"):
            assert not request.propertyDependencies["name"].urns, f"{request.name} hangs on another resource"


def test_the_project_is_there_before_the_replication_and_that_before_the_run(declared: Declared) -> None:
    assert needs(declared, "harbor-copies-library-8.0.28") == {"harbor-project", "harbor-upstream"}
    assert "harbor-copies-library-8.0.28" in needs(declared, "harbor-run-library-8.0.28")


def test_what_is_in_harbor_is_asked_once_it_runs_at_an_address_that_a_preview_knows(
    declared: Declared,
) -> None:
    provider = requests(declared)["harbor"]
    provider = next(r for r in declared.requests if r.type == "pulumi:providers:fate-harbor")
    assert {urn.rpartition("::")[2] for urn in provider.dependencies} >= {"mirror-harborproxy"}
    inputs = next(r.inputs for r in declared.resources if r.typ == "pulumi:providers:fate-harbor")
    assert inputs["url"] == f"https://{HOST}"
    assert inputs["ca"].startswith("-----BEGIN CERTIFICATE-----"), "this machine does not trust it by itself"


def test_each_party_has_a_robot_that_pulls_and_one_robot_pushes(declared: Declared) -> None:
    may = {
        each["name"]: sorted(right["action"] for right in each["permissions"][0]["access"])
        for each in declared.of("Robot").values()
    }
    assert may == {"party-9999": ["pull"], "party-10000": ["pull"], "push": ["pull", "push"]}
    assert len({str(each["secret"]) for each in declared.of("Robot").values()}) == 3


def test_robots_come_after_the_settings_which_have_the_prefix_of_their_names(declared: Declared) -> None:
    assert "harbor-system" in needs(declared, "harbor-robot-party-9999")


def test_an_engine_pulls_for_a_party_by_that_party_s_robot(declared: Declared) -> None:
    logins = {
        r.name: json.loads(r.inputs["registryAuth"]["value"])
        for r in declared.resources
        if r.typ == "pulumi:providers:docker" and "registryAuth" in r.inputs
    }
    users = {name: [(each["address"], each["username"]) for each in login] for name, login in logins.items()}
    assert users == {
        "docker-pull-9999": [(HOST, "robot$fate+party-9999")],
        "docker-pull-10000": [(HOST, "robot$fate+party-10000")],
    }
    by = {r.name: r.provider for r in declared.requests if r.type.endswith(":RemoteImage")}
    assert all("::docker-pull-9999::" in by[name] for name in by if name.startswith("party-9999-"))
    assert all("::docker::" in by[name] for name in by if name.startswith("mirror-")), "before it is there"


def test_what_the_stack_runs_stays_however_old_it_is(declared: Declared) -> None:
    (retention,) = declared.of("Retention").values()
    always, latest = retention["rules"]
    assert always == {"template": "always", "tags": "{2.0.0-release,3.8.3-management,8.0.28}"}
    assert latest == {"template": "latestPushedK", "count": 10}


def test_the_rest_of_what_is_declared(declared: Declared) -> None:
    made = of_harbor(declared)
    assert made["harbor-project"] == {"name": "fate", "public": False, "quota": 5 * 2**30, "adopt": True}
    assert made["harbor-garbage"] == {"cron": "0 0 5 * * 0"}
    assert made["harbor-system"] == {"values": {"session_timeout": 30}}
    assert made["harbor-copies-library-8.0.28"]["cron"] == "0 0 3 * * *"
    assert made["harbor-upstream"]["type"] == "docker-hub"


def test_the_project_and_its_images_stay_when_the_stack_goes(declared: Declared) -> None:
    assert requests(declared)["harbor-project"].retainOnDelete, "or destroy fails, for it holds images"


def test_no_secret_is_in_plain(declared: Declared) -> None:
    texts = [SECRET_KEY, declared.outputs["harbor-login"]["password"]]
    texts += [each["password"] for each in declared.outputs["harbor-robots"].values()]
    for resource in declared.resources:
        for place, value in leaves(resource.inputs):
            if not any(text in value for text in texts):
                continue
            assert MARK in place, f"{resource.name} shows a secret at {place}"


def leaves(value: object, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text below a value with its place, in which MARK stands before what is marked as secret."""
    if isinstance(value, Mapping):
        marked = (MARK,) if SECRET.items() <= value.items() else ()
        for key, each in value.items():
            yield from leaves(each, (*place, *marked, str(key)))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from leaves(each, place)
    elif isinstance(value, str):
        yield place, value


def test_the_doctor_is_told_what_each_party_pulls(declared: Declared) -> None:
    told = declared.outputs["harbor"]
    names = {image["name"] for image in declared.of("RemoteImage").values()}
    assert {f"{HOST}/{image}" for image in told["pulled"].values()} <= names
    assert set(told["pulled"]) == {"9999", "10000"}
    assert set(told["replications"]) == {each.removeprefix("harbor-run-") for each in RUNS}


def test_two_programs_declare_the_same_and_the_order_of_parties_is_nothing(declared: Declared) -> None:
    turned = copy.deepcopy(harbor(**FULL))
    turned["parties"].reverse()
    first, again, other = (
        {r.name: r.inputs for r in each.resources}
        for each in (declared, declare(harbor(**FULL), "bank"), declare(turned, "bank"))
    )
    assert first == again, "or the second preview would not be empty"
    assert first == other


def test_another_release_is_copied_beside_what_runs() -> None:
    stack = harbor(replicate={"release": "2.1.0"})
    stack["parties"] = [{"id": "9999", "engines": EGGROLL, "peers": []}]
    declared = declare(stack, "bank")
    assert "federatedai/fateflow:2.1.0-release" in copied(declared)
    assert "federatedai/fateflow:2.0.0-release" not in copied(declared)
    names = {image["name"] for image in declared.of("RemoteImage").values()}
    assert f"{HOST}/fate/federatedai/fateflow:2.0.0-release" in names, "the party is not changed by it"


def test_a_digest_is_looked_for_and_pulled_by() -> None:
    stack = harbor(replicate={})
    stack["images"] = {"from": "hub", "digests": {"federatedai/fateflow": DIGEST}}
    declared = declare(stack, "bank")
    artifacts = [each for run in declared.of("Replicated").values() for each in run["artifacts"]]
    told = {each["repository"]: each.get("digest") for each in artifacts}
    assert told["federatedai/fateflow"] == DIGEST
    assert told["federatedai/nginx"] is None
    pulled = declared.of("RemoteImage")["party-9999-fateflow-image"]["name"]
    assert pulled == f"{HOST}/fate/federatedai/fateflow:2.0.0-release@{DIGEST}"


def test_images_built_elsewhere_keep_the_names_that_they_have_there() -> None:
    mirror = {"kind": "harbor", "host": HOST, "replicate": {"from": {"url": "https://r.example"}}}
    declared = declare(registry() | {"mirror": mirror}, "bank")
    pulled = declared.of("RemoteImage")["party-9999-fateflow-image"]["name"]
    assert pulled.removeprefix(f"{HOST}/fate/") in copied(declared)
    assert copied(declared), "nothing was copied"
    assert declared.of("Registry")["harbor-upstream"]["type"] == "docker-registry"


def test_without_a_party_the_project_waits_for_them() -> None:
    declared = declare(alone(replicate={}), "bank")
    assert set(of_harbor(declared)) == {"harbor-project", "harbor-upstream", "harbor-robot-push"}


def test_a_harbor_of_others_is_filled_and_not_made() -> None:
    declared = of_others(replicate={"from": {"user": "ann", "password": {"secret": "hub"}}})
    assert not [r for r in declared.resources if r.typ == "fate:index:Harbor"]
    assert "mirror-harborcore" not in declared.of("Container")
    provider = next(r.inputs for r in declared.resources if r.typ == "pulumi:providers:fate-harbor")
    assert (provider["url"], provider["username"]) == (f"https://{HOST}", "admin")
    assert provider["password"] == {**SECRET, "value": GIVEN["admin"]}
    assert declared.of("Project")["harbor-project"]["adopt"] is False, "what others made is not taken over"
    upstream = declared.of("Registry")["harbor-upstream"]
    assert (upstream["accessKey"], upstream["accessSecret"]["value"]) == ("ann", GIVEN["hub"])
    assert declared.outputs["mirror"] == f"{HOST}/fate", "other stacks pull by it"
    assert "harbor-login" not in declared.outputs, "the administrator's password is told to nobody"


def test_a_cluster_pulls_by_a_secret_with_the_party_s_robot() -> None:
    stack = {**on_a_cluster(replicate={}), "secrets": GIVEN}
    declared = declare(stack, "bank", secret_keys=("fate:secret-key", "fate:secrets"))
    secret = declared.of("Secret")["party-9999-pull-secret"]
    config = base64.b64decode(secret["data"]["value"][".dockerconfigjson"]).decode()
    login = base64.b64decode(json.loads(config)["auths"][HOST]["auth"]).decode()
    robot = declared.outputs["harbor-robots"]["9999"]
    assert login == f"{robot['user']}:{robot['password']}"
    assert robot["user"] == "robot$fate+party-9999"
    assert needs(declared, "party-9999-pull-secret") >= RUNS, "no pod would start before it is copied"


def test_a_stack_with_another_mirror_asks_no_harbor() -> None:
    declared = declare(hub(mirror={"kind": "distribution", "upstream": "https://r.example"}), "bank")
    assert not of_harbor(declared)
    assert not [r for r in declared.resources if r.typ == "pulumi:providers:fate-harbor"]


def test_an_exchange_pulls_by_a_robot_of_its_own() -> None:
    party = {"engines": EGGROLL, "exchange": {}}
    stack = {**harbor(replicate={}), "exchange": {"kind": "osx"}}
    stack["parties"] = [{"id": id, **party} for id in ("9999", "10000")]
    declared = declare(stack, "bank")
    by = {r.name: r.provider for r in declared.requests if r.type.endswith(":RemoteImage")}
    assert "::docker-pull-exchange::" in by["exchange-osxrelay-image"]
    assert needs(declared, "docker-pull-exchange") >= {"harbor-run-federatedai-2.0.0-release"}
