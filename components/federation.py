"""How parties of one stack are joined with their peers, by ways of their own or through an exchange."""

import pulumi

from components.other_stacks import StackOutput, route_from_stack
from components.runtimes.names import Names
from components.services.context import Route
from components.star import way_through
from config import HostPeer, PartySettings, Peer, StackPeer, StackSettings


def routes_of(
    settings: StackSettings,
    party: PartySettings,
    names: Names,
    output_of: StackOutput,
) -> list[Route]:
    """Return the way from a party to each of its peers, in the order of their ids.

    Raises pulumi.RunError for a peer whose stack does not say where it is.
    """

    def route(peer: Peer) -> Route:
        match peer:
            case HostPeer():
                return Route(peer.id, peer.addresses)
            case StackPeer():
                return route_from_stack(peer, output_of(peer.stack, "parties"))
            case _ if party.exchange is not None:
                return Route(peer.id, way_through(settings, party, peer, names, output_of), by_exchange=True)
            case _:
                return _route_in_stack(settings, party, settings.party(peer.id), names)

    return [route(peer) for peer in settings.peers_of(party)]


def _route_in_stack(
    settings: StackSettings, party: PartySettings, peer: PartySettings, names: Names
) -> Route:
    """Return the way to a party of the same stack. A broker elsewhere meets, and is met, from elsewhere."""
    here, there = (settings.runtime_of(p) for p in (party, peer))
    exposed = peer.expose.addresses if peer.expose else {}
    if here.place == there.place:
        near = names.route(there, peer.id).addresses
        dialled = {name: at for name, at in exposed.items() if name in party.met_outside}
        return Route(peer.id, {**near, **dialled, **peer.met_outside})
    if not exposed:
        raise pulumi.RunError(f"party {peer.id} runs elsewhere and exposes nothing")
    return Route(peer.id, {**exposed, **peer.met_outside})
