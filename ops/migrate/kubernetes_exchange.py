"""The exchange that a party of a `cluster.yaml` is behind: one of `fate:exchange` must take its place."""

from config import PartySettings
from config.cluster_exposure import NODE_PORTS
from config.exchange import OsxExchange
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Values
from ops.migrate.star import kept_for, kind_for

EXCHANGE = "fate:parties[0].exchange"
RELAYS = ("rollsite", "osx")
HOSTS = tuple(f"{module}.exchange.ip" for module in ("nginx", "pulsar", *RELAYS))
OF_NGINX, OF_RELAYS = "nginx.exchange.httpPort", tuple(f"{module}.exchange.port" for module in RELAYS)
BELOW_PEERS = ("nginx.exchange.grpcPort", "pulsar.exchange.port", "pulsar.exchange.domain")
ANOTHER = "there must be one of fate:exchange, docs/exchange.md"


def exchange_of(account: Account, party: PartySettings) -> Values:
    """Return the exchange that a party says it is behind; nothing where it has none, or no peers."""
    key, kind = account.first(*HOSTS), kind_for(party)
    host = accepted.host(account.value(key)) if key else None
    if host is None or kind is None:
        return {}
    _account_for_hosts(account, host)
    if kind is OsxExchange:
        return {"host": host, **_port(account, "osx-port", *OF_RELAYS)}
    for name in BELOW_PEERS:
        account.not_needed(name, "calls have one port of the exchange, and each peer's data one of its own")
    ports = [name for name in OF_RELAYS if accepted.port(account.value(name)) in NODE_PORTS]
    return {"host": host, **_port(account, "gateway-port", OF_NGINX, *ports)}


def is_behind_one(account: Account, party: PartySettings) -> bool:
    """Say whether `exchange_of` finds one."""
    return accepted.host(account.value(*HOSTS)) is not None and kind_for(party) is not None


def behind_it(party: PartySettings, id: str) -> Values:
    """Return what a peer that is met through the exchange looks like; nothing where it need not be listed."""
    ports = {f"{service}-at": 5702 for service in kept_for(party)}
    return {"id": id, **ports} if ports else {}


def _account_for_hosts(account: Account, host: str) -> None:
    for name in HOSTS:
        if accepted.host(account.value(name)) == host:
            account.kept(name, f"{EXCHANGE}.host", note=ANOTHER)
        else:
            account.without_counterpart(name, f"a party is behind one exchange: {host} is written")


def _port(account: Account, key: str, *names: str) -> Values:
    """Return the exchange's port for all parties: the first of these keys that has one."""
    for name in names:
        if port := accepted.port(account.value(name)):
            account.kept(name, f"{EXCHANGE}.{key}")
            return {key: port}
    return {}
