"""KubeFATE's engines, and those that a party gets here."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from config import Computing, Engines, Federation, Storage, engine_fault
from config.faults import nearest
from ops.migrate.account import Account
from ops.migrate.images_of_release import origin_of
from ops.migrate.party_of_engines import party_with
from ops.migrate.source import seen

E = TypeVar("E", bound=StrEnum)

TODAY = Engines(computing=Computing.STANDALONE, storage=Storage.STANDALONE, federation=Federation.RABBITMQ)
ALONE = Engines(computing=Computing.STANDALONE, storage=Storage.STANDALONE, federation=Federation.STANDALONE)

COMPUTING: Mapping[str, Computing] = {
    "eggroll": Computing.EGGROLL,
    "spark": Computing.SPARK,
    "spark_local": Computing.SPARK,
    "standalone": Computing.STANDALONE,
}
STORAGE: Mapping[str, Storage] = {
    "eggroll": Storage.EGGROLL,
    "hdfs": Storage.HDFS,
    "hive": Storage.HIVE,
    "localfs": Storage.FILE,
    "standalone": Storage.STANDALONE,
}
FEDERATION: Mapping[str, Federation] = {
    "osx": Federation.OSX,
    "eggroll": Federation.OSX,
    "rollsite": Federation.OSX,
    "rabbitmq": Federation.RABBITMQ,
    "pulsar": Federation.PULSAR,
    "standalone": Federation.STANDALONE,
}
BACKENDS: Mapping[str, tuple[Computing, Storage, Federation]] = {
    "eggroll": (Computing.EGGROLL, Storage.EGGROLL, Federation.OSX),
    "spark": (Computing.SPARK, Storage.HDFS, Federation.RABBITMQ),
    "spark_rabbitmq": (Computing.SPARK, Storage.HDFS, Federation.RABBITMQ),
    "spark_pulsar": (Computing.SPARK, Storage.HDFS, Federation.PULSAR),
}
HIVES_PLACE: Mapping[Storage, Storage] = {Storage.HIVE: Storage.HDFS}
INSTEAD: Mapping[str, str] = {
    Computing.STANDALONE: "it computes in FATE-Flow's own processes, and tables lie on the party's volume",
    Storage.HDFS: "tables are uploaded anew",
    Federation.RABBITMQ: "each party has a broker, which dials its peers' brokers",
}
"""What it means for a party to have an engine that it had not; `standalone` computes and stores."""
OFFERED = "FATE-Flow is told what Spark's workers offer"
NAMES: Mapping[str, Mapping[str, StrEnum]] = {
    "computing": COMPUTING,
    "storage": STORAGE,
    "federation": FEDERATION,
}


def engines_of(account: Account, place: str) -> Engines:
    """Return the engines that a party gets: its own where this program runs them, else the nearest."""
    wanted = _wanted(account)
    written = next(engines for engines in _nearest(wanted) if _run(engines))
    why = _why(wanted)
    for role in NAMES:
        _account_for(account, role, written, f"{place}.engines.{role}", why)
    _account_for_backend(account, written, f"{place}.engines", why)
    return written


def _why(wanted: Engines | None) -> str:
    """Return why engines are not written as they are wanted."""
    if wanted is None:
        return "what is written with it is no engine of KubeFATE's"
    return engine_fault(wanted) or "nothing has images of these engines"


def _nearest(wanted: Engines | None) -> Iterator[Engines]:
    """Yield what is wanted, then what has its tables in HDFS for Hive, then what always runs."""
    if wanted is not None:
        yield wanted
        yield wanted.model_copy(update={"storage": HIVES_PLACE.get(wanted.storage, wanted.storage)})
    yield ALONE if wanted and wanted.federation is Federation.STANDALONE else TODAY


def is_spark(account: Account) -> bool:
    """Say whether the party computed on Spark."""
    return account.text("computing", "backend").lower().startswith("spark")


def _run(engines: Engines) -> bool:
    return engine_fault(engines) is None and origin_of(party_with(engines)) is not None


def _wanted(account: Account) -> Engines | None:
    backend = BACKENDS.get(account.text("backend").lower())
    computing = _named(COMPUTING, account, "computing") or (backend and backend[0])
    storage = _named(STORAGE, account, "storage") or (backend and backend[1])
    federation = _named(FEDERATION, account, "federation") or (backend and backend[2])
    if federation is Federation.STANDALONE:
        computing, storage = computing or Computing.STANDALONE, storage or Storage.STANDALONE
    if not (computing and storage and federation):
        return None
    return Engines(computing=computing, storage=storage, federation=federation)


def _named(names: Mapping[str, E], account: Account, role: str) -> E | None:
    return names.get(account.text(role).lower())


def _account_for(account: Account, role: str, written: Engines, place: str, why: str) -> None:
    given, engine = account.text(role), str(getattr(written, role))
    if not given:
        return
    names = NAMES[role]
    if given.lower() not in names:
        near = nearest(given, names)
        meant = f"; {near} was meant?" if near else ""
        account.without_counterpart(
            role, f"{seen(role, given)} is no engine of KubeFATE's{meant}; {engine} is written"
        )
    elif names[given.lower()] == engine:
        took = "OSX took RollSite's place in FATE 2" if engine == "osx" and given.lower() != engine else ""
        account.kept(role, place, note=took)
    else:
        account.without_counterpart(role, f"{why}; {engine} is written: {INSTEAD[engine]}")


def _account_for_backend(account: Account, written: Engines, place: str, why: str) -> None:
    engines = f"{written.computing}, {written.storage} and {written.federation}"
    if BACKENDS.get(account.text("backend").lower()) == (
        written.computing,
        written.storage,
        written.federation,
    ):
        account.kept("backend", place)
    elif account.text("backend"):
        account.without_counterpart("backend", f"{why}; {engines} are written")
