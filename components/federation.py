"""How parties, mirror and peers of one stack are joined."""

from collections.abc import Callable, Mapping

import pulumi
from pulumi import Input, Output

from components.runtimes.docker import DockerHost
from components.services.routes import Route
from config import HostPeer, PartyPeer, PartySettings, Peer, StackPeer, StackSettings

Referenced = Callable[[str], pulumi.StackReference]


def routes_of(
    settings: StackSettings, party: PartySettings, hosts: Mapping[str, DockerHost], referenced: Referenced
) -> list[Input[Route]]:
    """Return the way from a party to each of its peers, in the order of its settings."""
    return [_route(settings, party, peer, hosts, referenced) for peer in settings.peers_of(party)]


def _route(
    settings: StackSettings,
    party: PartySettings,
    peer: Peer,
    hosts: Mapping[str, DockerHost],
    referenced: Referenced,
) -> Input[Route]:
    match peer:
        case HostPeer():
            return Route(peer.id, peer.host, peer.gateway_port, peer.host, peer.broker_port)
        case StackPeer():
            return _route_from_stack(peer.id, referenced(peer.stack))
        case PartyPeer() if hosts[peer.id] is hosts[party.id]:
            return DockerHost.route(peer.id, gateway_port=9300, broker_port=5672)
        case PartyPeer():
            return _exposed(settings.party(peer.id))


def _exposed(peer: PartySettings) -> Route:
    expose = peer.expose
    if expose is None:
        raise pulumi.RunError(f"party {peer.id} runs on another engine and exposes nothing")
    return Route(peer.id, expose.host, expose.gateway_port, expose.host, expose.broker_port)


def _route_from_stack(party: str, stack: pulumi.StackReference) -> Output[Route]:
    def read(parties: Mapping[str, Mapping[str, object]] | None) -> Route:
        exposed = (parties or {}).get(party, {}).get("expose")
        if not isinstance(exposed, Mapping):
            raise pulumi.RunError(
                f"party {party} cannot be reached through the stack that peers name for it: that stack is not"
                f" up, has no party {party}, or exposes nothing. Write expose: {{host: ...}} there and run"
                " pulumi up on it, or write host: instead of stack: here."
            )
        host = str(exposed["host"])
        return Route(party, host, int(exposed["gateway-port"]), host, int(exposed["broker-port"]))

    return stack.get_output("parties").apply(read)
