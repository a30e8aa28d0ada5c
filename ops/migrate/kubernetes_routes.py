"""The ways between a party and its peers: from the route tables of OSX, RollSite, nginx, RabbitMQ and Pulsar.

OSX and RollSite have one port, a party without OSX has two: its gateway's and its broker's. Where a source
names one node port only and two are needed, the other follows by a rule, so that two organisations that
migrate without talking write the same ports: the gateway takes OSX's, the broker one that is 3 above it, as
in KubeFATE's own plan of node ports (30091 OSX, 30093 nginx, 30094 RabbitMQ).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from config import PartySettings, catalogue
from config.cluster_exposure import NODE_PORTS
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Placeholder, Values
from ops.migrate.party_of_engines import met_by_peers

PEERS = "fate:parties[0].peers"
EXPOSE = "fate:parties[0].expose"
WHO_REACHES_IT = "or public; the chart's load balancer is reached by whom the cluster lets in, unsaid"
EXPOSURE = "fate:runtime.exposure.kind"
RELAYS = ("osx", "rollsite", "lbrollsite")
BROKERS = {"rabbitmq": "broker", "pulsar": "pulsar"}
"""KubeFATE's modules, and the services in their place."""
TABLES = ("nginx", *RELAYS, *BROKERS)
ALL_PORTS = range(1, 65536)
ENTRY = re.compile(r"(osx|rollsite)\.partyList\[(\d+)\]\.partyId", re.ASCII)
ROUTE = re.compile(r"(nginx|rabbitmq|pulsar)\.route_table\.([^.\[\]]+)\..*", re.ASCII | re.DOTALL)
FROM_RELAY, FROM_GATEWAY = 3, 1
GATEWAY, OSX = "gateway", "osx"
EXAMPLE_PORTS = {OSX: 30091, GATEWAY: 30093}
EXAMPLE_PORT = 30094

Ports = Mapping[str, int]
"""The ports of what peers dial, by service; none where the defaults hold."""


@dataclass(frozen=True)
class Way:
    """A peer and how it is reached; no host where the source has none.

    What carries tensors may have another host than its gateway, such as a broker that others run for it.
    """

    id: str
    host: str | None
    ports: Ports
    hosts: Mapping[str, str] = field(default_factory=dict)

    @property
    def peer(self) -> Values:
        """Return the peer as a stack has it."""
        why = "the address that this peer exposes"
        return {
            "id": self.id,
            "host": self.host or Placeholder("fate.partner.example", why),
            **{f"{service}-host": host for service, host in self.hosts.items()},
            **_keys(self.ports),
        }


def ways_of(
    account: Account,
    party: PartySettings,
    own: str | None,
    place: str = PEERS,
    tables: Collection[str] = TABLES,
) -> Mapping[str, Way]:
    """Return the way to each peer, in the source's order, and account for the keys that say it.

    Of some route tables only, where others do not count.
    """
    rows = tuple(row for row in _rows(account.names) if row.table in tables)
    _account_for_own(account, own)
    ids = dict.fromkeys(id for row in rows if (id := row.id(account)) is not None and id != own)
    return {
        id: _way(account, party, id, [row for row in rows if row.id(account) == id], f"{place}[]")
        for id in ids
    }


def addresses_in(account: Account, own: str | None) -> Mapping[str, str]:
    """Return the host of each peer that the source has one for, and account for nothing."""
    found: dict[str, str] = {}
    for row in _rows(account.names):
        id, host = row.id(account), accepted.host(account.value(row.host))
        if id is not None and id != own and host:
            found.setdefault(id, host)
    return found


def exposure_of(
    account: Account, party: PartySettings, host: str | None, has_peers: bool
) -> tuple[Values, Values]:
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
    ports = {} if by_balancer else _own_ports(account, party)
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


def _way(account: Account, party: PartySettings, id: str, rows: list[_Row], place: str) -> Way:
    by_table = {row.table: row for row in reversed(rows)}
    order = sorted(TABLES, key=lambda table: table in RELAYS, reverse=OSX in party.service_names)
    hosts = [(row, accepted.host(account.value(row.host))) for table in order if (row := by_table.get(table))]
    host = next((host for _, host in hosts if host), None)
    ports = _ports(account, party.meets, {table: row.port for table, row in by_table.items()}, place)
    of_broker: dict[str, str] = {}
    for row, theirs in hosts:
        account.kept(row.id_key, f"{place}.id")
        service = BROKERS.get(row.table)
        if theirs and theirs == host:
            account.kept(row.host, f"{place}.host")
        elif theirs and service in party.meets:
            of_broker[service] = theirs
            account.kept(row.host, f"{place}.{service}-host")
        elif theirs:
            account.without_counterpart(row.host, f"a peer has one host for calls: {host} is written")
    return Way(id, host, ports, of_broker)


def _ports(
    account: Account, met: Sequence[str], keys: Mapping[str, str], place: str, allowed: range = ALL_PORTS
) -> Ports:
    """Return the ports of what peers dial, from those of KubeFATE's modules in its place."""
    found = {
        table: port
        for table, key in keys.items()
        if (port := accepted.port(account.value(key))) is not None and port in allowed
    }
    if OSX in met:
        return _relayed(account, keys, found, place)
    broker = next((service for service in met if service != GATEWAY), None)
    return _of_two(account, keys, found, broker, place)


def _relayed(account: Account, keys: Mapping[str, str], found: Mapping[str, int], place: str) -> Ports:
    relay = next((table for table in RELAYS if table in found), None)
    for table, key in keys.items():
        if table == relay:
            account.kept(key, f"{place}.osx-port")
        elif table not in RELAYS:
            account.not_needed(key, "control and tensors pass through OSX, at one port")
    return {OSX: found[relay]} if relay else {}


def _of_two(
    account: Account, keys: Mapping[str, str], found: Mapping[str, int], broker: str | None, place: str
) -> Ports:
    """Return the ports of the gateway and of what carries tensors, one from the other where one lacks."""
    relay = next((table for table in RELAYS if table in found), None)
    gateway, relayed = found.get("nginx"), found.get(relay) if relay else None
    tables = sorted(BROKERS, key=lambda table: table != broker)
    carried = next((table for table in tables if found.get(table, gateway) != gateway), None)
    if gateway:
        account.kept(keys["nginx"], f"{place}.gateway-port")
    if carried and broker:
        account.kept(keys[carried], f"{place}.{broker}-port")
    if relay and relayed:
        _account_for_relay(account, keys[relay], relayed, gateway, broker, place)
    at_gateway, at_broker = _completed(gateway, found.get(carried) if carried else None, relayed)
    ports = {GATEWAY: at_gateway, broker or "": at_broker}
    return {service: port for service, port in ports.items() if service and port is not None}


def _account_for_relay(
    account: Account, key: str, relayed: int, gateway: int | None, broker: str | None, place: str
) -> None:
    if gateway:
        account.not_needed(key, "nginx's port is the gateway's")
    elif relayed in NODE_PORTS:
        also = f"{broker}-port is {_beside(relayed, FROM_RELAY)}" if broker else ""
        account.kept(key, f"{place}.gateway-port", note=also)
    else:
        met = catalogue().met_by_peers()
        usual = [str(met[service][1].number) for service in (GATEWAY, broker) if service]
        account.without_counterpart(
            key, f"{' and '.join(filter(None, (GATEWAY, broker)))} have a port each: {' and '.join(usual)}"
        )


def _completed(gateway: int | None, broker: int | None, relayed: int | None) -> tuple[int | None, int | None]:
    if gateway is None and relayed is not None and relayed in NODE_PORTS:
        return relayed, broker or _beside(relayed, FROM_RELAY)
    if broker is None and gateway is not None and gateway in NODE_PORTS:
        return gateway, _beside(gateway, FROM_GATEWAY)
    if gateway is None and broker is not None and broker in NODE_PORTS:
        return _beside(broker, -FROM_GATEWAY), broker
    return gateway, broker


def _beside(port: int, step: int) -> int:
    return port + step if port + step in NODE_PORTS else port - step


def _account_for_own(account: Account, own: str | None) -> None:
    for name in account.names:
        found = ROUTE.fullmatch(name)
        if own is not None and found and accepted.party_id(found[2]) == own:
            account.not_needed(name, "the party's own broker and gateway are known by themselves")


def _own_ports(account: Account, party: PartySettings) -> Values:
    keys = {
        "nginx": account.first("nginx.httpNodePort", "nginx.nodePort") or "",
        "rabbitmq": "rabbitmq.nodePort",
        "pulsar": "pulsar.httpNodePort",
        **{relay: f"{relay}.nodePort" for relay in RELAYS},
    }
    why = "a free port of the nodes, 30000 to 32767, which peers dial"
    return _keys(_ports(account, met_by_peers(party), keys, EXPOSE, NODE_PORTS)) or {
        f"{service}-port": Placeholder(EXAMPLE_PORTS.get(service, EXAMPLE_PORT), why)
        for service in met_by_peers(party)
    }


def _keys(ports: Ports) -> Values:
    return {f"{service}-port": port for service, port in ports.items()}


def _own_host(account: Account, given: str | None) -> object:
    balancers = [f"{module}.loadBalancerIP" for module in ("nginx", *RELAYS, "rabbitmq", "pulsar")]
    address = accepted.host(account.value(*balancers))
    if address and given in (None, address):
        account.kept(account.first(*balancers), f"{EXPOSE}.host", note="ask for it by exposure.annotations")
    why = "the address of a node or a load balancer, which peers dial; or give --host"
    return given or address or Placeholder("fate.bank.example", why)
