"""The star of a stack as lines of a Mermaid flowchart: exchanges, and the ways between them and parties."""

from collections.abc import Iterable, Iterator, Sequence

from config import PartySettings, StackSettings, catalogue
from config.exchange import HereExchange, HostExchange, StackExchange

HERE = "exchange"


def star_edges(settings: StackSettings) -> list[str]:
    """Return the stack's exchange, those elsewhere that parties are behind, and who meets each of them."""
    lines = ['  exchange(("exchange"))'] if settings.exchange else []
    elsewhere: dict[str, str] = {}
    for party in settings.parties_by_id:
        if party.exchange is None:
            continue
        label = _elsewhere(party)
        if label and label not in elsewhere:
            elsewhere[label] = f"exchange{len(elsewhere) + 1}"
            lines.append(f'  {elsewhere[label]}(("exchange (elsewhere)<br/>{label}"))')
        lines += _ways(party.id, _met(party), elsewhere.get(label, HERE))
    for member in settings.exchange.parties if settings.exchange else ():
        met = (settings.exchange.meets, *member.ports) if settings.exchange else ()
        lines += [*box_elsewhere(member.id, met), *_ways(member.id, met, HERE)]
    return lines


def box_elsewhere(party: str, met: Iterable[str]) -> list[str]:
    """Return the box of a party of which only what peers meet is known."""
    nodes = [f"    p{party}_{name}[{name}]" for name in met]
    return [f'  subgraph p{party}["party {party} (elsewhere)"]', *nodes, "  end"]


def _elsewhere(party: PartySettings) -> str:
    match party.exchange:
        case HostExchange() as exchange:
            return exchange.host
        case StackExchange() as exchange:
            return exchange.stack
        case HereExchange() | None:
            return ""


def _met(party: PartySettings) -> tuple[str, ...]:
    return tuple(name for name in catalogue().met_by_peers() if name in party.service_names)


def _ways(party: str, met: Sequence[str], exchange: str) -> Iterator[str]:
    ports = catalogue().met_by_peers()
    return (f"  p{party}_{name} <-- {ports[name][1].carries} --> {exchange}" for name in met)
