"""Which engines of FATE go together, and which of these this program can run.

Names and legal pairs: FATE-Flow 2.2.0, `entity/types/_engine.py` and `engine/relation_ship.py`.
"""

from enum import StrEnum
from typing import NamedTuple

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


class Unserved(NamedTuple):
    """Engines that go together by FATE-Flow's table, and do not run here; None stands for any engine."""

    computing: Computing | None
    storage: Storage | None
    federation: Federation | None
    why: str

    def holds_for(self, engines: Engines) -> bool:
        """Tell whether some engines are among them."""
        pairs = zip(self[:3], (engines.computing, engines.storage, engines.federation), strict=True)
        return all(refused in (None, engine) for refused, engine in pairs)


UNSERVED: tuple[Unserved, ...] = (
    Unserved(
        Computing.SPARK,
        Storage.STANDALONE,
        None,
        "FATE's Spark reads tables from hdfs, hive and file only, and a job that reads one fails with `uri"
        " type standalone://... not supported with spark backend`",
    ),
    Unserved(
        Computing.SPARK,
        None,
        Federation.STANDALONE,
        "FATE's standalone federation hands over tables of standalone computing, and every job fails with"
        " `'CSession' object has no attribute 'get_standalone_session'`",
    ),
    Unserved(
        Computing.SPARK,
        Storage.HIVE,
        None,
        "FATE-Flow stores no table in Hive: an upload fails with `can not be initialized with storage engine:"
        " hive`",
    ),
)
"""Why, in the order in which it is told. What FATE fails with: pyfate 2.2.0, `arch/computing/backends/spark`
and `arch/federation/_builder.py`; FATE-Flow 2.2.0, `engine/storage/_session.py`."""


def _unserved(engines: Engines) -> str | None:
    """Return why engines that go together by FATE-Flow's table do not run here."""
    return next((each.why for each in UNSERVED if each.holds_for(engines)), None)


AVAILABLE: frozenset[tuple[Computing, Storage, Federation]] = frozenset(
    (computing, storage, federation)
    for computing, storages in STORAGES.items()
    for storage in storages
    for federation in FEDERATIONS[computing]
    if _unserved(Engines(computing=computing, storage=storage, federation=federation)) is None
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
    return _storage_fault(engines) or _federation_fault(engines) or _unserved_fault(engines)


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


def _unserved_fault(engines: Engines) -> str | None:
    why = _unserved(engines)
    if why is None:
        return None
    return f"{engines.computing}/{engines.storage}/{engines.federation} cannot run here: {why}"


def _either(names: tuple[StrEnum, ...]) -> str:
    return " or ".join(names)
