"""What of another is on a Docker engine, and is refused before anything is made. The engine is a mapping."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from components.preflight.docker_owners import Owned, owned_of
from components.preflight.docker_wanted import wanted_objects
from components.runtimes.names import Names
from components.runtimes.ownership import Ownership
from config import load
from tests.declared.program import stack_file
from tests.unit.harbor_examples import harbor

HOST = "unix:///var/run/docker.sock"
OURS = Ownership("fate", "dev", "9e8f1234")
EARLIER = {"fate.project": "fate", "fate.stack": "dev", "fate.owner": "11111111"}
KINDS = ("containers", "networks", "volumes")

Labelled = Mapping[str, Mapping[str, str] | None]


class Engine:
    """Answers what is on it, and keeps what it was asked."""

    def __init__(self, **there: Labelled) -> None:
        self.there = {kind: there.get(kind, {}) for kind in KINDS}
        self.asked: list[str] = []

    def __call__(self, url: str) -> object:
        self.asked.append(url)
        kind = url.strip("/").partition("?")[0].partition("/")[0]
        listed: list[Any] = [
            {"Name": name, "Names": [f"/{name}"], "Labels": labels}
            for name, labels in self.there[kind].items()
        ]
        return {"Volumes": listed or None} if kind == "volumes" else listed


def owned(engine: Engine, parties: Sequence[str] = ("9999", "10000")) -> Owned:
    values = stack_file("dev")
    values["parties"] = [values["parties"][0] | {"id": id, "api": None} for id in parties]
    return owned_of(engine, HOST, wanted_objects(load(values), Names("fate", "dev"))[HOST], OURS)


def test_an_empty_engine_is_asked_once_a_kind_and_has_nothing_of_another() -> None:
    engine = Engine()
    assert owned(engine) == Owned([], frozenset())
    assert [url.partition("?")[0] for url in engine.asked] == ["/containers/json", "/networks", "/volumes"]
    assert all("-dev-" in url for url in engine.asked), "no other stack's objects are listed"
    assert "all=1" in engine.asked[0], "a container that is stopped has its name too"


@pytest.mark.parametrize("labels", [OURS.labels(), {"fate.stack": "dev"}])
def test_what_is_the_stacks_own_is_no_fault(labels: dict[str, str]) -> None:
    engine = Engine(
        containers={"fate-dev-registry": labels},
        networks={"fate-dev-federation": labels},
        volumes={"fate-dev-9999-database": labels},
    )
    assert owned(engine).faults == []


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        ("containers", "fate-dev-9999-broker", "fate:parties[0]"),
        ("containers", "fate-dev-9999-database-secrets", "fate:parties[0]"),
        ("containers", "fate-dev-registry", "fate:mirror"),
        ("networks", "fate-dev-10000", "fate:parties[1]"),
        ("networks", "fate-dev-federation", "fate:parties[0]"),
        ("volumes", "fate-dev-10000-fateflow-jobs", "fate:parties[1]"),
        ("volumes", "fate-dev-9999-broker-secrets", "fate:parties[0]"),
        ("volumes", "fate-dev-registry", "fate:mirror"),
    ],
)
def test_an_object_of_another_key_is_refused_at_its_place_with_both_ways_out(
    kind: str, name: str, path: str
) -> None:
    fault = owned(Engine(**{kind: {name: EARLIER}})).faults[0]
    assert fault.path == path
    assert f"{HOST} already has {kind[:-1]} {name}, of stack dev of project fate made with" in fault.problem
    assert "pulumi stack rename NAME" in fault.remedy
    assert 'write fate:adopts: ["11111111"]' in fault.remedy


@pytest.mark.parametrize(
    ("volume", "refused"),
    [
        ("fate-dev-harbordatabase", True),
        ("fate-dev-harborregistry", True),
        ("fate-dev-harborcore-secrets", False),
        ("fate-dev-9999-database", False),
    ],
)
def test_a_harbor_of_an_earlier_key_is_refused_though_the_stack_adopts_that_key(
    volume: str, refused: bool
) -> None:
    values = wanted_objects(load(harbor()), Names("fate", "dev"))[HOST]
    adopting = Ownership("fate", "dev", "9e8f1234", adopted=("11111111",))
    faults = owned_of(Engine(volumes={volume: EARLIER}), HOST, values, adopting).faults
    assert [fault.path for fault in faults] == (["fate:mirror"] if refused else [])
    assert all("put that key back, for what a Harbor keeps" in fault.remedy for fault in faults)


@pytest.mark.parametrize("labels", [{}, None])
def test_a_volume_that_was_made_by_hand_is_refused_with_how_to_look_at_it(
    labels: dict[str, str] | None,
) -> None:
    (fault,) = owned(Engine(volumes={"fate-dev-9999-database": labels})).faults
    assert "made by hand or by another program" in fault.problem
    assert "docker volume inspect fate-dev-9999-database" in fault.remedy


def test_a_whole_stack_of_another_is_one_fault_a_party() -> None:
    values = wanted_objects(load(stack_file("dev")), Names("fate", "dev"))[HOST]
    there = {kind: {w.name: EARLIER for w in values if w.kind == kind[:-1]} for kind in KINDS}
    faults = owned(Engine(**there)).faults
    assert [fault.path for fault in faults] == ["fate:mirror", "fate:parties[0]", "fate:parties[1]"]
    assert "and 17 more of the names that this stack wants" in faults[1].problem


def test_what_no_stack_of_this_name_wants_is_left_alone() -> None:
    assert owned(Engine(volumes={"fate-dev-9999-database-of-mine": None})).faults == []


def test_a_data_volume_keeps_the_name_that_it_had_before_hyphens_were_doubled() -> None:
    before = "fate-dev-a-b-database"
    of_before = {"fate.stack": "dev", "fate.party": "a-b"}
    assert owned(Engine(volumes={before: of_before}), ["a-b"]).kept == {before}
    assert owned(Engine(volumes={before: {"fate.stack": "dev-a"}}), ["a-b"]).kept == frozenset()
    both = {before: of_before, "fate-dev-a--b-database": OURS.labels("a-b")}
    assert owned(Engine(volumes=both), ["a-b"]).kept == frozenset(), "what was made since holds the data"
