"""Who owns what a stack declares: every object says it, and what is looked for before is what is made."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from components.preflight.docker_wanted import Kind, wanted_objects
from components.preflight.kubernetes_wanted import EVERYWHERE, wanted_namespaces
from components.runtimes.names import Names
from components.services.passwords import owner_fingerprint
from config import load
from tests.declared.kubernetes_stacks import STACKS
from tests.declared.program import SECRET_KEY, Declared, declare, stack_file
from tests.declared.test_every_container import REFERENCES

OWNED = {"fate.project": "fate", "fate.owner": owner_fingerprint(SECRET_KEY)}
ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
DOCKER_STACKS = ["dev", "party-9999", "party-10000", "exchange"]
TYPES = {Kind.CONTAINER: "Container", Kind.NETWORK: "Network", Kind.VOLUME: "Volume"}


def docker_labels(declared: Declared) -> Iterator[tuple[str, dict[str, str]]]:
    for kind in TYPES.values():
        for name, inputs in declared.of(kind).items():
            yield name, {label["label"]: label["value"] for label in inputs["labels"]}


def objects(declared: Declared) -> dict[str, Mapping[str, Any]]:
    """Return the objects of a cluster by resource name."""
    return {r.name: r.inputs for r in declared.resources if "metadata" in r.inputs}


@pytest.mark.parametrize("name", DOCKER_STACKS)
def test_every_object_of_an_engine_carries_its_owner_in_plain(name: str) -> None:
    for resource, labels in docker_labels(declare(stack_file(name), name, REFERENCES)):
        assert OWNED.items() <= labels.items(), f"{resource} does not say whose it is"
        assert labels["fate.stack"] == name
        assert ("fate.party" in labels) == resource.startswith("party-"), resource


@pytest.mark.parametrize("name", STACKS)
def test_every_object_of_a_cluster_and_every_pod_carries_its_owner_in_plain(name: str) -> None:
    for resource, inputs in objects(declare(STACKS[name], "bank")).items():
        places = [inputs["metadata"], inputs.get("spec", {}).get("template", {}).get("metadata")]
        for metadata in filter(None, places):
            assert OWNED.items() <= metadata["labels"].items(), f"{resource} does not say whose it is"
            assert metadata["labels"]["fate.stack"] == "bank"


def test_a_project_of_another_name_is_in_labels_and_names() -> None:
    declared = declare(stack_file("dev"), project="bank")
    assert {labels["fate.project"] for _, labels in docker_labels(declared)} == {"bank"}
    assert declared.of("Container")["party-9999-broker"]["name"] == "bank-dev-9999-broker"


def test_data_volumes_are_told_from_volumes_of_secrets() -> None:
    labels = dict(docker_labels(declare(stack_file("dev"))))
    assert labels["party-9999-database"]["fate.service"] == "database"
    assert labels["party-9999-database-secrets-volume"]["fate.service"] == "database-secrets"


@pytest.mark.parametrize("name", DOCKER_STACKS)
def test_what_is_looked_for_on_an_engine_is_what_is_made(name: str) -> None:
    declared = declare(stack_file(name), name, REFERENCES)
    made = {(kind, str(i["name"])) for kind, type_ in TYPES.items() for i in declared.of(type_).values()}
    (wanted,) = wanted_objects(load(stack_file(name)), Names("fate", name)).values()
    assert {(each.kind, each.name) for each in wanted} == made


@pytest.mark.parametrize("name", STACKS)
def test_what_is_looked_for_in_a_namespace_is_what_is_made(name: str) -> None:
    made: dict[str, set[tuple[str, str]]] = {}
    for resource in declare(STACKS[name], "bank").resources:
        metadata = resource.inputs.get("metadata")
        if metadata and "namespace" in metadata:
            kind = plural(resource.typ.rpartition(":")[2])
            made.setdefault(metadata["namespace"], set()).add((kind, metadata["name"]))
    kinds = [kind for kinds in EVERYWHERE.values() for kind in kinds]
    for want in wanted_namespaces(load(STACKS[name]), Names("fate", "bank")):
        wanted = {(kind, each) for kind in kinds for each in want.names_of(kind)}
        of_everywhere = {(kind, each) for kind, each in made[want.namespace] if kind in kinds}
        assert of_everywhere - {("secrets", "fate-mirror")} <= wanted
        assert all(each.endswith("-peers") for _, each in wanted - of_everywhere)


def plural(kind: str) -> str:
    return kind.lower().removesuffix("y") + ("ies" if kind.endswith("y") else "s")


def test_labels_never_change_a_volume_or_a_network_that_is_there() -> None:
    declared = declare(stack_file("dev"))
    for kind in ("Volume", "Network"):
        for name, ignored in declared.ignored(kind).items():
            assert ignored == ["labels"], f"{name} would be replaced for a label"


def test_a_data_volume_whose_name_changes_keeps_the_one_that_it_has() -> None:
    values = stack_file("dev")
    values["parties"][0]["id"] = "a-b"
    declared = declare(values)
    assert declared.of("Volume")["party-a-b-database"]["name"] == "fate-dev-a--b-database"
    ignored = declared.ignored("Volume")
    assert ignored["party-a-b-database"] == ["name", "labels"]
    assert ignored["party-10000-database"] == ["labels"], "a name that is the same hides no change"
