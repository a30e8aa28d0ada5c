"""How parties behind an exchange are joined through it: their way to it, and its way to each of them."""

import pulumi

from components.other_stacks import StackOutput, exchange_from_stack, route_from_stack
from components.runtimes.names import Names
from components.services.context import Route
from components.services.relay import PORT
from components.services.star import kept_ports
from config import ExchangePeer, PartySettings, Peer, StackSettings
from config.exchange import HostExchange, HostMember, StackExchange, StackMember
from config.exposure import Address
from config.text import order_of

Addresses = dict[str, Address]


def way_through(
    settings: StackSettings, party: PartySettings, peer: Peer, names: Names, output_of: StackOutput
) -> Addresses:
    """Return what a party behind an exchange dials for a peer.

    Raises pulumi.RunError where another stack's exchange does not lead to both.
    """
    match party.exchange:
        case HostExchange() as exchange:
            ports = peer.ports if isinstance(peer, ExchangePeer) else {}
            return _at(exchange.gateway, ports)
        case StackExchange(stack=stack):
            told = exchange_from_stack(stack, output_of(stack, "exchange"), (party.id, peer.id))
            ports = {key.removesuffix("-at"): int(port) for key, port in told.ports[peer.id].items()}
            return _at(told.gateway, ports)
        case _:
            ports = {each.service: each.port for each in kept_ports(settings) if each.party == peer.id}
            return _at(_exchange_here(settings, party, names), ports)


def routes_of_exchange(settings: StackSettings, names: Names, output_of: StackOutput) -> list[Route]:
    """Return the way from the stack's exchange to each party behind it, in the order of their ids.

    Raises pulumi.RunError for a party whose stack does not say where it is.
    """
    routes = [_way_back(settings, party, names) for party in settings.behind_the_exchange]
    for member in settings.exchange.parties if settings.exchange else ():
        match member:
            case HostMember():
                routes.append(Route(member.id, member.addresses))
            case StackMember():
                routes.append(route_from_stack(member, output_of(member.stack, "parties")))
    kept = {(each.party, each.service) for each in kept_ports(settings)}
    return sorted((_narrowed(route, kept) for route in routes), key=lambda route: order_of(route.party))


def _at(gateway: Address, ports: dict[str, int]) -> Addresses:
    return {"gateway": gateway, **{service: Address(gateway.host, port) for service, port in ports.items()}}


def _exchange_here(settings: StackSettings, party: PartySettings, names: Names) -> Address:
    there = settings.exchange_runtime
    if settings.runtime_of(party).place == there.place:
        return Address(names.exchange(there, party.id), PORT)
    expose = settings.exchange.expose if settings.exchange else None
    if expose is None:
        raise pulumi.RunError(f"the exchange runs elsewhere than party {party.id} and exposes nothing")
    return Address(expose.host, expose.gateway_port)


def _way_back(settings: StackSettings, party: PartySettings, names: Names) -> Route:
    runtime = settings.runtime_of(party)
    if runtime.place == settings.exchange_runtime.place:
        return names.route(runtime, party.id)
    if party.expose is None:
        raise pulumi.RunError(f"party {party.id} runs elsewhere than the exchange and exposes nothing")
    return Route(party.id, party.expose.addresses)


def _narrowed(route: Route, kept: set[tuple[str, str]]) -> Route:
    """Return a route with what the exchange passes on: calls, and the data for which it keeps a port."""
    addresses = route.addresses.items()
    passed = {name: at for name, at in addresses if name == "gateway" or (route.party, name) in kept}
    return Route(route.party, passed)
