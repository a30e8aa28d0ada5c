"""Pictures and sheets of a stack: its topology as Mermaid, the ports that a firewall must open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NotRequired, TypedDict

from components.services.harbor import PROXY
from components.services.party import publications
from components.services.service import Publication
from components.services.star import exchange_publications
from components.services.star_picture import box_elsewhere, star_edges
from config import HostPeer, PartySettings, StackPeer, StackSettings, catalogue
from config.mirror import OwnMirror
from config.pages import Page
from config.text import WILDCARD


class PortRow(TypedDict):
    """One row of the sheet of ports."""

    party: str
    service: str
    bind: str
    port: int
    opened_for: str
    address: NotRequired[object]
    """What a load balancer gave, known when it did."""


def ports(settings: StackSettings, given: Mapping[str, Mapping[str, object]] | None = None) -> list[PortRow]:
    """Return every port that the stack opens on its hosts, and for whom.

    `given` are the addresses that load balancers gave, by party and service.
    """
    rows = [
        row
        for party in settings.parties_by_id
        for row in _party_ports(party, (given or {}).get(party.id, {}))
    ]
    rows += _rows("", exchange_publications(settings), "its parties", (given or {}).get("", {}))
    mirror = settings.mirror
    if isinstance(mirror, OwnMirror):
        service = PROXY if mirror.kind == "harbor" else "registry"
        bind = WILDCARD if mirror.kind == "harbor" and mirror.chart else mirror.bind
        rows.append(PortRow(party="", service=service, bind=bind, port=mirror.port, opened_for="pulls"))
    return rows


def api_address(party: PartySettings) -> str | None:
    """Return the address of FATE-Flow's HTTP API for the operator, None where it is not published."""
    return None if party.api is None else _url(party.api.bind, party.api.port)


def page_address(page: Page) -> str | None:
    """Return the address of a page for a browser, None where only a forwarded port leads to it."""
    if page.ingress is not None:
        return f"http{'s' if page.ingress.tls_secret else ''}://{page.ingress.host}"
    return None if page.port is None else _url(page.bind, page.port)


def _url(bind: str, port: int) -> str:
    return f"http://{'127.0.0.1' if bind == WILDCARD else bind}:{port}"


def topology(settings: StackSettings) -> str:
    """Return the stack as a Mermaid flowchart: parties, their services, and the ways between peers."""
    lines = ["flowchart LR"]
    for party in settings.parties_by_id:
        lines += _party_box(party)
    lines += _edges(settings)
    lines += star_edges(settings)
    if settings.mirror is not None:
        lines.append(f'  mirror[("mirror<br/>{settings.mirror.kind}")]')
        lines += [f"  mirror -. images .-> p{party.id}" for party in settings.parties_by_id]
        lines += ["  mirror -. images .-> exchange"] if settings.exchange else []
    return "\n".join(lines) + "\n"


def _party_ports(party: PartySettings, given: Mapping[str, object]) -> Iterable[PortRow]:
    return _rows(party.id, publications(party), "its peers", given)


def _rows(
    party: str, publications: Iterable[Publication], peers: str, given: Mapping[str, object]
) -> Iterable[PortRow]:
    for opened in publications:
        row = PortRow(
            party=party,
            service=opened.service,
            bind=opened.bind,
            port=opened.external,
            opened_for=peers if opened.host else opened.opened_for,
        )
        if opened.host and opened.service in given:
            row["address"] = given[opened.service]
        yield row


def _party_box(party: PartySettings) -> list[str]:
    names, outside = party.service_names, party.outside
    nodes = [f"    p{party.id}_{name}[{name}]" for name in names]
    for name, part in outside.items():
        nodes.append(f'    p{party.id}_{name}[("{name}<br/>{part.host}:{part.first.port}")]')
    pairs = ((caller, called) for caller, called in _calls((*names, *outside)) if caller in names)
    calls = [f"    p{party.id}_{caller} --> p{party.id}_{called}" for caller, called in pairs]
    return [f'  subgraph p{party.id}["party {party.id}"]', *nodes, *calls, "  end"]


def _calls(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield who calls whom among some services; of two that call each other, the first. None calls itself."""
    drawn: set[tuple[str, str]] = set()
    for caller in names:
        for called in catalogue().services[caller].calls:
            if called in names and called != caller and (called, caller) not in drawn:
                drawn.add((caller, called))
                yield caller, called


def _edges(settings: StackSettings) -> list[str]:
    drawn: set[frozenset[str]] = set()
    lines = []
    for party in settings.parties_by_id:
        for peer in settings.peers_of(party):
            pair = frozenset({party.id, peer.id})
            outside = isinstance(peer, StackPeer | HostPeer)
            if pair in drawn or (party.exchange is not None and not outside):
                continue
            drawn.add(pair)
            lines += _pair(party, peer.id, outside)
    return lines


def _pair(party: PartySettings, peer: str, outside: bool) -> list[str]:
    met = {name: port for name, (_, port) in catalogue().met_by_peers().items() if name in party.meets}
    ways = [f"  p{party.id}_{name} <-- {port.carries} --> p{peer}_{name}" for name, port in met.items()]
    return [*box_elsewhere(peer, met), *ways] if outside else ways
