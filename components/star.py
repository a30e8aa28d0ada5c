"""How parties behind an exchange are joined through it: their way to it, and its way to each of them."""

from collections.abc import Mapping

import pulumi

from components.other_stacks import StackOutput, exchange_from_stack, route_from_stack
from components.runtimes.names import Names
from components.services.context import Route
from components.services.star import kept_ports
from config import ExchangePeer, PartySettings, Peer, StackSettings, catalogue
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
            return {**exchange.addresses, **_kept_at(exchange.host, ports)}
        case StackExchange(stack=stack):
            told = exchange_from_stack(stack, output_of(stack, "exchange"), (party.id, peer.id))
            if told.meets not in party.service_names:
                raise pulumi.RunError(_met_elsewhere(stack, told.meets, party))
            ports = {key.removesuffix("-at"): int(port) for key, port in told.ports[peer.id].items()}
            return {told.meets: told.address, **_kept_at(told.address.host, ports)}
        case _:
            ports = {each.service: each.port for each in kept_ports(settings) if each.party == peer.id}
            meets, address = _exchange_here(settings, party, names)
            return {meets: address, **_kept_at(address.host, ports)}


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
    kept |= {(route.party, settings.exchange.meets) for route in routes if settings.exchange}
    return sorted((_narrowed(route, kept) for route in routes), key=lambda route: order_of(route.party))


def _met_elsewhere(stack: str, meets: str, party: PartySettings) -> str:
    met = " and ".join(party.met_by_peers()) or "nothing"
    return (
        f"the exchange of stack {stack} passes on what comes from the {meets} of a party, and party"
        f" {party.id} meets its peers at its {met}. Write the engines that its parties have, or another"
        " exchange."
    )


def _kept_at(host: str, ports: Mapping[str, int]) -> Addresses:
    return {service: Address(host, port) for service, port in ports.items()}


def _exchange_here(settings: StackSettings, party: PartySettings, names: Names) -> tuple[str, Address]:
    """Return which service of a party meets the stack's exchange, and where."""
    exchange, there = settings.exchange, settings.exchange_runtime
    if exchange is None:
        raise pulumi.RunError(f"party {party.id} is behind the exchange of this stack, which has none")
    if settings.runtime_of(party).place == there.place:
        host = names.exchange(there, exchange.service, party.id)
        return exchange.meets, Address(host, catalogue().first_port(exchange.service))
    if exchange.expose is None:
        raise pulumi.RunError(f"the exchange runs elsewhere than party {party.id} and exposes nothing")
    return exchange.meets, Address(exchange.expose.host, exchange.expose.port)


def _way_back(settings: StackSettings, party: PartySettings, names: Names) -> Route:
    runtime = settings.runtime_of(party)
    if runtime.place == settings.exchange_runtime.place:
        return names.route(runtime, party.id)
    if party.expose is None:
        raise pulumi.RunError(f"party {party.id} runs elsewhere than the exchange and exposes nothing")
    return Route(party.id, party.expose.addresses)


def _narrowed(route: Route, kept: set[tuple[str, str]]) -> Route:
    """Return a route with what the exchange passes on: calls, and the data for which it keeps a port."""
    passed = {name: at for name, at in route.addresses.items() if (route.party, name) in kept}
    return Route(route.party, passed)
