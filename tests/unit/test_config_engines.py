"""Engines that go together, over every triple that can be written."""

from itertools import product

import pytest

from config import Computing, Engines, Federation, Storage, engine_fault
from config.engines import AVAILABLE

TRIPLES = list(product(Computing, Storage, Federation))
ACCEPTED = {
    "standalone/standalone/standalone",
    "standalone/standalone/rabbitmq",
    "standalone/standalone/pulsar",
    "standalone/standalone/osx",
    "eggroll/eggroll/rabbitmq",
    "eggroll/eggroll/pulsar",
    "eggroll/eggroll/osx",
    "spark/hdfs/rabbitmq",
    "spark/hdfs/pulsar",
    "spark/hdfs/osx",
    "spark/file/rabbitmq",
    "spark/file/pulsar",
    "spark/file/osx",
}


def fault(computing: str, storage: str, federation: str) -> str | None:
    return engine_fault(
        Engines(computing=Computing(computing), storage=Storage(storage), federation=Federation(federation))
    )


def test_only_what_the_components_make_is_accepted() -> None:
    assert {"/".join(triple) for triple in TRIPLES if fault(*triple) is None} == ACCEPTED


def test_what_is_told_to_be_made_is_what_is_accepted() -> None:
    assert {"/".join(triple) for triple in AVAILABLE} == ACCEPTED


def test_every_legal_triple_of_fate_is_told_from_the_illegal_ones() -> None:
    unserved = {"/".join(triple) for triple in TRIPLES if "cannot run here: " in (fault(*triple) or "")}
    spark = {f"spark/{s}/{f}" for s in ("hdfs", "hive", "file", "standalone") for f in FEDERATIONS_OF_SPARK}
    eggroll = {f"eggroll/eggroll/{f}" for f in ("rabbitmq", "pulsar", "osx")}
    standalone = {f"standalone/standalone/{f}" for f in ("standalone", "rabbitmq", "pulsar", "osx")}
    legal = spark | eggroll | standalone
    assert unserved == legal - ACCEPTED, "this is FATE-Flow 2.2.0's table, less RollSite"


@pytest.mark.parametrize(
    ("triple", "why"),
    [
        (("spark", "standalone", "rabbitmq"), "not supported with spark backend"),
        (("spark", "hdfs", "standalone"), "no attribute 'get_standalone_session'"),
        (("spark", "hive", "rabbitmq"), "can not be initialized with storage engine: hive"),
    ],
)
def test_what_fate_s_table_has_and_its_code_cannot_is_refused_in_the_words_of_its_failure(
    triple: tuple[str, str, str], why: str
) -> None:
    assert why in (fault(*triple) or "")


FEDERATIONS_OF_SPARK = ("rabbitmq", "pulsar", "osx", "standalone")


@pytest.mark.parametrize(("computing", "storage", "federation"), TRIPLES)
def test_a_refused_triple_names_what_does_not_fit(computing: str, storage: str, federation: str) -> None:
    problem = fault(computing, storage, federation)
    if problem is None:
        return
    named = [name for name in (computing, storage, federation) if name in problem]
    assert named, f"{problem} names none of {computing}, {storage}, {federation}"


def test_rollsite_is_refused_although_the_table_of_fate_flow_lists_it() -> None:
    assert "Eggroll 3" in (fault("eggroll", "eggroll", "rollsite") or ""), "it cannot run in FATE 2"
