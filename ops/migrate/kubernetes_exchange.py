"""The exchange that a party of a `cluster.yaml` is behind: one of `fate:exchange` must take its place."""

from config import PartySettings, catalogue
from config.cluster_exposure import NODE_PORTS
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Values

EXCHANGE = "fate:parties[0].exchange"
MODULES = ("nginx", "pulsar", "rollsite", "osx")
HOSTS = tuple(f"{module}.exchange.ip" for module in MODULES)
PORTS = ("nginx.exchange.httpPort", "rollsite.exchange.port", "osx.exchange.port")
BELOW_PEERS = ("nginx.exchange.grpcPort", "pulsar.exchange.port", "pulsar.exchange.domain")
ANOTHER = "there must be one of fate:exchange, docs/exchange.md"
NOT_CARRIED = (
    "an exchange here passes on what RabbitMQ and Pulsar send: the party has none, and each peer needs a way"
)


def exchange_of(account: Account, party: PartySettings) -> Values:
    """Return the exchange that a party says it is behind; nothing for one that it cannot be behind here."""
    key = account.first(*HOSTS)
    host = accepted.host(account.value(key)) if key else None
    if host is None:
        return {}
    if not _kept(party):
        for name in (*HOSTS, *PORTS, *BELOW_PEERS):
            account.without_counterpart(name, NOT_CARRIED)
        return {}
    _account_for_hosts(account, host)
    for name in BELOW_PEERS:
        account.not_needed(name, "calls have one port of the exchange, and each peer's data one of its own")
    return {"host": host, **_gateway(account)}


def behind_it(party: PartySettings, id: str) -> Values:
    """Return what a peer that is met through the exchange looks like."""
    return {"id": id, **{f"{service}-at": 5702 for service in _kept(party)}}


def _kept(party: PartySettings) -> tuple[str, ...]:
    return tuple(service for service in catalogue().forwarded() if service in party.service_names)


def _account_for_hosts(account: Account, host: str) -> None:
    for name in HOSTS:
        if accepted.host(account.value(name)) == host:
            account.kept(name, f"{EXCHANGE}.host", note=ANOTHER)
        else:
            account.without_counterpart(name, f"a party is behind one exchange: {host} is written")


def _gateway(account: Account) -> Values:
    """Return the exchange's port for calls: nginx's, or a node port of what carried them before."""
    for name in PORTS:
        port = accepted.port(account.value(name))
        if port and (name.startswith("nginx") or port in NODE_PORTS):
            account.kept(name, f"{EXCHANGE}.gateway-port")
            return {"gateway-port": port}
    return {}
