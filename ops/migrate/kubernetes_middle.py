"""From the chart fate-exchange to a stack of an exchange alone, in whose middle its parties meet.

The chart has three beside each other: RollSite, nginx and Apache Traffic Server. A stack has one, of the kind
that the chart's nginx or Traffic Server has ways for; else an OSX in RollSite's place.
"""

import re
from collections.abc import Mapping
from itertools import count

from config import Computing, Engines, Federation, PartySettings, Storage
from config.cluster_exposure import NODE_PORTS
from config.exchange import OsxExchange
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.images_of_release import images_of, origin_of
from ops.migrate.kubernetes_party import Wishes, name_of, namespace_of, pull_secrets_of
from ops.migrate.kubernetes_routes import EXPOSURE, WHO_REACHES_IT, Way, ways_of
from ops.migrate.migrated_stack import MigratedStack, Placeholder, Values
from ops.migrate.mirror_of_source import mirror_for
from ops.migrate.party_of_engines import party_with
from ops.migrate.star import KINDS, WHAT, Kind, kept_for, kind_for, with_exchange

MEMBERS, EXPOSE = "fate:exchange.parties", "fate:exchange.expose"
RELAY, NGINX, BY_NAME = "rollsite", "nginx", "trafficServer"
FIRST_PORT, FIRST_NODE_PORT = 5701, 30701
NODE_PORT_OF = {RELAY: f"{RELAY}.nodePort", NGINX: f"{NGINX}.httpNodePort"}
SERVER_NAME = re.compile(r"trafficServer\.route_table\.sni\[\d+\]\.fqdn", re.ASCII)
WAYS = re.compile(r"(nginx|trafficServer)\.route_table\..*|rollsite\.partyList\[\d+\]\.partyId", re.DOTALL)
IN_ANOTHER = "a stack has one exchange: parties with OSX meet in one of kind osx, in a stack of its own"


def has_ways(account: Account) -> bool:
    """Say whether an exchange leads to some party."""
    return any(WAYS.fullmatch(name) for name in account.names)


def middle_of(account: Account, source: str, wishes: Wishes) -> MigratedStack:
    """Return the stack of an exchange, and account for the keys of its chart."""
    party = _like_its_parties(account)
    kind, origin = kind_for(party), origin_of(party)
    images = with_exchange(origin, kind) if kind and origin else None
    if kind is None or images is None:
        raise ValueError(f"nothing has an exchange for {party.engines}")
    module = RELAY if kind is OsxExchange else NGINX
    mirror = mirror_for(account, "registry", wishes.registry, images)
    exposure, expose = _opened(account, wishes.host, kind, module)
    members = _members(account, party, module, exposure, expose)
    stack = {
        "release": images.release,
        "runtime": _runtime(account, wishes, exposure),
        "images": images_of(images, mirror),
        **({"mirror": mirror} if mirror else {}),
        "exchange": {"kind": KINDS[kind], "expose": expose, "parties": members or _no_member(party)},
    }
    name = name_of(account, wishes, None)
    _account_for_the_rest(account, kind)
    return MigratedStack(name, source, stack, account.entries(), "The exchange")


def _like_its_parties(account: Account) -> PartySettings:
    """Return a party as those behind the exchange are: Traffic Server is there for Pulsar alone."""
    ways = {found[1] or RELAY for name in account.names if (found := WAYS.fullmatch(name))}
    alone, federation = (Computing.STANDALONE, Storage.STANDALONE), Federation.RABBITMQ
    if BY_NAME in ways:
        federation = Federation.PULSAR
    elif NGINX not in ways:
        alone, federation = (Computing.EGGROLL, Storage.EGGROLL), Federation.OSX
    return party_with(Engines(computing=alone[0], storage=alone[1], federation=federation))


def _members(
    account: Account, party: PartySettings, module: str, exposure: Values, expose: Values
) -> list[Values]:
    """Return the parties that the exchange leads to, each with the port that it keeps for its data."""
    ways = ways_of(account, party, None, MEMBERS, (module,))
    found: dict[str, Values] = {id: way.peer for id, way in ways.items()}
    found |= _by_name(account, ways) if module == NGINX else {}
    first = FIRST_NODE_PORT if exposure["kind"] == "node-port" else FIRST_PORT
    ports = (port for port in count(first) if port != expose.get("gateway-port"))
    return [
        {**member, **{f"{service}-at": next(ports) for service in kept_for(party)}}
        for member in found.values()
    ]


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


def _no_member(party: PartySettings) -> Placeholder:
    kept = {f"{service}-at": FIRST_NODE_PORT for service in kept_for(party)}
    example = {"id": "9999", "host": "fate.bank.example", **kept}
    return Placeholder([example], "the parties behind the exchange")


def _opened(account: Account, host: str | None, kind: Kind, module: str) -> tuple[Values, Values]:
    """Return how ports leave the cluster, and what the exchange exposes."""
    modules = (module,) if kind is OsxExchange else (module, BY_NAME)
    types = {f"{each}.type": account.text(f"{each}.type").lower() for each in modules}
    exposed_by = "load-balancer" if "loadbalancer" in types.values() else "node-port"
    for key, type in types.items():
        if type == exposed_by.replace("-", ""):
            account.kept(key, EXPOSURE)
    at = {"host": _host(account, host, modules)}
    if exposed_by == "load-balancer":
        return {"kind": exposed_by, "reach": Placeholder("internal", WHO_REACHES_IT)}, at
    return {"kind": exposed_by}, {**at, f"{kind.meets}-port": _port(account, kind, NODE_PORT_OF[module])}


def _port(account: Account, kind: Kind, key: str) -> object:
    port = accepted.port(account.value(key))
    if port is None or port not in NODE_PORTS:
        return Placeholder(30003, "a free port of the nodes, 30000 to 32767, which parties dial")
    account.kept(key, f"{EXPOSE}.{kind.meets}-port")
    return port


def _host(account: Account, given: str | None, modules: tuple[str, ...]) -> object:
    key = account.first(*(f"{module}.loadBalancerIP" for module in modules))
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


def _account_for_the_rest(account: Account, kind: Kind) -> None:
    one = f"an exchange is {WHAT[kind]}"
    listed = accepted.listed(account.value("modules"))
    if kind is not OsxExchange:
        for name in account.below(RELAY):
            account.without_counterpart(name, IN_ANOTHER)
        account.without_counterpart("modules" if RELAY in listed else None, IN_ANOTHER)
    for name in account.names:
        if name.startswith(f"{BY_NAME}.") or name in ("modules", "nginx.replicas"):
            account.not_needed(name, one)
    account.not_needed("partyId", "an exchange has no id: it keeps no party's jobs")
    account.not_needed("chartVersion", "an exchange keeps no job and no model of a release")
