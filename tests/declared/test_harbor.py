"""A stack with a Harbor: what is made, in which order, what is told of it, and what no container shows."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.services.harbor_secrets import values
from config import HarborMirror, catalogue, load
from tests.declared.program import SECRET_KEY, Declared, declare
from tests.unit.harbor_examples import DATABASE, REDIS, SECRETS, TLS, alone, harbor, outside

SERVICES = set(catalogue().of("harbor"))
FOREIGN = {f"mirror-{name}" for name in SERVICES} | {f"mirror-{name}-secrets" for name in SERVICES}


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declare(harbor(), "bank")


def containers(declared: Declared) -> dict[str, Mapping[str, Any]]:
    return {name: inputs for name, inputs in declared.of("Container").items() if name in FOREIGN}


def uploads(container: Mapping[str, Any]) -> Mapping[str, str]:
    return {each["file"]: each["content"] for each in container["uploads"]}


def test_every_service_of_harbor_is_a_child_of_one_component(declared: Declared) -> None:
    assert {r.name for r in declared.resources if r.typ == "fate:index:Harbor"} == {"mirror"}
    made = {name.removeprefix("mirror-") for name in containers(declared) if not name.endswith("-secrets")}
    assert made == SERVICES


def test_all_of_them_meet_on_a_network_of_their_own(declared: Declared) -> None:
    for name, inputs in containers(declared).items():
        if not name.endswith("-secrets"):
            (network,) = inputs["networksAdvanced"]
            told = {"name": "fate-bank-mirror", "aliases": [name.removeprefix("mirror-")]}
            assert network == told, f"the others cannot dial {name}, or somebody else can"


def test_only_the_proxy_opens_a_port_and_that_on_loopback(declared: Declared) -> None:
    opened = {name: inputs["ports"] for name, inputs in containers(declared).items() if inputs.get("ports")}
    port = {"internal": 8443, "external": 443, "ip": "127.0.0.1", "protocol": "tcp"}
    assert opened == {"mirror-harborproxy": [port]}


def test_a_service_starts_after_those_that_it_needs(declared: Declared) -> None:
    asked = {
        request.name: {urn.rpartition("::")[2] for urn in request.dependencies}
        for request in declared.requests
        if request.type.endswith(":Container")
    }
    facts = catalogue().services
    for name in SERVICES:
        needed = {f"mirror-{other}" for other in facts[name].needs}
        assert needed <= asked[f"mirror-{name}"], f"{name} would start before {needed}"


def test_entrypoints_of_foreign_images_are_replaced(declared: Declared) -> None:
    """Even where secrets are filled in: core would start in the place of that."""
    for name, inputs in containers(declared).items():
        assert inputs["entrypoints"], f"{name} would take its command for arguments"
    filler = containers(declared)["mirror-harborcore-secrets"]
    assert (filler["entrypoints"], filler["user"]) == (["sh"], "0")


def test_images_of_our_own_keep_none(declared: Declared) -> None:
    others = [inputs for name, inputs in declared.of("Container").items() if name not in FOREIGN]
    assert others
    assert not any("entrypoints" in inputs for inputs in others), "their containers would be replaced"


def test_a_folder_that_the_image_lacks_is_opened_for_the_service_s_user(declared: Declared) -> None:
    made = containers(declared)
    for name, path in (("harborregistry", "/storage"), ("harborjobservice", "/var/log/jobs")):
        filler = made[f"mirror-{name}-secrets"]
        assert f"chmod 0777 {path}" in filler["command"][-1]
        assert path in {each["containerPath"] for each in filler["volumes"]}
    assert "0777" not in made["mirror-harbordatabase-secrets"]["command"][-1], "its image has the folder"


def test_the_registry_s_controller_works_on_the_registry_s_volume(declared: Declared) -> None:
    made = containers(declared)
    volumes = [
        {each["containerPath"]: each["volumeName"] for each in made[f"mirror-{name}"]["volumes"]}["/storage"]
        for name in ("harborregistry", "harborregistryctl")
    ]
    assert volumes == ["fate-bank-harborregistry"] * 2
    names = [volume["name"] for volume in declared.of("Volume").values()]
    assert names.count("fate-bank-harborregistry") == 1


def test_no_container_shows_a_secret(declared: Declared) -> None:
    mirror = load(harbor()).mirror
    assert isinstance(mirror, HarborMirror)
    told = values(SECRET_KEY, "mirror", mirror, {})
    for name, inputs in containers(declared).items():
        shown = {key: value for key, value in inputs.items() if key != "uploads"}
        shown |= {} if name.endswith("-secrets") else uploads(inputs)
        for secret, value in told.items():
            assert value.strip() not in str(shown), f"{name} shows {secret.name}"


def test_what_holds_for_every_container_holds_for_those_of_harbor(declared: Declared) -> None:
    for name, inputs in containers(declared).items():
        assert inputs["capabilities"] == {"drops": ["ALL"]}, f"{name} keeps capabilities"
        assert inputs["securityOpts"] == ["no-new-privileges"], f"{name} may gain privileges"
        assert inputs["memorySwap"] == inputs["memory"] > 0, f"{name} has no limit"
        assert bool(inputs.get("wait")) == bool(inputs.get("healthcheck")), f"{name} would wait for ever"
        assert name.endswith("-secrets") or inputs["user"] in ("10000", "999"), f"{name} runs as root"
        assert isinstance(inputs.get("uploads"), Mapping) == name.endswith("-secrets")


def test_its_database_has_more_memory_to_share_than_docker_gives(declared: Declared) -> None:
    shared = {name: inputs.get("shmSize") for name, inputs in containers(declared).items()}
    assert {name: size for name, size in shared.items() if size} == {"mirror-harbordatabase": 256}, (
        "with Docker's 64 MiB its parallel joins end; every other has what it had"
    )


def test_parties_pull_from_its_project_by_the_names_of_docker_hub(declared: Declared) -> None:
    images = {name: image["name"] for name, image in declared.of("RemoteImage").items()}
    assert images["party-9999-fateflow-image"] == (
        "harbor.bank.example/fate/federatedai/fateflow:2.0.0-release"
    )
    assert images["party-9999-database-image"] == "harbor.bank.example/fate/library/mysql:8.0.28"
    assert images["mirror-harborcore-image"] == "docker.io/goharbor/harbor-core:v2.15.2"


def test_what_is_told_of_it(declared: Declared) -> None:
    told = declared.outputs
    assert told["mirror"] == "harbor.bank.example/fate", "other stacks pull by it"
    assert told["harbor"]["url"] == "https://harbor.bank.example"
    assert told["harbor"]["authority"].startswith("-----BEGIN CERTIFICATE-----")
    assert told["harbor"]["valid-until"] == "2045-01-01"
    assert told["harbor-login"]["user"] == "admin"
    assert {each["name"] for each in told["services"]} >= SERVICES


def test_a_harbor_alone_is_a_stack_to_be_filled() -> None:
    declared = declare(alone(port=8443), "bank")
    assert declared.outputs["mirror"] == "harbor.bank.example:8443/fate"
    assert declared.outputs["parties"] == {}


def test_another_stack_pulls_from_it() -> None:
    stack = {**harbor(), "mirror": {"kind": "stack", "stack": "organization/fate/harbor"}}
    told = {"organization/fate/harbor": {"mirror": "harbor.bank.example/fate"}}
    images = declare(stack, "bank", told).of("RemoteImage")
    name = images["party-9999-gateway-image"]["name"]
    assert name == "harbor.bank.example/fate/federatedai/nginx:2.0.0-release"


def test_two_programs_declare_the_same_harbor(declared: Declared) -> None:
    again = declare(harbor(), "bank")
    first, second = ({r.name: r.inputs for r in each.resources} for each in (declared, again))
    assert first == second, "or the second preview would not be empty"


def test_what_others_run_or_gave_is_not_made() -> None:
    stack = outside(database=DATABASE, redis=REDIS)
    stack["mirror"]["tls"] = TLS
    given = {name: f"given-{name}" for name in SECRETS}
    declared = declare({**stack, "secrets": given}, "bank", secret_keys=("fate:secret-key", "fate:secrets"))
    made = containers(declared)
    assert not {"mirror-harbordatabase", "mirror-harborcache"} & set(made)
    assert declared.outputs["harbor"]["authority"] is None
    label = {each["label"]: each["value"] for each in made["mirror-harborproxy"]["labels"]}["fate.secrets"]
    assert "given-" not in label, "a label may be read by everybody"
    filled = {each["file"]: each["content"] for each in made["mirror-harborcore-secrets"]["uploads"]["value"]}
    assert filled["/etc/fate/secrets/database-password"] == "given-db"
