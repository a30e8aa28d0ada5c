"""From the chart fate-exchange to a stack of an exchange alone, in whose middle its parties meet.

Only the ways of nginx and of Apache Traffic Server are taken over: RollSite's led to parties with Eggroll,
which have OSX in FATE 2, and no exchange of this program passes that on.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import count

from config import Computing, Engines, Federation, PartySettings, Storage, catalogue
from config.cluster_exposure import NODE_PORTS
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.images_of_release import SOURCES, Origin, images_of
from ops.migrate.kubernetes_party import Wishes, name_of, namespace_of, pull_secrets_of
from ops.migrate.kubernetes_routes import EXPOSURE, WHO_REACHES_IT, Way, ways_of
from ops.migrate.migrated_stack import MigratedStack, Placeholder, Values
from ops.migrate.mirror_of_source import mirror_for
from ops.migrate.party_of_engines import party_with

MEMBERS, EXPOSE = "fate:exchange.parties", "fate:exchange.expose"
CARRIED = ("nginx", "trafficServer")
FIRST_PORT, FIRST_NODE_PORT = 5701, 30701
GATEWAY = "nginx.httpNodePort"
SERVER_NAME = re.compile(r"trafficServer\.route_table\.sni\[\d+\]\.fqdn", re.ASCII)
NOT_CARRIED = "parties with Eggroll have OSX here, which no exchange passes on: each of them lists its peers"
ONE = "an exchange is one nginx, with a port for what is sent to each party"


def has_ways(account: Account) -> bool:
    """Say whether an exchange has ways that one here can have: not those of RollSite alone."""
    return any(name.startswith(f"{module}.route_table.") for module in CARRIED for name in account.names)


def middle_of(account: Account, source: str, wishes: Wishes) -> MigratedStack:
    """Return the stack of an exchange, and account for the keys of its chart."""
    party = _like_its_parties(account)
    release = next(name for name in reversed(catalogue().releases) if catalogue().images(name, "packages"))
    origin = Origin(SOURCES[0], release)
    mirror = mirror_for(account, "registry", wishes.registry, origin)
    exposure, expose = _opened(account, wishes.host)
    members = _members(account, party, exposure, expose)
    stack = {
        "release": release,
        "runtime": _runtime(account, wishes, exposure),
        "images": images_of(origin, mirror),
        **({"mirror": mirror} if mirror else {}),
        "exchange": {"kind": "gateway", "expose": expose, "parties": members or _no_member(party)},
    }
    name = name_of(account, wishes, None)
    _account_for_the_rest(account)
    return MigratedStack(name, source, stack, account.entries(), "The exchange")


def _like_its_parties(account: Account) -> PartySettings:
    """Return a party as those behind the exchange are: Traffic Server is there for Pulsar alone."""
    by_name = any(SERVER_NAME.fullmatch(name) for name in account.names)
    federation = Federation.PULSAR if by_name else Federation.RABBITMQ
    return party_with(
        Engines(computing=Computing.STANDALONE, storage=Storage.STANDALONE, federation=federation)
    )


def _members(account: Account, party: PartySettings, exposure: Values, expose: Values) -> list[Values]:
    """Return the parties that the exchange leads to, each with the port that it keeps for its data."""
    ways = ways_of(account, party, None, MEMBERS, ("nginx",))
    found: dict[str, Values] = {id: way.peer for id, way in ways.items()}
    found |= _by_name(account, ways)
    first = FIRST_NODE_PORT if exposure["kind"] == "node-port" else FIRST_PORT
    ports = (port for port in count(first) if port != expose.get("gateway-port"))
    return [{**member, f"{_kept(party)}-at": next(ports)} for member in found.values()]


def _by_name(account: Account, known: Mapping[str, Way]) -> Mapping[str, Values]:
    """Return the parties that Traffic Server alone leads to, by the names that it chooses by."""
    hosts = {id: way.host for id, way in known.items()}
    for name in filter(SERVER_NAME.fullmatch, account.names):
        route = f"{name.removesuffix('fqdn')}tunnelRoute"
        id = accepted.party_id(account.text(name).partition(".")[0])
        host = accepted.host(account.text(route).rpartition(":")[0])
        if id is None or host is None:
            continue
        account.kept(name, f"{MEMBERS}[].id")
        if hosts.setdefault(id, host) == host:
            account.kept(route, f"{MEMBERS}[].host", note="its port is that of TLS, which nothing here ends")
        else:
            account.without_counterpart(route, f"a party has one host for both ports: {hosts[id]} is written")
    return {id: {"id": id, "host": host} for id, host in hosts.items() if id not in known}


def _kept(party: PartySettings) -> str:
    return next(service for service in catalogue().forwarded() if service in party.service_names)


def _no_member(party: PartySettings) -> Placeholder:
    example = {"id": "9999", "host": "fate.bank.example", f"{_kept(party)}-at": FIRST_NODE_PORT}
    return Placeholder([example], "the parties behind the exchange")


def _opened(account: Account, host: str | None) -> tuple[Values, Values]:
    """Return how ports leave the cluster, and what the exchange exposes."""
    types = {f"{module}.type": account.text(f"{module}.type").lower() for module in CARRIED}
    kind = "load-balancer" if "loadbalancer" in types.values() else "node-port"
    for key, type in types.items():
        if type == kind.replace("-", ""):
            account.kept(key, EXPOSURE)
    balanced = kind == "load-balancer"
    reach = {"reach": Placeholder("internal", WHO_REACHES_IT)} if balanced else {}
    return {"kind": kind, **reach}, {"host": _host(account, host), **({} if balanced else _gateway(account))}


def _gateway(account: Account) -> Values:
    port = accepted.port(account.value(GATEWAY))
    if port is None or port not in NODE_PORTS:
        why = "a free port of the nodes, 30000 to 32767, which parties dial"
        return {"gateway-port": Placeholder(30003, why)}
    account.kept(GATEWAY, f"{EXPOSE}.gateway-port")
    return {"gateway-port": port}


def _host(account: Account, given: str | None) -> object:
    key = account.first(*(f"{module}.loadBalancerIP" for module in CARRIED))
    address = accepted.host(account.value(key)) if key else None
    if address and given in (None, address):
        account.kept(key, f"{EXPOSE}.host", note="ask for it by exposure.annotations")
    why = "the address of a node or a load balancer, which parties dial; or give --host"
    return given or address or Placeholder("fate.exchange.example", why)


def _runtime(account: Account, wishes: Wishes, exposure: Values) -> Values:
    why = "the context of your kubeconfig, as kubectl config get-contexts shows it; or give --context"
    parts = {
        "namespace": namespace_of(account, note=""),
        "exposure": exposure,
        "pull-secrets": pull_secrets_of(account),
    }
    context = wishes.context or Placeholder("prod", why)
    return {"kind": "kubernetes", "context": context, **{key: part for key, part in parts.items() if part}}


def _account_for_the_rest(account: Account) -> None:
    for name in account.below("rollsite"):
        account.without_counterpart(name, NOT_CARRIED)
    for name in account.names:
        if name.startswith("trafficServer."):
            account.not_needed(name, ONE)
    _account_for_modules(account, accepted.listed(account.value("modules")))
    account.not_needed("nginx.replicas", ONE)
    account.not_needed("partyId", "an exchange has no id: it keeps no party's jobs")
    account.not_needed("chartVersion", "an exchange keeps no job and no model of a release")


def _account_for_modules(account: Account, listed: Sequence[str]) -> None:
    if lost := [module for module in listed if module not in CARRIED]:
        account.without_counterpart("modules", f"{NOT_CARRIED}; not made: {', '.join(lost)}")
    else:
        account.not_needed("modules", ONE)
