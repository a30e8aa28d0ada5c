"""Engines that go together, over every triple that can be written."""

from itertools import product

import pytest

from config import Computing, Engines, Federation, Storage, engine_fault

TRIPLES = list(product(Computing, Storage, Federation))


def fault(computing: str, storage: str, federation: str) -> str | None:
    return engine_fault(
        Engines(computing=Computing(computing), storage=Storage(storage), federation=Federation(federation))
    )


def test_only_two_triples_run_so_far() -> None:
    accepted = ["/".join(triple) for triple in TRIPLES if fault(*triple) is None]
    assert accepted == ["standalone/standalone/standalone", "standalone/standalone/rabbitmq"], (
        "a triple is accepted only where the components make it"
    )


def test_every_legal_triple_of_fate_is_told_from_the_illegal_ones() -> None:
    later = {"/".join(triple) for triple in TRIPLES if "FATE can run" in (fault(*triple) or "")}
    spark = {f"spark/{s}/{f}" for s in ("hdfs", "hive", "file", "standalone") for f in FEDERATIONS_OF_SPARK}
    eggroll = {f"eggroll/eggroll/{f}" for f in ("rabbitmq", "pulsar", "osx")}
    standalone = {f"standalone/standalone/{f}" for f in ("pulsar", "osx")}
    assert later == spark | eggroll | standalone, "this is FATE-Flow 2.2.0's table, less RollSite"


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
