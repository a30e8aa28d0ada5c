"""How parties of one stack are joined with their peers."""

from collections.abc import Callable, Mapping

import pulumi

from components.runtimes.names import Names
from components.services.context import Route
from config import HostPeer, PartyPeer, PartySettings, Peer, StackPeer, StackSettings, catalogue
from config.exposure import Address

StackOutput = Callable[[str, str], object]
"""The plain value of another stack's output, by the stack's and the output's name; None if it has none."""


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
                return _route_from_stack(peer, output_of(peer.stack, "parties"))
            case PartyPeer():
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
    addresses = {
        service: Address(str(exposed.get(f"{service}-host", host)), int(exposed[f"{service}-port"]))
        for service in catalogue().met_by_peers()
        if f"{service}-port" in exposed
    }
    return Route(peer.id, addresses)
