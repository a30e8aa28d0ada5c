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
    here, there = (settings.runtime_of(p) for p in (party, peer))
    if here.place == there.place:
        return names.route(there, peer.id)
    expose = peer.expose
    if expose is None:
        raise pulumi.RunError(f"party {peer.id} runs elsewhere and exposes nothing")
    return Route(peer.id, expose.addresses)
