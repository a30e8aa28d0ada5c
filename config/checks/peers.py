"""The ways between a party and its peers, there and back."""

from collections.abc import Iterable, Iterator

from config.engines import Federation
from config.exposure import Address
from config.faults import Fault, path, shown
from config.party import PartySettings
from config.peers import HostPeer, PartyPeer, Peer, StackPeer
from config.plan import Plan


def no_party_is_its_own_peer(plan: Plan) -> Iterator[Fault]:
    """Refuse a party that names itself."""
    for at, party, peer in named_peers(plan):
        if peer.id == party.id:
            yield Fault(f"{at}.id", f"party {shown(party.id)} is itself, not its peer", "leave the entry out")


def a_peer_once(plan: Plan) -> Iterator[Fault]:
    """Refuse two ways to one peer: a route table holds one."""
    for place, party in plan.parties.items():
        seen: set[str] = set()
        for number, peer in enumerate(party.peers):
            if peer.id in seen:
                at = path("parties", place, "peers", number, "id")
                yield Fault(at, f"peer {shown(peer.id)} is listed twice", "keep one of the two entries")
            seen.add(peer.id)


def peers_need_a_broker(plan: Plan) -> Iterator[Fault]:
    """Refuse peers of a party whose federation engine knows no other machine."""
    for place, party in plan.parties.items():
        peers = plan.peers[place]
        if peers and party.engines.federation is Federation.STANDALONE:
            yield Fault(
                path("parties", place, "engines", "federation"),
                f"party {shown(party.id)} has peers ({_listed(peers)}), and federation standalone stays"
                " within one FATE-Flow server",
                "write federation: rabbitmq or pulsar, or peers: [] for a party that works alone",
            )


def a_way_to_every_peer(plan: Plan) -> Iterator[Fault]:
    """Refuse a peer that nothing leads to: neither of this stack, nor with a stack or a host."""
    for at, party, peer in named_peers(plan):
        if isinstance(peer, PartyPeer) and party.exchange is None and peer.id not in plan.ids.values():
            yield Fault(
                at,
                f"nothing leads to peer {shown(peer.id)}: it is no party of this stack, and has neither host"
                " nor stack",
                f'write {{id: "{peer.id}", host: fate.partner.example}} or {{id: "{peer.id}", stack:'
                " organization/<project>/<stack>}; or exchange: {...} for a party behind one",
            )
    for place, other in pairs(plan):
        yield from _hidden_elsewhere(plan, plan.parties[place], other)


def a_way_back_from_every_peer(plan: Plan) -> Iterator[Fault]:
    """Refuse a party whose peers could not answer: each of two peers calls the other."""
    for place, party in plan.parties.items():
        outside = [peer for peer in plan.peers[place] if isinstance(peer, StackPeer | HostPeer)]
        if outside and party.expose is None:
            yield Fault(
                path("parties", place, "expose"),
                f"is missing: peers outside this stack ({_listed(outside)}) have no way back to party"
                f" {shown(party.id)}",
                "write expose: {host: the name or address that they dial}",
            )
    named = {place: {peer.id for peer in peers} for place, peers in plan.peers.items()}
    for place, other in pairs(plan):
        if plan.parties[place].id not in named[other]:
            yield _unnamed_in_return(other, plan.parties[place].id, plan.parties[other].id)


def a_port_for_each_of_a_peers_services(plan: Plan) -> Iterator[Fault]:
    """Refuse a peer of whom two services would answer on one port."""
    for at, party, peer in named_peers(plan):
        firsts: dict[Address, str] = {}
        for service, address in _dialled(party, peer):
            if (first := firsts.setdefault(address, service)) != service:
                yield Fault(
                    f"{at}.{service}-port",
                    f"{address.port} is the port of the peer's {first} too, and one port cannot serve both",
                    "write the ports that the peer exposes",
                )


def peers_exchange_alike(plan: Plan) -> Iterator[Fault]:
    """Refuse two peers of whom one has no service that the other's could meet."""
    for place, other in pairs(plan):
        party, peer = plan.parties[place], plan.parties[other]
        here, there = party.engines.federation, peer.engines.federation
        alike = here is there or Federation.STANDALONE in (here, there)
        if place < other and not alike:
            yield Fault(
                path("parties", place, "engines", "federation"),
                f"party {shown(party.id)} exchanges by {here}, and its peer {shown(peer.id)} by {there}: no"
                " message would arrive",
                "write one federation for both",
            )


def _dialled(party: PartySettings, peer: Peer) -> Iterator[tuple[str, Address]]:
    """Yield what a party dials of a peer: of the services that it meets its peers by."""
    if isinstance(peer, HostPeer):
        for service, address in peer.addresses.items():
            if service in party.meets:
                yield service, address


def named_peers(plan: Plan) -> Iterator[tuple[str, PartySettings, Peer]]:
    """Yield each peer that a party names, with its place in the stack's file and that party."""
    for place, party in plan.parties.items():
        for number, peer in enumerate(party.peers):
            yield path("parties", place, "peers", number), party, peer


def pairs(plan: Plan) -> Iterator[tuple[int, int]]:
    """Yield the places of a party and of a peer of it in the same stack, both readable."""
    for place, peers in plan.peers.items():
        for peer in peers:
            other = plan.places.get(peer.id, place)
            if isinstance(peer, PartyPeer) and other != place:
                yield place, other


def _hidden_elsewhere(plan: Plan, party: PartySettings, other: int) -> Iterator[Fault]:
    peer = plan.parties[other]
    if party.exchange is not None:
        return
    here, there = plan.runtime_of(party), plan.runtime_of(peer)
    if peer.expose is None and here is not None and there is not None and here.place != there.place:
        yield Fault(
            path("parties", other, "expose"),
            f"is missing: party {shown(party.id)} dials party {shown(peer.id)} from elsewhere ({here.place})",
            "write expose: {host: the name or address of this party's machine or cluster}",
        )


def _unnamed_in_return(other: int, id: str, peer: str) -> Fault:
    return Fault(
        path("parties", other, "peers"),
        f"lack a route back: party {shown(id)} has party {shown(peer)} as its peer, and both call each other",
        f'write - id: "{id}" here, or peers without "{peer}" at party {shown(id)}',
    )


def _listed(peers: Iterable[Peer]) -> str:
    return ", ".join(peer.id for peer in peers)
