"""The star: whether the exchange knows who is behind it, and whether each of them reaches it."""

from collections.abc import Iterator, Mapping

from config.catalogue import catalogue
from config.checks.peers import named_peers, pairs
from config.exchange import GatewayExchange, HereExchange, HostExchange, Member, OsxExchange
from config.exposure import Forwarded
from config.faults import Fault, path, shown
from config.party import PartySettings
from config.peers import ExchangePeer, PartyPeer, Peer
from config.plan import Plan

FIRST_PORT = 1024
"""The first port that opens without root, as which no exchange runs."""
GOES_WITH = {
    "gateway": "engines.federation: rabbitmq, or fate:exchange: {kind: osx}",
    "osx": "engines.federation: osx, or fate:exchange: {kind: gateway}",
}
"""What a party behind an exchange of a kind needs, or what it needs in its place."""


def an_exchange_to_be_behind(plan: Plan) -> Iterator[Fault]:
    """Refuse a party behind an exchange of its stack where the stack has none."""
    for place, party, _ in plan.behind_the_exchange():
        if plan.exchange_is_absent:
            yield Fault(
                path("parties", place, "exchange"),
                f"party {shown(party.id)} is behind the exchange of this stack, which has none",
                f"write fate:exchange: {{kind: {party.calls_by}}};"
                " or host or stack here, for an exchange elsewhere",
            )


def an_exchange_that_leads_somewhere(plan: Plan) -> Iterator[Fault]:
    """Refuse an exchange with nobody behind it."""
    if plan.exchange and plan.is_all_read and not (plan.exchange.parties or any(plan.behind_the_exchange())):
        kept = "broker-at: 5701" if isinstance(plan.exchange, GatewayExchange) else ""
        yield Fault(
            path("exchange", "parties"),
            "is missing, and no party of this stack says exchange: it would lead to nobody",
            f'write - {{id: "9999", host: fate.bank.example{kept and ", "}{kept}}} below it, or exchange:'
            f" {{{kept}}} at a party of this stack",
        )


def a_member_once(plan: Plan) -> Iterator[Fault]:
    """Refuse two ways from an exchange to one party."""
    seen: set[str] = set()
    for at, member in _members(plan):
        if member.id in plan.ids.values():
            yield Fault(
                f"{at}.id",
                f"party {shown(member.id)} is of this stack, and says itself that it is behind the exchange",
                "leave the entry out, and write exchange: {...} at the party",
            )
        elif member.id in seen:
            yield Fault(
                f"{at}.id", f"party {shown(member.id)} is listed twice", "keep one of the two entries"
            )
        seen.add(member.id)


def a_port_for_what_names_no_party(plan: Plan) -> Iterator[Fault]:
    """Refuse a party of which no port of the exchange leads to its data, and a port that leads nowhere."""
    for place, party, kept in plan.behind_the_exchange():
        at, has = path("parties", place, "exchange"), _forwarded(party)
        for service in has:
            if service not in kept.ports:
                yield _no_port(at, service, party.id)
        for service in kept.ports:
            if service not in has:
                problem = f"party {shown(party.id)} has no {service}: {party.absence_of(service)}"
                yield Fault(f"{at}.{service}-at", problem, f"leave {service}-at out")
    for at, member in _members(plan):
        if isinstance(plan.exchange, GatewayExchange) and not member.ports:
            yield _no_port(at, catalogue().forwarded()[0], member.id)
        for service in member.ports if isinstance(plan.exchange, OsxExchange) else ():
            problem = "what an OSX passes on names its party, so it keeps no port for one"
            yield Fault(f"{at}.{service}-at", problem, f"leave {service}-at out")


def what_an_exchange_carries(plan: Plan) -> Iterator[Fault]:
    """Refuse a party whose peers are met at what the stack's exchange does not pass on."""
    exchange = plan.exchange
    for place, party, _ in plan.behind_the_exchange() if exchange else ():
        for service in party.met_by_peers():
            if exchange and catalogue().services[service].routes and service != exchange.meets:
                yield Fault(
                    path("parties", place, "exchange"),
                    f"party {shown(party.id)} meets its peers at its {service}, which an exchange of kind"
                    f" {exchange.kind} does not pass on",
                    f"write {GOES_WITH[exchange.kind]}, or leave exchange out and give each peer a host or a"
                    " stack",
                )


def ports_of_its_own(plan: Plan) -> Iterator[Fault]:
    """Refuse a port of an exchange that leads to two parties, or that it cannot open."""
    firsts = {catalogue().first_port("relay"): "the calls to all parties"}
    for at, id, kept in _kept(plan):
        for service, port in kept.ports.items():
            first = firsts.setdefault(port, f"the {service} of party {id}")
            if first != f"the {service} of party {id}":
                problem = f"{port} is the exchange's port for {first} already"
                yield Fault(f"{at}.{service}-at", problem, "write a port of its own, such as 5701")
            elif port < FIRST_PORT:
                problem = f"{port} cannot be opened: the exchange runs without root"
                yield Fault(f"{at}.{service}-at", problem, f"write {FIRST_PORT} or more, such as 5701")


def peers_that_the_exchange_knows(plan: Plan) -> Iterator[Fault]:
    """Refuse a peer behind an exchange that does not lead to it."""
    known = {id for _, id, _ in _kept(plan)}
    for place, _, _ in plan.behind_the_exchange() if plan.exchange else ():
        for at, peer in _ways(plan, place):
            if peer.id in known or _is_behind_none(plan, peer.id) or not isinstance(peer, PartyPeer):
                continue
            yield Fault(
                path(*at),
                f"the exchange of this stack does not know party {shown(peer.id)}",
                f'write - {{id: "{peer.id}", host: fate.partner.example, ...}} below'
                " fate:exchange.parties, or host or stack here for a way of its own",
            )


def both_behind_an_exchange(plan: Plan) -> Iterator[Fault]:
    """Refuse a party that would look for a peer where it is not: behind an exchange it meets nobody else."""
    for place, other in pairs(plan):
        party, peer = plan.parties[place], plan.parties[other]
        back = any(isinstance(each, PartyPeer) and each.id == party.id for each in plan.peers[other])
        if party.exchange is not None and peer.exchange is None and back:
            yield Fault(
                path("parties", other, "exchange"),
                f"is missing: party {shown(peer.id)} has party {shown(party.id)} as its peer, which is met"
                " through an exchange only",
                f"write exchange: {{...}} here too, or peers without {shown(party.id)}",
            )


def ports_at_an_exchange_elsewhere(plan: Plan) -> Iterator[Fault]:
    """Refuse a peer whose port at the exchange nothing tells, or that is told twice."""
    for at, party, peer in named_peers(plan):
        if isinstance(peer, ExchangePeer) and not isinstance(party.exchange, HostExchange):
            yield _told_in_vain(at, peer, party)
    for place, party in plan.parties.items():
        if isinstance(party.exchange, HostExchange):
            yield from _untold(plan, place)


def ways_to_and_from_the_exchange(plan: Plan) -> Iterator[Fault]:
    """Refuse a star in which one of both ends could not be dialled from the other."""
    far = [member.id for _, member in _members(plan)]
    for place, party in plan.parties.items():
        if party.exchange is None or not _is_far(plan, party):
            continue
        far += [party.id] if isinstance(party.exchange, HereExchange) else []
        if party.expose is None:
            yield Fault(
                path("parties", place, "expose"),
                f"is missing: the exchange is elsewhere, and has no way to party {shown(party.id)}",
                "write expose: {host: the name or address that the exchange dials}",
            )
    if plan.exchange and plan.exchange.expose is None and far:
        yield Fault(
            path("exchange", "expose"),
            f"is missing: parties elsewhere ({', '.join(far)}) have no way to the exchange",
            "write expose: {host: the name or address that they dial}",
        )


def _members(plan: Plan) -> Iterator[tuple[str, Member]]:
    for number, member in enumerate(plan.exchange.parties if plan.exchange else ()):
        yield path("exchange", "parties", number), member


def _kept(plan: Plan) -> Iterator[tuple[str, str, Forwarded]]:
    """Yield where ports of the stack's exchange are said, for which party, and which."""
    for place, party, kept in plan.behind_the_exchange():
        yield path("parties", place, "exchange"), party.id, kept
    for at, member in _members(plan):
        yield at, member.id, member


def _forwarded(party: PartySettings) -> tuple[str, ...]:
    return tuple(service for service in catalogue().forwarded() if service in party.service_names)


def _no_port(at: str, service: str, party: str) -> Fault:
    return Fault(
        f"{at}.{service}-at",
        f"is missing: what is for a {service} names no party, so the exchange keeps a port for that of party"
        f" {shown(party)}",
        f"write {service}-at: 5701, a port that the exchange has for nothing else",
    )


def _told_in_vain(at: str, peer: ExchangePeer, party: PartySettings) -> Fault:
    key = f"{at}.{next(iter(peer.ports), catalogue().forwarded()[0])}-at"
    if party.exchange is None:
        problem = f"is a port of an exchange, and party {shown(party.id)} is behind none"
        return Fault(
            key, problem, "write exchange: {host: ...} at the party, or host for the peer's own address"
        )
    return Fault(key, "is known from the exchange itself", "leave it out")


def _ways(plan: Plan, place: int) -> Iterator[tuple[tuple[str | int, ...], Peer]]:
    """Yield where each peer of a party is named, or would be, and that peer."""
    said = "peers" in plan.parties[place].model_fields_set
    for number, peer in enumerate(plan.peers[place]):
        yield ("parties", place, "peers", *((number,) if said else ())), peer


def _is_behind_none(plan: Plan, id: str) -> bool:
    """Tell whether a party is of this stack and behind no exchange, which another check is about."""
    place = plan.places.get(id)
    return place is not None and plan.parties[place].exchange is None


def _untold(plan: Plan, place: int) -> Iterator[Fault]:
    for at, peer in _ways(plan, place):
        if not isinstance(peer, PartyPeer | ExchangePeer):
            continue
        ports: Mapping[str, int] = peer.ports if isinstance(peer, ExchangePeer) else {}
        for service in _forwarded(plan.parties[place]):
            if service not in ports:
                yield Fault(
                    path(*at, f"{service}-at"),
                    f"is missing: which port of the exchange leads to the {service} of peer {shown(peer.id)}",
                    f'write {{id: "{peer.id}", {service}-at: 5701}} with the port that the exchange has',
                )


def _is_far(plan: Plan, party: PartySettings) -> bool:
    here, there = plan.runtime_of(party), plan.exchange_runtime
    if not isinstance(party.exchange, HereExchange):
        return True
    return here is not None and there is not None and here.place != there.place
