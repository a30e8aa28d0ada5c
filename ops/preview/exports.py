"""What both sides' exports tell: ways between parties that are lost, ports to open and to close."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.preview.hazards import Danger, Hazard

Outputs = Mapping[str, Any]
ORDER = ("party", "service", "port", "bind")
"""The columns that come first."""


def parties_in(exports: Outputs) -> dict[str, Mapping[str, Any]]:
    """Return the parties of a stack's outputs by id."""
    parties = exports.get("parties")
    if not isinstance(parties, Mapping):
        return {}
    return {str(id): party for id, party in parties.items() if isinstance(party, Mapping)}


def peers_in(party: Mapping[str, Any]) -> list[str]:
    """Return the ids of a party's peers."""
    peers = party.get("peers")
    return [str(peer) for peer in peers] if isinstance(peers, list) else []


def exchange_of(party: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    """Return where the exchange is that a party is behind, and whom it leads to; nothing of none."""
    behind = party.get("exchange")
    if not isinstance(behind, Mapping):
        return "", frozenset()
    led = behind.get("leads-to")
    return str(behind.get("at")), frozenset(map(str, led)) if isinstance(led, list) else frozenset()


def lost_ways(before: Outputs, after: Outputs) -> Iterator[dict[str, str]]:
    """Yield a danger for each way between parties that is there before and not after."""
    was, will = parties_in(before), parties_in(after)
    yield from _no_longer_led_to(before, after)
    for id, party in was.items():
        if id not in will:
            yield _danger(id, "{where} is taken away: its peers lose it")
            continue
        for peer in peers_in(party):
            if peer not in peers_in(will[id]):
                yield _danger(id, f"{{where}} loses its way to party {peer}: jobs with it fail")


def led_to(exports: Outputs) -> list[str]:
    """Return the ids of the parties that the stack's exchange leads to."""
    exchange = exports.get("exchange")
    parties = exchange.get("parties") if isinstance(exchange, Mapping) else None
    return [str(id) for id in parties] if isinstance(parties, Mapping) else []


def _no_longer_led_to(before: Outputs, after: Outputs) -> Iterator[dict[str, str]]:
    kept = led_to(after)
    for id in led_to(before):
        if id not in kept:
            sentence = f"{{where}} no longer leads to party {id}: whoever meets it there loses it"
            yield Danger(Hazard.REACH, sentence, "exchange").as_json()


def _danger(party: str, sentence: str) -> dict[str, str]:
    return Danger(Hazard.REACH, sentence, f"party {party}").as_json()


@dataclass(frozen=True)
class PortChange:
    """A row of the sheet that comes (`+`) or goes (`-`)."""

    sign: str
    row: Mapping[str, Any]


def port_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[PortChange]:
    """Return the rows that only one of two stacks' outputs has, in the order of the sheets."""
    was, will = _rows(before), _rows(after)
    gone = [PortChange("-", row) for key, row in was.items() if key not in will]
    return [*gone, *(PortChange("+", row) for key, row in will.items() if key not in was)]


def spaced(column: str) -> str:
    """Return a column's name as a reader has it."""
    return column.replace("_", " ")


def _rows(exports: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    sheet = exports.get("ports")
    rows: Sequence[Any] = sheet if isinstance(sheet, list) else []
    return {json.dumps(row, sort_keys=True): _in_order(row) for row in rows if isinstance(row, Mapping)}


def _in_order(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in dict.fromkeys((*ORDER, *row)) if name in row}
