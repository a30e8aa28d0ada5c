"""The ways between a party and its peers: from the route tables of OSX, RollSite, nginx, RabbitMQ and Pulsar.

KubeFATE's OSX and RollSite have one port, a party here has two: its gateway's and its broker's. Where a
source names one node port only, the other follows by a rule, so that two organisations that migrate without
talking write the same ports: the gateway takes OSX's, the broker one that is 3 above it, as in KubeFATE's own
plan of node ports (30091 OSX, 30093 nginx, 30094 RabbitMQ).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from config.cluster_exposure import NODE_PORTS
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Placeholder, Values

PEERS = "fate:parties[0].peers"
EXPOSE = "fate:parties[0].expose"
WHO_REACHES_IT = "or public; the chart's load balancer is reached by whom the cluster lets in, unsaid"
EXPOSURE = "fate:runtime.exposure.kind"
RELAYS = ("osx", "rollsite")
BROKERS = ("rabbitmq", "pulsar")
ALL_PORTS = range(1, 65536)
ENTRY = re.compile(r"(osx|rollsite)\.partyList\[(\d+)\]\.partyId", re.ASCII)
ROUTE = re.compile(r"(nginx|rabbitmq|pulsar)\.route_table\.([^.\[\]]+)\..*", re.ASCII | re.DOTALL)
FROM_RELAY, FROM_GATEWAY = 3, 1
EXAMPLE_PORTS = (30093, 30094)


@dataclass(frozen=True)
class Ports:
    """The ports of a gateway and of a broker, None where the defaults hold."""

    gateway: int | None = None
    broker: int | None = None

    @property
    def keys(self) -> Values:
        """Return them as a stack has them."""
        given = {"gateway-port": self.gateway, "broker-port": self.broker}
        return {key: port for key, port in given.items() if port is not None}


@dataclass(frozen=True)
class Way:
    """A peer and how it is reached; no host where the source has none."""

    id: str
    host: str | None
    ports: Ports

    @property
    def peer(self) -> Values:
        """Return the peer as a stack has it."""
        why = "the address that this peer exposes"
        return {
            "id": self.id,
            "host": self.host or Placeholder("fate.partner.example", why),
            **self.ports.keys,
        }


def ways_of(account: Account, own: str | None) -> Mapping[str, Way]:
    """Return the way to each peer, in the source's order, and account for the keys that say it."""
    rows = tuple(_rows(account.names))
    _account_for_own(account, own)
    ids = dict.fromkeys(id for row in rows if (id := row.id(account)) is not None and id != own)
    return {id: _way(account, id, [row for row in rows if row.id(account) == id]) for id in ids}


def exposure_of(account: Account, host: str | None, has_peers: bool) -> tuple[Values, Values]:
    """Return how ports leave the cluster, and what the party exposes: nothing where nobody would dial."""
    types = {
        module: account.text(f"{module}.type").lower() for module in ("nginx", "rabbitmq", "pulsar", *RELAYS)
    }
    by_balancer = "loadbalancer" in types.values()
    by_node_port = not by_balancer and "nodeport" in types.values()
    if not (has_peers or by_balancer or by_node_port):
        return {}, {}
    kind = "load-balancer" if by_balancer else "node-port"
    for module, type in types.items():
        if type == kind.replace("-", ""):
            account.kept(f"{module}.type", EXPOSURE)
    ports = {} if by_balancer else _own_ports(account)
    reach = {"reach": Placeholder("internal", WHO_REACHES_IT)} if by_balancer else {}
    return {"kind": kind, **reach}, {"host": _own_host(account, host), **ports}


@dataclass(frozen=True)
class _Row:
    """A row of a route table: the keys that a peer's host and ports stand under."""

    table: str
    id_key: str | None
    id_text: str
    host: str
    port: str

    def id(self, account: Account) -> str | None:
        return accepted.party_id(account.value(self.id_key) if self.id_key else self.id_text)


def _rows(names: Collection[str]) -> Iterator[_Row]:
    seen: set[str] = set()
    for name in names:
        if found := ENTRY.fullmatch(name):
            entry = name.removesuffix(".partyId")
            yield _Row(found[1], name, "", f"{entry}.partyIp", f"{entry}.partyPort")
        elif (found := ROUTE.fullmatch(name)) and found[1] + found[2] not in seen:
            seen.add(found[1] + found[2])
            table, id = found[1], found[2]
            at = f"{table}.route_table.{id}" + (".proxy[0]" if table == "nginx" else "")
            port = "http_port" if f"{at}.http_port" in names else "port"
            yield _Row(table, None, id, f"{at}.host", f"{at}.{port}")


def _way(account: Account, id: str, rows: list[_Row]) -> Way:
    by_table = {row.table: row for row in reversed(rows)}
    order = ("nginx", *RELAYS, "rabbitmq", "pulsar")
    hosts = [(row, accepted.host(account.value(row.host))) for table in order if (row := by_table.get(table))]
    host = next((host for _, host in hosts if host), None)
    ports = _ports(account, {table: row.port for table, row in by_table.items()}, PEERS)
    for row, theirs in hosts:
        account.kept(row.id_key, f"{PEERS}[].id")
        if theirs and theirs == host:
            account.kept(row.host, f"{PEERS}[].host")
        elif theirs:
            account.without_counterpart(row.host, f"a peer has one host for both ports: {host} is written")
    return Way(id, host, ports)


def _ports(account: Account, keys: Mapping[str, str], place: str, allowed: range = ALL_PORTS) -> Ports:
    """Return the two ports, those that a source lacks by the rule of this module."""
    place = f"{place}[]" if place == PEERS else place
    found = {table: _allowed(accepted.port(account.value(key)), allowed) for table, key in keys.items()}
    relay = next((table for table in RELAYS if found.get(table)), None)
    gateway, relayed = found.get("nginx"), found.get(relay) if relay else None
    broker_table = next((table for table in BROKERS if found.get(table) not in (None, gateway)), None)
    broker = found.get(broker_table) if broker_table else None
    if gateway:
        account.kept(keys["nginx"], f"{place}.gateway-port")
    if broker_table and broker:
        account.kept(keys[broker_table], f"{place}.broker-port")
    if relay and relayed:
        _account_for_relay(account, keys[relay], relayed, gateway, place)
    return _completed(gateway, broker, relayed)


def _allowed(port: int | None, allowed: range) -> int | None:
    return port if port in allowed else None


def _account_for_relay(account: Account, key: str, relayed: int, gateway: int | None, place: str) -> None:
    if gateway:
        account.not_needed(key, "nginx's port is the gateway's")
    elif relayed in NODE_PORTS:
        account.kept(key, f"{place}.gateway-port", note=f"broker-port is {_beside(relayed, FROM_RELAY)}")
    else:
        account.without_counterpart(key, "gateway and broker have a port each: 9300 and 5672 are taken")


def _completed(gateway: int | None, broker: int | None, relayed: int | None) -> Ports:
    if gateway is None and relayed is not None and relayed in NODE_PORTS:
        return Ports(relayed, broker or _beside(relayed, FROM_RELAY))
    if broker is None and gateway is not None and gateway in NODE_PORTS:
        return Ports(gateway, _beside(gateway, FROM_GATEWAY))
    if gateway is None and broker is not None and broker in NODE_PORTS:
        return Ports(_beside(broker, -FROM_GATEWAY), broker)
    return Ports(gateway, broker)


def _beside(port: int, step: int) -> int:
    return port + step if port + step in NODE_PORTS else port - step


def _account_for_own(account: Account, own: str | None) -> None:
    for name in account.names:
        found = ROUTE.fullmatch(name)
        if own is not None and found and accepted.party_id(found[2]) == own:
            account.not_needed(name, "the party's own broker and gateway are known by themselves")


def _own_ports(account: Account) -> Values:
    keys = {
        "nginx": account.first("nginx.httpNodePort", "nginx.nodePort") or "",
        "rabbitmq": "rabbitmq.nodePort",
        "pulsar": "pulsar.httpNodePort",
        **{relay: f"{relay}.nodePort" for relay in RELAYS},
    }
    ports = _ports(account, keys, EXPOSE, NODE_PORTS).keys
    why = "a free port of the nodes, 30000 to 32767, which peers dial"
    return ports or {
        key: Placeholder(port, why)
        for key, port in zip(("gateway-port", "broker-port"), EXAMPLE_PORTS, strict=True)
    }


def _own_host(account: Account, given: str | None) -> object:
    balancers = [f"{module}.loadBalancerIP" for module in ("nginx", *RELAYS, "rabbitmq", "pulsar")]
    address = accepted.host(account.value(*balancers))
    if address and given in (None, address):
        account.kept(account.first(*balancers), f"{EXPOSE}.host", note="ask for it by exposure.annotations")
    why = "the address of a node or a load balancer, which peers dial; or give --host"
    return given or address or Placeholder("fate.bank.example", why)
