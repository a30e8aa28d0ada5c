"""The exchange of a `parties.conf`: RollSite in KubeFATE, another on the same machine here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config import PartySettings
from config.text import is_loopback
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.images_of_release import Origin
from ops.migrate.migrated_stack import Placeholder, Values
from ops.migrate.sites import Site, example, own_engine
from ops.migrate.star import KINDS, WHAT, Kind, kept_for, kind_for, with_exchange

KEYS = ("exchangeip", "exchange_ip")
FIRST_PORT = 5701


@dataclass(frozen=True)
class Middle:
    """The exchange: its machine, the services of each party for which it keeps a port, all images."""

    site: Site
    kind: Kind
    kept: tuple[str, ...]
    origin: Origin

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
    kind = kind_for(party)
    images = with_exchange(origin, kind) if kind else None
    if address and kind and images:
        return Middle(Site("exchange", address), kind, kept_for(party), images)
    if address:
        why = (
            f"FATE {origin.release} has no image of it from {origin.source}" if kind else "no party has peers"
        )
        account.without_counterpart(account.first(*KEYS), f"no exchange is written: {why}")
    return None


def exchange_of(
    account: Account, middle: Middle, sites: Sequence[Site], runtime: Mapping[str, object]
) -> Values:
    """Return the exchange of a stack that runs on `runtime`, and account for the key that asks for it."""
    own = {"kind": "docker", **own_engine(account, middle.site, "fate:exchange.runtime.host")}
    far = not all(middle.is_with(site) for site in sites)
    places = ["fate:exchange.expose.host"] if far else ["fate:exchange"]
    account.kept(account.first(*KEYS), *places, note=WHAT[middle.kind])
    return {
        "kind": KINDS[middle.kind],
        **({"runtime": own} if own != runtime else {}),
        **({"expose": {"host": _host(middle.site)}} if far else {}),
    }


def _host(site: Site) -> object:
    why = "the name or address of this machine, which parties dial"
    return Placeholder(example(site), why) if site.is_here else site.address
