"""Names that no two objects of one project share, and those of before that data keeps."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from components.preflight.docker_wanted import Kind, wanted_objects
from components.runtimes.names import Names, name_faults
from config import KubernetesSettings, StackSettings, load
from config.text import RESERVED_PARTIES
from tests.declared.program import stack_file

ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
HOSTS = ("unix:///var/run/docker.sock", "ssh://a.example", "ssh://fate@a-b.example:2222")
WORDS = st.sampled_from(["dev", "9999", "x", "a", "database", "federation", "registry", "fateflow", "mirror"])


def glued(words: st.SearchStrategy[str], separators: list[str]) -> st.SearchStrategy[str]:
    """Draw names made of few words, so that they collide where they can."""
    pairs = st.lists(st.tuples(st.sampled_from(separators), words), max_size=2)
    return st.builds(lambda first, rest: first + "".join(s + word for s, word in rest), words, pairs)


STACKS = glued(WORDS, ["-", "--", "_", "."])
IDS = glued(WORDS, ["-", "--"]).filter(lambda id: id not in RESERVED_PARTIES and len(id) <= 32)
PARTIES = st.lists(IDS, min_size=1, max_size=2, unique=True)


def settings_of(ids: list[str], hosts: list[str]) -> StackSettings:
    """Return a stack with a mirror on its own engine, and each party on an engine, unchecked."""
    parties = [
        {"id": id, "engines": ENGINES, "peers": [], **({"runtime": {"host": host}} if host else {})}
        for id, host in zip(ids, hosts, strict=False)
    ]
    return StackSettings.model_validate(stack_file("dev") | {"parties": parties})


def made(stack: str, settings: StackSettings) -> Iterator[tuple[Kind, str]]:
    for objects in wanted_objects(settings, Names("fate", stack)).values():
        yield from {(wanted.kind, wanted.name) for wanted in objects}


@given(STACKS, STACKS, PARTIES, PARTIES, st.permutations(["", *HOSTS]))
@example("dev", "dev-9999", ["9999-x"], ["x"], ["", "", "", ""])
@example("dev", "dev-9999", ["9999"], ["x"], [HOSTS[1], "", "", ""])
def test_no_two_stacks_of_one_project_make_one_name_on_an_engine(
    one: str, other: str, ids: list[str], other_ids: list[str], hosts: list[str]
) -> None:
    assume(one != other)
    first, second = (
        set(made(one, settings_of(ids, hosts))),
        set(made(other, settings_of(other_ids, hosts[2:]))),
    )
    assert not first & second


@given(STACKS, PARTIES)
def test_no_two_objects_of_a_stack_make_one_name_on_an_engine(stack: str, ids: list[str]) -> None:
    settings = settings_of(ids, ["", ""])
    (objects,) = wanted_objects(settings, Names("fate", stack)).values()
    shared = Names("fate", stack).federation(None)
    made = [(each.kind, each.name) for each in objects if each.name != shared]
    assert len(made) == len(set(made))


@given(st.lists(st.tuples(STACKS, PARTIES), min_size=2, max_size=3, unique_by=lambda drawn: drawn[0]))
@example([("dev", ["9999-x"]), ("dev-9999", ["x"])])
def test_no_two_stacks_of_one_project_make_one_namespace(drawn: list[tuple[str, list[str]]]) -> None:
    cluster = KubernetesSettings(context="prod")
    made = [
        {Names("fate", stack).namespace(cluster, party) for party in (*ids, None)} for stack, ids in drawn
    ]
    assert not any(one & other for one, other in combinations(made, 2))


def test_a_hyphen_in_a_stacks_name_is_told_from_one_in_a_partys_id() -> None:
    one, other = Names("fate", "dev").of("9999-x", "broker"), Names("fate", "dev-9999").of("x", "broker")
    assert (one, other) == ("fate-dev-9999--x-broker", "fate-dev-9999-x-broker")


def test_the_names_of_the_default_project_are_those_of_before() -> None:
    names = Names("fate", "dev")
    assert names.of("9999", "database") == names.before("9999", "database") == "fate-dev-9999-database"
    assert Names("bank", "dev").of("9999") == "bank-dev-9999"


def test_what_holds_data_keeps_the_name_of_before_where_it_is_there() -> None:
    before = "fate-dev-9999-x-database"
    assert Names("fate", "dev", frozenset({before})).holding("9999-x", "database") == before
    assert Names("fate", "dev").holding("9999-x", "database") == "fate-dev-9999--x-database"


def test_the_network_of_another_engine_is_named_after_its_address() -> None:
    names = Names("fate", "dev")
    one, other = names.federation("ssh://a.example"), names.federation("ssh://b.example")
    assert one != other
    assert one.startswith("fate-dev-federation_")
    assert names.federation(None) == "fate-dev-federation"


@pytest.mark.parametrize(
    ("project", "stack", "told"),
    [
        ("fate", "dev-", "stack dev- ends with a hyphen"),
        ("_fate", "dev", "project _fate begins with _"),
    ],
)
def test_a_name_that_could_be_anothers_or_no_containers_is_refused(
    project: str, stack: str, told: str
) -> None:
    (fault,) = name_faults(Names(project, stack), load(stack_file("dev")))
    assert told in fault.problem
