"""Which engines of FATE go together, and which of these this program can run.

Names and legal pairs: FATE-Flow 2.2.0, `entity/types/_engine.py` and `engine/relation_ship.py`.
"""

from enum import StrEnum

from pydantic import Field

from config.settings import Settings


class Computing(StrEnum):
    """FATE's computing engines."""

    STANDALONE = "standalone"
    EGGROLL = "eggroll"
    SPARK = "spark"


class Storage(StrEnum):
    """FATE's storage engines."""

    STANDALONE = "standalone"
    EGGROLL = "eggroll"
    HDFS = "hdfs"
    HIVE = "hive"
    FILE = "file"
    MYSQL = "mysql"
    SIMPLE = "simple"
    PATH = "path"
    API = "api"


class Federation(StrEnum):
    """FATE's federation engines."""

    STANDALONE = "standalone"
    RABBITMQ = "rabbitmq"
    PULSAR = "pulsar"
    OSX = "osx"
    ROLLSITE = "rollsite"


class Engines(Settings):
    """The three engines of a party. Nothing is assumed: FATE's defaults differ from release to release."""

    computing: Computing = Field(description="what runs the algorithms")
    storage: Storage = Field(description="where tables lie")
    federation: Federation = Field(description="how parties exchange data")


STORAGES: dict[Computing, tuple[Storage, ...]] = {
    Computing.STANDALONE: (Storage.STANDALONE,),
    Computing.EGGROLL: (Storage.EGGROLL,),
    Computing.SPARK: (Storage.HDFS, Storage.HIVE, Storage.FILE, Storage.STANDALONE),
}
FEDERATIONS: dict[Computing, tuple[Federation, ...]] = {
    Computing.STANDALONE: (Federation.STANDALONE, Federation.RABBITMQ, Federation.PULSAR, Federation.OSX),
    Computing.EGGROLL: (Federation.RABBITMQ, Federation.PULSAR, Federation.OSX),
    Computing.SPARK: (Federation.RABBITMQ, Federation.PULSAR, Federation.OSX, Federation.STANDALONE),
}
AVAILABLE: frozenset[tuple[Computing, Storage, Federation]] = frozenset(
    (Computing.STANDALONE, Storage.STANDALONE, federation)
    for federation in (Federation.STANDALONE, Federation.RABBITMQ)
)
NO_ROLLSITE = (
    "federation rollsite cannot run: RollSite was a service of Eggroll 2, and the Eggroll 3 of FATE 2 has OSX"
    " in its place"
)


def engine_fault(engines: Engines) -> str | None:
    """Return why a party cannot have these engines, None where it can.

    `rollsite` stands in FATE-Flow's table of legal pairs and is refused all the same: Eggroll 3, which FATE
    2.0.0 pins, has no such service (facts/fate-services.md, "lb-rollsite").
    """
    return _storage_fault(engines) or _federation_fault(engines) or _not_yet(engines)


def _storage_fault(engines: Engines) -> str | None:
    legal = STORAGES[engines.computing]
    if engines.storage in legal:
        return None
    return (
        f"computing {engines.computing} cannot read storage {engines.storage}: FATE-Flow's engine table gives"
        f" {engines.computing} only {_either(legal)}"
    )


def _federation_fault(engines: Engines) -> str | None:
    legal = FEDERATIONS[engines.computing]
    if engines.federation is Federation.ROLLSITE:
        return NO_ROLLSITE
    if engines.federation in legal:
        return None
    return (
        f"computing {engines.computing} does not go with federation {engines.federation}: FATE-Flow's engine"
        f" table gives {engines.computing} only {_either(legal)}"
    )


def _not_yet(engines: Engines) -> str | None:
    if (engines.computing, engines.storage, engines.federation) in AVAILABLE:
        return None
    return (
        f"FATE can run {engines.computing}/{engines.storage}/{engines.federation}, but this program makes"
        " only standalone/standalone/rabbitmq and standalone/standalone/standalone so far"
    )


def _either(names: tuple[StrEnum, ...]) -> str:
    return " or ".join(names)
