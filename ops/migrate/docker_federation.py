"""From `parties.conf` and `.env` to one stack, each party of it on its own Docker engine."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from config import Computing, Engines, Federation, catalogue
from config.faults import shown
from config.text import is_loopback
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.eggroll_processes import processes_of
from ops.migrate.images_of_release import account_for_algorithm, images_of, origin_for
from ops.migrate.key_rules import rules_for
from ops.migrate.kubefate_engines import OFFERED, engines_of, is_spark
from ops.migrate.migrated_stack import MigratedStack, Placeholder
from ops.migrate.mirror_of_source import mirror_for
from ops.migrate.pages import Shape, pages_at, shape_on_docker
from ops.migrate.party_of_engines import met_by_peers, party_with
from ops.migrate.source import Key

PARTIES = "fate:parties[]"
SERVICES = f"{PARTIES}.services.fateflow"
SSH = 22
OWN_NAME_NODE = "hdfs://namenode:9000"
"""That of KubeFATE's own HDFS, in whose place the party has another one."""


@dataclass(frozen=True)
class Site:
    """A party of the file and the address of its machine, empty where the file has none."""

    id: str
    address: str

    @property
    def is_here(self) -> bool:
        """Say whether the party's machine is the one that deploys."""
        return bool(self.address) and is_loopback(self.address)


def federation_of(keys: Sequence[Key], source: str, name: str | None, registry: str | None) -> MigratedStack:
    """Return the stack of a federation. `name` and `registry` are what the operator asks for, if anything."""
    account = Account(keys, rules_for("parties-conf"))
    sites = tuple(_sites(account))
    engines = engines_of(account, PARTIES)
    origin = origin_for(account, party_with(engines), "FATEFlow_IMAGE_TAG", "KubeFATE_Version", "TAG")
    account_for_algorithm(account, origin, "algorithm", "enabled_nn")
    shape = shape_on_docker(account, engines, origin, PARTIES)
    together = len({site.address or site.id for site in sites}) == 1
    mirror = mirror_for(account, "RegistryURI", registry, origin)
    if together and origin.source == "packages" and isinstance(mirror, Placeholder):
        mirror = {"kind": "distribution"}
    stack = {
        "release": origin.release,
        "runtime": {"kind": "docker"}
        | (_own_engine(account, sites[0], "fate:runtime.host") if together else {}),
        "images": images_of(shape.origin, mirror),
        **({"mirror": mirror} if mirror else {}),
        "parties": _parties(account, sites, shape, together) or _no_parties(shape),
    }
    _account_for_the_rest(account)
    ids = " and ".join(site.id for site in sites)
    return MigratedStack(
        name or (f"fate-{sites[0].id}" if len(sites) == 1 else "parties"),
        source,
        stack,
        account.entries(),
        f"Party {ids}" if len(sites) == 1 else f"Parties {ids or '(none could be read)'}",
    )


def _no_parties(shape: Shape) -> Placeholder:
    engines = shape.party.engines.model_dump(mode="json")
    return Placeholder([{"id": "9999", "engines": engines, **pages_at(shape, 0)}], "the parties")


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
    account: Account, sites: Sequence[Site], shape: Shape, together: bool
) -> list[Mapping[str, object]]:
    engines = shape.party.engines
    alone = engines.federation is Federation.STANDALONE
    services = _services(account, engines)
    parties: list[Mapping[str, object]] = []
    for site, turn in _turns(sites):
        party: dict[str, object] = {"id": site.id, "engines": engines.model_dump(mode="json")}
        party |= {"peers": []} if alone and len(sites) > 1 else {}
        own = {} if together else _own_engine(account, site, f"{PARTIES}.runtime.host")
        party |= {"runtime": {"kind": "docker", **own}} if own else {}
        party |= {} if alone or site.is_here else {"expose": _exposed(site, engines, turn)}
        party |= pages_at(shape, turn)
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
    host = site.address or Placeholder(_example(site), why)
    met = met_by_peers(party_with(engines)) if turn else ()
    ports = {f"{service}-port": catalogue().met_by_peers()[service][1].number + turn for service in met}
    return {"host": host, **ports}


def _own_engine(account: Account, site: Site, place: str) -> dict[str, object]:
    """Return where a party's engine is; nothing for this machine's own."""
    if site.is_here:
        return {}
    user, port = account.text("user"), accepted.port(account.text("SSH_PORT"))
    engine = f"ssh://{user}{'@' if user else ''}{site.address}{f':{port}' if port not in (None, SSH) else ''}"
    if not site.address or accepted.value_of(accepted.ENGINE, engine) is None:
        return {
            "host": Placeholder(f"ssh://fate@{_example(site)}", "the Docker engine of this party's machine")
        }
    account.kept("user", place)
    if port:
        account.kept("SSH_PORT", place, note="22 is ssh's own" if port == SSH else "")
    return {"host": engine}


def _example(site: Site) -> str:
    return f"fate-{site.id}.bank.example"


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


def _account_for_the_rest(account: Account) -> None:
    if is_spark(account) and account.text("name_node") == OWN_NAME_NODE:
        account.not_needed("name_node", "the party's own HDFS is known by itself")
    elif is_spark(account) and account.text("name_node"):
        account.without_counterpart("name_node", "there is no HDFS elsewhere: the party has its own")
    if account.text("gpu_count") and account.text("device").upper() != "GPU":
        account.not_needed("gpu_count", "device is not GPU, so KubeFATE took no notice of it")
