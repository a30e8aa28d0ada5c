"""What a stack says of its exchange: the ports that it keeps, which it opens, and the service itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.services.context import Route
from components.services.osxrelay import osx_relay
from components.services.relay import Forward, relay
from components.services.service import Publication, Service
from config import StackSettings, catalogue
from config.exchange import HereExchange
from config.text import order_of


@dataclass(frozen=True)
class KeptPort:
    """A port that the exchange keeps for a service of a party, and where the stack says so."""

    key: str
    party: str
    service: str
    port: int


def kept_ports(settings: StackSettings) -> list[KeptPort]:
    """Return every port that the exchange keeps, in the order of the parties' ids."""
    return sorted(_kept(settings), key=lambda each: (order_of(each.party), each.service))


def exchange_service(settings: StackSettings, routes: Sequence[Route] = ()) -> Service:
    """Return the service of the stack's exchange. Its names and ports do not depend on `routes`."""
    ways = {route.party: route.addresses for route in routes}
    forwards = [
        Forward(each.port, each.party, each.service, ways[each.party][each.service])
        for each in kept_ports(settings)
        if each.service in ways.get(each.party, {})
    ]
    name = settings.exchange.service if settings.exchange else "relay"
    layout = catalogue().layout(name, settings.images.source_of(name), settings.release)
    return osx_relay(layout, routes) if name == "osxrelay" else relay(layout, routes, forwards)


def exchange_publications(settings: StackSettings) -> tuple[Publication, ...]:
    """Return the ports that the exchange opens for parties elsewhere; none unless the stack says so."""
    exchange = settings.exchange
    if exchange is None or exchange.expose is None:
        return ()
    expose = exchange.expose
    sources = tuple(sorted(expose.sources))
    opened = [(f"exchange.expose.{expose.key}", catalogue().first_port(exchange.service), expose.port)]
    opened += [(each.key, each.port, each.port) for each in kept_ports(settings)]
    return tuple(
        Publication(exchange.service, number, external, expose.bind, key, expose.host, sources)
        for key, number, external in opened
    )


def _kept(settings: StackSettings) -> Iterator[KeptPort]:
    for index, party in enumerate(settings.parties):
        if isinstance(party.exchange, HereExchange):
            for service, port in party.exchange.ports.items():
                yield KeptPort(f"parties[{index}].exchange.{service}-at", party.id, service, port)
    for index, member in enumerate(settings.exchange.parties if settings.exchange else ()):
        for service, port in member.ports.items():
            yield KeptPort(f"exchange.parties[{index}].{service}-at", member.id, service, port)
