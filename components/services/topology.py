"""Pictures and sheets of a stack: its topology as Mermaid, the ports that a firewall must open."""

from collections.abc import Iterable
from typing import TypedDict

from components.services.party import CALLS, publications
from components.services.routes import by_id
from config import HostPeer, PartySettings, StackPeer, StackSettings


class PortRow(TypedDict):
    """One row of the sheet of ports."""

    party: str
    service: str
    bind: str
    port: int
    opened_for: str


def ports(settings: StackSettings) -> list[PortRow]:
    """Return every port that the stack opens on its hosts, and for whom."""
    rows = [row for party in _parties(settings) for row in _party_ports(party)]
    mirror = settings.mirror
    if mirror is not None and mirror.kind == "distribution":
        rows.append(
            PortRow(party="", service="registry", bind=mirror.bind, port=mirror.port, opened_for="pulls")
        )
    return rows


def api_address(party: PartySettings) -> str | None:
    """Return the address of FATE-Flow's HTTP API for the operator, None where it is not published."""
    if party.api is None:
        return None
    host = "127.0.0.1" if party.api.bind == "0.0.0.0" else party.api.bind
    return f"http://{host}:{party.api.port}"


def topology(settings: StackSettings) -> str:
    """Return the stack as a Mermaid flowchart: parties, their services, and the ways between peers."""
    lines = ["flowchart LR"]
    for party in _parties(settings):
        lines += _party_box(party)
    lines += _edges(settings)
    if settings.mirror is not None:
        lines.append(f'  mirror[("mirror<br/>{settings.mirror.kind}")]')
        lines += [f"  mirror -. images .-> p{party.id}" for party in _parties(settings)]
    return "\n".join(lines) + "\n"


def _parties(settings: StackSettings) -> list[PartySettings]:
    return sorted(settings.parties, key=lambda party: by_id(party.id))


def _party_ports(party: PartySettings) -> Iterable[PortRow]:
    for opened in publications(party):
        audience = "the operator" if opened.service == "fateflow" else "its peers"
        yield PortRow(
            party=party.id,
            service=opened.service,
            bind=opened.bind,
            port=opened.external,
            opened_for=audience,
        )


def _party_box(party: PartySettings) -> list[str]:
    names = [str(name) for name in party.service_names]
    nodes = [f"    p{party.id}_{name}[{name}]" for name in names]
    calls = [f"    p{party.id}_fateflow --> p{party.id}_{name}" for name in CALLS if name in names]
    return [f'  subgraph p{party.id}["party {party.id}"]', *nodes, *calls, "  end"]


def _edges(settings: StackSettings) -> list[str]:
    drawn: set[frozenset[str]] = set()
    lines = []
    for party in _parties(settings):
        for peer in sorted(settings.peers_of(party), key=lambda peer: by_id(peer.id)):
            pair = frozenset({party.id, peer.id})
            if pair in drawn:
                continue
            drawn.add(pair)
            lines += _pair(party, peer.id, outside=isinstance(peer, StackPeer | HostPeer))
    return lines


def _pair(party: PartySettings, peer: str, outside: bool) -> list[str]:
    box = [f'  subgraph p{peer}["party {peer} (elsewhere)"]', f"    p{peer}_gateway[gateway]"]
    box += [f"    p{peer}_broker[broker]", "  end"]
    ways = [f"  p{party.id}_gateway <-- control --> p{peer}_gateway"]
    if party.engines.federation == "rabbitmq":
        ways.append(f"  p{party.id}_broker <-- tensors --> p{peer}_broker")
    return [*box, *ways] if outside else ways
