"""Which party loses its way to which peer, told from what a stack exports of its parties."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.preview.hazards import Danger, Hazard

Outputs = Mapping[str, Any]


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


def lost_ways(before: Outputs, after: Outputs) -> Iterator[dict[str, str]]:
    """Yield a danger for each way between parties that is there before and not after."""
    was, will = parties_in(before), parties_in(after)
    for id, party in was.items():
        if id not in will:
            yield _danger(id, "{where} is taken away: its peers lose it")
            continue
        for peer in peers_in(party):
            if peer not in peers_in(will[id]):
                yield _danger(id, f"{{where}} loses its way to party {peer}: jobs with it fail")


def _danger(party: str, sentence: str) -> dict[str, str]:
    return Danger(Hazard.REACH, sentence, f"party {party}").as_json()
