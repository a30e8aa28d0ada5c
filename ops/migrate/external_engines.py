"""The Spark, HDFS, RabbitMQ or Pulsar of a source that others run: it stays in the place of the party's own.

KubeFATE dials it where `python` says so, and its `parties.conf` knows an HDFS alone. Executors of such a
Spark dial HDFS and the broker themselves, and nothing within the party: the three go together, or Spark does
not go.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config import PartySettings
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Values

BROKER = "broker"
"""The secret of the broker's account."""
USER = "fate"
TOGETHER = (
    "executors of a Spark elsewhere dial HDFS and the broker themselves: with both elsewhere it could stay;"
    " the party has its own"
)
BEHIND = "one elsewhere would dial peers itself, and the party meets them through an exchange: it has its own"
PODS = (
    "executors dial FATE-Flow's pod at its own address, on ports 31000 to 31031: let them reach the cluster's"
    " pods"
)
WORKERS = "Spark's workers run from the image fateflow-spark, with the Python of FATE-Flow"
URL = re.compile(r"(spark|hdfs)://([^:/\s]+)(?::([0-9]+))?/?", re.ASCII)


@dataclass(frozen=True)
class Part:
    """A part that others may run: its key, the service in whose place it is, and KubeFATE's own host."""

    key: str
    service: str
    own: str
    said_by: str


SPARK = Part("spark", "sparkmaster", "spark-master", "python.spark.master")
HDFS = Part("hdfs", "namenode", "namenode", "python.hdfs.name_node")
RABBITMQ = Part("broker", "broker", "rabbitmq", "python.rabbitmq.host")
PULSAR = Part("pulsar", "pulsar", "pulsar", "python.pulsar.host")
CALLED_BACK = ("driverHost", "driverHostType", "driverStartPort", "blockManagerStartPort", "portMaxRetries")
PORTS: Mapping[Part, Mapping[str, str]] = {
    RABBITMQ: {"port": "port", "mng_port": "management-port"},
    PULSAR: {"port": "port", "mng_port": "http-port"},
}


def engines_of_a_cluster(account: Account, party: PartySettings, place: str, behind: bool) -> Values:
    """Return what of the engines others run, by the stack's key; `behind` an exchange no broker can be."""
    hdfs = hdfs_of(account, party, HDFS.said_by, place)
    broker = {} if behind else _broker(account, party, place)
    if behind and (part := _met(account, party)):
        account.without_counterpart(part.said_by, BEHIND)
    spark = _spark(account, party, place, alone=not (hdfs and broker))
    return {**spark, **hdfs, **broker}


def hdfs_of(account: Account, party: PartySettings, key: str, place: str, shared_by: int = 1) -> Values:
    """Return the HDFS as a stack has it, nothing where KubeFATE made one, or no table lies in it."""
    address = _address(account, party, HDFS, key)
    if address is None:
        return {}
    name = "parties share it: give no two tables one namespace and name; " if shared_by > 1 else ""
    note = f"{name}who runs it lets fate write below /fate, without Kerberos"
    account.kept(key, f"{place}.external.hdfs.host", *_port_at(address, f"{place}.external.hdfs"), note=note)
    return {"hdfs": address}


def _spark(account: Account, party: PartySettings, place: str, alone: bool) -> Values:
    address = _address(account, party, SPARK, SPARK.said_by)
    if address is None:
        return {}
    if alone:
        account.without_counterpart(SPARK.said_by, TOGETHER)
        return {}
    at = f"{place}.external.spark"
    account.kept(SPARK.said_by, f"{at}.host", *_port_at(address, at), note=WORKERS)
    for name in CALLED_BACK:
        if account.text(f"python.spark.{name}"):
            account.without_counterpart(f"python.spark.{name}", PODS)
    if account.text("python.spark.pysparkPython"):
        account.not_needed("python.spark.pysparkPython", WORKERS)
    return {"spark": address}


def _broker(account: Account, party: PartySettings, place: str) -> Values:
    part = _met(account, party)
    if part is None:
        return {}
    at, below = f"{place}.external.{part.key}", part.said_by.removesuffix("host")
    found: dict[str, object] = {"host": accepted.host(account.value(part.said_by))}
    account.kept(part.said_by, f"{at}.host")
    for name, key in PORTS[part].items():
        if port := accepted.port(account.value(below + name)):
            found[key] = port
            account.kept(below + name, f"{at}.{key}")
    found |= _login(account, below, at) if part is RABBITMQ else _names(account, below, at)
    return {part.key: found}


def _login(account: Account, below: str, at: str) -> Values:
    account.kept(f"{below}user", f"{at}.user", note="it must be an administrator there")
    told = f"no password is taken over: pulumi config set --secret --path fate:secrets.{BROKER}"
    account.kept(f"{below}password", f"{at}.password", note=told)
    return {"user": account.text(f"{below}user") or USER, "password": {"secret": BROKER}}


def _names(account: Account, below: str, at: str) -> Values:
    names = {name: text for name in ("cluster", "tenant") if (text := account.text(below + name))}
    for name in names:
        account.kept(below + name, f"{at}.{name}")
    return names


def _met(account: Account, party: PartySettings) -> Part | None:
    """Return the broker that others run in the place of the party's, None where it has its own or none."""
    for part in PORTS:
        host = accepted.host(account.value(part.said_by))
        if (
            host
            and not _is_own(account, part, part.said_by, host)
            and _is_used(account, party, part, part.said_by)
        ):
            return part
    return None


def _address(account: Account, party: PartySettings, part: Part, key: str) -> Values | None:
    """Return host and port that a URL names, None where they are KubeFATE's own or nobody could dial them."""
    found = URL.fullmatch(account.text(key))
    host = accepted.host(found[2]) if found and found[1] == part.key else None
    port = accepted.port(found[3]) if found else None
    if found is None or host is None or (found[3] and port is None) or _is_own(account, part, key, host):
        return None
    used = _is_used(account, party, part, key)
    return {"host": host, **({"port": port} if port else {})} if used else None


def _is_used(account: Account, party: PartySettings, part: Part, key: str) -> bool:
    used = part.service in party.service_names
    if not used:
        account.not_needed(key, f"the party has no use for it: {party.absence_of(part.service)}")
    return used


def _is_own(account: Account, part: Part, key: str, host: str) -> bool:
    """Say whether it is KubeFATE's own, by its Service's name, with or without its namespace."""
    name, _, rest = host.partition(".")
    own = name == part.own and rest.partition(".")[0] in ("", account.text("namespace"))
    if own and rest:
        account.not_needed(key, f"it is KubeFATE's own {part.own}, and the party has its own")
    return own


def _port_at(address: Values, at: str) -> Iterator[str]:
    if "port" in address:
        yield f"{at}.port"
