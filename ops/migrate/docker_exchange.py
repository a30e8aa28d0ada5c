"""The exchange of a `parties.conf`: RollSite in KubeFATE, an nginx on the same machine here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config import PartySettings, catalogue
from config.text import is_loopback
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.images_of_release import Origin
from ops.migrate.migrated_stack import Placeholder, Values
from ops.migrate.sites import Site, example, own_engine

KEYS = ("exchangeip", "exchange_ip")
FIRST_PORT = 5701
NOT_CARRIED = (
    "an exchange here passes on what RabbitMQ and Pulsar send, and the parties have another federation"
)


@dataclass(frozen=True)
class Middle:
    """The machine of the exchange, and the services of each party for which it keeps a port."""

    site: Site
    kept: tuple[str, ...]

    def is_with(self, site: Site) -> bool:
        """Say whether the exchange meets a party by name: both are on one engine."""
        return site.address == self.site.address or (site.is_here and self.site.is_here)

    def ports_of(self, place: int) -> Values:
        """Return what a party says of the exchange, by its place in the file."""
        return {f"{service}-at": FIRST_PORT + place for service in self.kept}


def middle_of(account: Account, party: PartySettings, origin: Origin) -> Middle | None:
    """Return the exchange; None where the file has none, or one that the parties cannot be behind here."""
    given = account.text(*KEYS)
    address = accepted.host(given) or (given if is_loopback(given) else "")
    kept = tuple(service for service in catalogue().forwarded() if service in party.service_names)
    why = f"FATE {origin.release} has no image of an exchange from {origin.source}" if kept else NOT_CARRIED
    if address and (not kept or not _has_images(origin)):
        account.without_counterpart(account.first(*KEYS), f"{why}: each has every other as its peer")
        return None
    return Middle(Site("exchange", address), kept) if address else None


def _has_images(origin: Origin) -> bool:
    return all(catalogue().image(origin.release, origin.source, name) for name in catalogue().of("exchange"))


def exchange_of(
    account: Account, middle: Middle, sites: Sequence[Site], runtime: Mapping[str, object]
) -> Values:
    """Return the exchange of a stack that runs on `runtime`, and account for the key that asks for it."""
    own = {"kind": "docker", **own_engine(account, middle.site, "fate:exchange.runtime.host")}
    far = not all(middle.is_with(site) for site in sites)
    places = ["fate:exchange.expose.host"] if far else ["fate:exchange"]
    account.kept(account.first(*KEYS), *places, note="an nginx, which keeps a port for each party's broker")
    return {
        "kind": "gateway",
        **({"runtime": own} if own != runtime else {}),
        **({"expose": {"host": _host(middle.site)}} if far else {}),
    }


def _host(site: Site) -> object:
    why = "the name or address of this machine, which parties dial"
    return Placeholder(example(site), why) if site.is_here else site.address
