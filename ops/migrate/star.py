"""Which exchange stands in the middle of a star here, by what its parties send, and from which images."""

from collections.abc import Mapping
from dataclasses import replace

from config import Federation, PartySettings, catalogue
from config.exchange import GatewayExchange, OsxExchange
from ops.migrate.images_of_release import Origin

Kind = type[GatewayExchange] | type[OsxExchange]
KINDS: Mapping[Kind, str] = {GatewayExchange: "gateway", OsxExchange: "osx"}
WHAT: Mapping[Kind, str] = {
    GatewayExchange: "an nginx, which keeps a port for the data of each party",
    OsxExchange: "an OSX, in RollSite's place",
}


def kind_for(party: PartySettings) -> Kind | None:
    """Return the kind of exchange that a party can be behind, None for one without peers."""
    met = () if party.engines.federation is Federation.STANDALONE else party.met_by_peers()
    return next((kind for kind in (OsxExchange, GatewayExchange) if kind.meets in met), None)


def kept_for(party: PartySettings) -> tuple[str, ...]:
    """Return the services of a party for which an exchange keeps a port."""
    return tuple(service for service in catalogue().forwarded() if service in party.service_names)


def with_exchange(origin: Origin, kind: Kind) -> Origin | None:
    """Return where images come from, the exchange's too; None where it has none that goes with them."""
    if catalogue().image(origin.release, origin.source, kind.service):
        return origin
    if origin.source == "packages" and catalogue().image(origin.release, "hub", kind.service):
        return replace(origin, others=(*origin.others, kind.service))
    return None
