"""How parties of one stack are joined with their peers."""

from collections.abc import Callable, Mapping

import pulumi

from components.runtimes.names import route as route_nearby
from components.services.routes import Route, by_id
from config import HostPeer, PartyPeer, PartySettings, Peer, StackPeer, StackSettings

StackOutput = Callable[[str, str], object]
"""The plain value of another stack's output, by the stack's and the output's name; None if it has none."""


def routes_of(
    settings: StackSettings,
    party: PartySettings,
    stack: str,
    output_of: StackOutput,
) -> list[Route]:
    """Return the way from a party to each of its peers, by their ids: a file's order changes nothing.

    Raises pulumi.RunError for a peer whose stack does not say where it is.
    """

    def route(peer: Peer) -> Route:
        match peer:
            case HostPeer():
                return Route(peer.id, peer.host, peer.gateway_port, peer.host_of_broker, peer.broker_port)
            case StackPeer():
                return _route_from_stack(peer, output_of(peer.stack, "parties"))
            case PartyPeer():
                return _route_in_stack(settings, party, settings.party(peer.id), stack)

    return [route(peer) for peer in sorted(settings.peers_of(party), key=lambda peer: by_id(peer.id))]


def _route_in_stack(settings: StackSettings, party: PartySettings, peer: PartySettings, stack: str) -> Route:
    here, there = (settings.runtime_of(p) for p in (party, peer))
    if here.place == there.place:
        return route_nearby(stack, there, peer.id)
    expose = peer.expose
    if expose is None:
        raise pulumi.RunError(f"party {peer.id} runs elsewhere and exposes nothing")
    return Route(peer.id, expose.host, expose.gateway_port, expose.host_of_broker, expose.broker_port)


def _route_from_stack(peer: StackPeer, parties: object) -> Route:
    party = parties.get(peer.id) if isinstance(parties, Mapping) else None
    exposed = party.get("expose") if isinstance(party, Mapping) else None
    if not isinstance(exposed, Mapping):
        reason = (
            "is not up"
            if parties is None
            else f"has no party {peer.id}"
            if party is None
            else "exposes nothing"
        )
        raise pulumi.RunError(
            f"party {peer.id} cannot be reached through stack {peer.stack}: that stack {reason}. Write"
            " expose: {host: ...} for the party there and run pulumi up on it, or write host: instead of"
            " stack: here."
        )
    host = str(exposed["host"])
    broker = str(exposed.get("broker-host", host))
    return Route(peer.id, host, int(exposed["gateway-port"]), broker, int(exposed["broker-port"]))
