"""What a killed run leaves on an engine is taken away, and nothing else."""

from typing import Any

import pytest

from config.kubernetes import VOLUMES
from ops.doctor.exported import Engine, Exported
from ops.repair.docker_deletions import end
from ops.repair.docker_leftovers import leftovers
from ops.repair.found import Kind, Unmended
from ops.repair.owner import owner_of
from tests.unit.repair_engine import MadeUpEngine, container_of, network_of, put_in_place, volume_of
from tests.unit.repair_state import ENGINE, NETWORK, VOLUME, container, labels, row, state

HERE = Engine(ENGINE, ("-i", "key"))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> MadeUpEngine:
    return put_in_place(MadeUpEngine(), monkeypatch)


def found(told: Exported) -> list[Any]:
    return list(leftovers(told, HERE, owner_of("fate", "dev", told)))


def names(told: Exported) -> list[tuple[Kind, str]]:
    return [(one.kind, one.name) for one in found(told)]


def test_what_the_state_knows_stays(engine: MadeUpEngine) -> None:
    engine.on["containers"] = [container_of("fate-dev-9999-gateway", "c1")]
    engine.on["networks"] = [network_of("fate-dev-9999", "n1")]
    engine.on["volumes"] = [volume_of("fate-dev-9999-broker-secrets")]
    known = state(
        container("fate-dev-9999-gateway", "c1"),
        row(NETWORK, "party-9999-network", "n1", name="fate-dev-9999"),
        row(VOLUME, "v", "fate-dev-9999-broker-secrets", name="fate-dev-9999-broker-secrets"),
    )
    assert names(known) == []


def test_what_it_does_not_know_goes_containers_first(engine: MadeUpEngine) -> None:
    engine.on["containers"] = [container_of("fate-dev-9999-gateway", "c2")]
    engine.on["networks"] = [network_of("fate-dev-9999", "n2")]
    engine.on["volumes"] = [volume_of("fate-dev-9999-broker-secrets")]
    told = state(container("fate-dev-9999-gateway", "c1"))
    assert names(told) == [
        (Kind.CONTAINER, "fate-dev-9999-gateway"),
        (Kind.NETWORK, "fate-dev-9999"),
        (Kind.VOLUME, "fate-dev-9999-broker-secrets"),
    ], "one of the same name, but of another id, is another object"
    for one in found(told):
        one.mend()
    assert engine.asked == [
        "unpause c2",
        "stop c2",
        "remove_container c2 force=True",
        "remove_network n2",
        "remove_volume fate-dev-9999-broker-secrets",
    ], "a container ends in peace: a database writes its pages"


def test_a_data_volume_is_never_taken_away(engine: MadeUpEngine) -> None:
    engine.on["volumes"] = [volume_of("fate-dev-9999-database"), volume_of("fate-dev-secrets-fateflow-jobs")]
    assert names(state()) == []


@pytest.mark.parametrize(
    "others",
    [
        {"stack": "dev-2"},
        {"project": "bank"},
        {"project": "fate", "owner": "9e8f1234"},
    ],
    ids=["another stack", "another project", "another operator's stack of the same name"],
)
def test_another_s_object_is_left_alone(engine: MadeUpEngine, others: dict[str, str]) -> None:
    engine.on["containers"] = [container_of("fate-dev-9999-gateway", "c2", **others)]
    assert names(owned("0a0a0a0a")) == []


def owned(key: str) -> Exported:
    """Return a state whose objects carry their owner's fingerprint."""
    own = container("fate-dev-9999-broker", "c1", "broker")
    own["inputs"]["labels"] = labels(project="fate", stack="dev", owner=key, party="9999")
    return state(own)


def test_an_object_with_this_stack_s_fingerprint_is_its_own(engine: MadeUpEngine) -> None:
    engine.on["containers"] = [container_of("fate-dev-9999-gateway", "c2", project="fate", owner="0a0a0a0a")]
    assert len(names(owned("0a0a0a0a"))) == 1


def test_an_operation_that_never_ended_tells_the_fingerprint_too(engine: MadeUpEngine) -> None:
    half_made = row(NETWORK, "federation", "", name="f", labels=labels(stack="dev", owner="0a0a0a0a"))
    engine.on["networks"] = [network_of("f", "n1", owner="0a0a0a0a")]
    assert names(state(pending=(("creating", half_made),))) == [(Kind.NETWORK, "f")]


def test_beside_fingerprints_an_object_without_one_counts_by_its_name(engine: MadeUpEngine) -> None:
    engine.on["containers"] = [
        container_of("fate-dev-9999-broker", "c0"),
        container_of("fate-dev-7-broker", "c9"),
    ]
    assert names(owned("0a0a0a0a")) == [(Kind.CONTAINER, "fate-dev-9999-broker")]


def test_what_is_in_use_is_told_with_the_engine_s_reason(engine: MadeUpEngine) -> None:
    engine.on["networks"] = [network_of("fate-dev-9999", "n2")]
    engine.refuses["remove_network"] = "network fate-dev-9999 has active endpoints"
    (one,) = found(state())
    with pytest.raises(Unmended, match="the engine refuses: network fate-dev-9999 has active endpoints"):
        one.mend()


def test_no_data_volume_is_called_like_one_of_secrets() -> None:
    assert [name for name in VOLUMES if f"-{name}".endswith("-secrets")] == []


def test_a_container_whose_deletion_began_is_removed_and_nothing_else(engine: MadeUpEngine) -> None:
    going = [container("fate-dev-9999-gateway", "c1"), row(VOLUME, "v", "fate-dev-9999-broker-secrets")]
    told = state(
        container("fate-dev-9999-broker", "c2"),
        pending=(*(("deleting", one) for one in going), ("creating", container("fate-dev-9999-x", "c3"))),
    )
    end(HERE, told.deleting_on(HERE))
    assert engine.asked == ["unpause c1", "stop c1", "remove_container c1 force=True"]
