"""From `parties.conf` and `.env` to one stack, each party of it on its own Docker engine."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from config import Computing, Engines, Federation, catalogue
from config.faults import shown
from config.text import is_loopback
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.docker_exchange import Middle, exchange_of, middle_of
from ops.migrate.eggroll_processes import processes_of
from ops.migrate.elsewhere import external_of
from ops.migrate.external_database import OF_PARTIES, database_of, schema_at
from ops.migrate.external_engines import hdfs_of
from ops.migrate.given_secrets import secrets_for
from ops.migrate.images_of_release import images_of, origin_for
from ops.migrate.key_rules import rules_for
from ops.migrate.kubefate_engines import OFFERED, engines_of, is_spark
from ops.migrate.migrated_stack import MigratedStack, Placeholder
from ops.migrate.mirror_of_source import mirror_for
from ops.migrate.pages import Shape, pages_at, shape_on_docker
from ops.migrate.party_of_engines import met_by_peers, party_with
from ops.migrate.sites import Site, example, own_engine
from ops.migrate.source import Key
from ops.migrate.variants import account_for_gpus_on_docker, party_of_source, variant_of

PARTIES = "fate:parties[]"
SERVICES = f"{PARTIES}.services.fateflow"
OWN_NAME_NODE = "hdfs://namenode:9000"
"""That of KubeFATE's own HDFS, in whose place the party has another one."""


def federation_of(keys: Sequence[Key], source: str, name: str | None, registry: str | None) -> MigratedStack:
    """Return the stack of a federation. `name` and `registry` are what the operator asks for, if anything."""
    account = Account(keys, rules_for("parties-conf"))
    sites = tuple(_sites(account))
    engines = engines_of(account, PARTIES)
    party = party_of_source(account, engines, PARTIES)
    origin = origin_for(account, party, "FATEFlow_IMAGE_TAG", "KubeFATE_Version", "TAG")
    shape = shape_on_docker(account, party, origin, PARTIES)
    together, middle = _together(sites), middle_of(account, party, shape.origin) if sites else None
    near = together and (middle is None or middle.is_with(sites[0]))
    mirror = mirror_for(account, "RegistryURI", registry, origin)
    if near and origin.source == "packages" and isinstance(mirror, Placeholder):
        mirror = {"kind": "distribution"}
    own = own_engine(account, sites[0], "fate:runtime.host") if together else {}
    runtime = {"kind": "docker", **own}
    parties = _parties(account, sites, shape, middle)
    stack = {
        "release": origin.release,
        "runtime": runtime,
        "images": images_of(middle.origin if middle else shape.origin, mirror),
        **({"mirror": mirror} if mirror else {}),
        **({"exchange": exchange_of(account, middle, sites, runtime)} if middle else {}),
        **secrets_for({"parties": parties}),
        "parties": parties or _no_parties(shape),
    }
    _account_for_name_node(account)
    account_for_gpus_on_docker(account, party)
    ids = " and ".join(site.id for site in sites)
    return MigratedStack(
        name or (f"fate-{sites[0].id}" if len(sites) == 1 else "parties"),
        source,
        stack,
        account.entries(),
        f"Party {ids}" if len(sites) == 1 else f"Parties {ids or '(none could be read)'}",
    )


def _together(sites: Sequence[Site]) -> bool:
    """Say whether all parties are on one machine."""
    return len({site.address or site.id for site in sites}) == 1


def _no_parties(shape: Shape) -> Placeholder:
    engines = shape.party.engines.model_dump(mode="json")
    party = {"id": "9999", "engines": engines, **variant_of(shape.party), **pages_at(shape, 0)}
    return Placeholder([party], "the parties")


def _sites(account: Account) -> Iterator[Site]:
    ids = account.first("party_list", "partylist")
    addresses = account.first("party_ip_list", "partyiplist")
    given = accepted.listed(account.value(ids)) if ids else ()
    found = accepted.listed(account.value(addresses)) if addresses else ()
    good = [accepted.party_id(id) for id in given]
    dials = [accepted.host(address) or (address if is_loopback(address) else "") for address in found]
    dials += [""] * (len(given) - len(dials))
    sites = {id: Site(id, address) for id, address in zip(good, dials, strict=False) if id}
    _account_for_ids(account, ids, given, good)
    _account_for_addresses(account, addresses, found, len(given), len(set(dials)) == 1)
    yield from sites.values()


def _account_for_ids(
    account: Account, key: str | None, given: Sequence[str], good: Sequence[str | None]
) -> None:
    refused = [shown(id) for id, party in zip(given, good, strict=True) if party is None]
    twice = [id for id, count in Counter(good).items() if id and count > 1]
    notes = [f"{', '.join(refused)} can be no party id"] if refused else []
    notes += [f"{', '.join(twice)} stands twice, and is one party"] if twice else []
    if any(good):
        account.kept(key, f"{PARTIES}.id", note="; ".join(notes))


def _account_for_addresses(
    account: Account, key: str | None, found: Sequence[str], parties: int, together: bool
) -> None:
    bad = [shown(address) for address in found if not (accepted.host(address) or is_loopback(address))]
    notes = [f"{', '.join(bad)} can be no address: fill in"] if bad else []
    if parties != len(found):
        notes.append(f"{len(found)} addresses for {parties} parties")
    if found and all(is_loopback(address) for address in found):
        account.not_needed(key, "every party runs on this machine's own Docker engine")
    elif parties:
        engine = "fate:runtime.host" if together else f"{PARTIES}.runtime.host"
        account.kept(key, engine, f"{PARTIES}.expose.host", note="; ".join(notes))


def _parties(
    account: Account, sites: Sequence[Site], shape: Shape, middle: Middle | None
) -> list[Mapping[str, object]]:
    engines, together = shape.party.engines, _together(sites)
    alone = engines.federation is Federation.STANDALONE
    services, sharing = _services(account, engines), len(sites)
    database = database_of(account, OF_PARTIES, PARTIES, sharing)
    hdfs = hdfs_of(account, shape.party, "name_node", PARTIES, sharing)
    parties: list[Mapping[str, object]] = []
    for place, (site, turn) in enumerate(_turns(sites)):
        party: dict[str, object] = {"id": site.id, "engines": engines.model_dump(mode="json")}
        party |= variant_of(shape.party)
        party |= {"peers": []} if alone and len(sites) > 1 else {}
        own = {} if together else own_engine(account, site, f"{PARTIES}.runtime.host")
        party |= {"runtime": {"kind": "docker", **own}} if own else {}
        party |= {"exchange": middle.ports_of(place)} if middle else {}
        met_here = middle.is_with(site) if middle else alone or (together and site.is_here)
        party |= {} if met_here else {"expose": _exposed(site, engines, turn)}
        external = {"database": schema_at(database, site.id, sharing), **hdfs}
        party |= {**pages_at(shape, turn), **external_of(external)}
        parties.append(party | ({"services": services} if services else {}))
    return parties


def _turns(sites: Sequence[Site]) -> Iterator[tuple[Site, int]]:
    """Yield each party with the number of those before it on the same machine."""
    before: Counter[str] = Counter()
    for site in sites:
        yield site, before[site.address] if site.address else 0
        before[site.address] += 1


def _exposed(site: Site, engines: Engines, turn: int) -> Mapping[str, object]:
    why = "the name or address of this party's machine, which peers dial"
    host = Placeholder(example(site), why) if site.is_here or not site.address else site.address
    met = met_by_peers(party_with(engines)) if turn else ()
    ports = {f"{service}-port": catalogue().met_by_peers()[service][1].number + turn for service in met}
    return {"host": host, **ports}


def _services(account: Account, engines: Engines) -> Mapping[str, object]:
    cores = accepted.number(account.text("compute_core"))
    if cores is None or engines.computing is Computing.EGGROLL:
        return processes_of(account, party_with(engines), PARTIES, "compute_core")
    if "sparkworker" in party_with(engines).service_names:
        account.not_needed("compute_core", OFFERED)
        return {}
    engine = str(engines.computing)
    account.kept("compute_core", f'{SERVICES}.configuration["service_conf.yaml"].computing.{engine}.cores')
    return {"fateflow": {"configuration": {"service_conf.yaml": {"computing": {engine: {"cores": cores}}}}}}


def _account_for_name_node(account: Account) -> None:
    if is_spark(account) and account.text("name_node") == OWN_NAME_NODE:
        account.not_needed("name_node", "the party's own HDFS is known by itself")
