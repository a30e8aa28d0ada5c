"""What the outputs of other stacks tell: where their parties are met, and what their exchange leads to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi

from components.services.context import Route
from config import StackPeer, catalogue
from config.exposure import Address

StackOutput = Callable[[str, str], object]
"""The plain value of another stack's output, by the stack's and the output's name; None if it has none."""


def route_from_stack(peer: StackPeer, parties: object) -> Route:
    """Return the way to a party of another stack, from that stack's output.

    Raises pulumi.RunError where the output does not say it.
    """
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


@dataclass(frozen=True)
class ToldExchange:
    """Another stack's exchange: which service of a party calls where, and the ports kept, by party."""

    meets: str
    address: Address
    ports: Mapping[str, Mapping[str, int]]


def exchange_from_stack(stack: str, exchange: object, wanted: tuple[str, ...]) -> ToldExchange:
    """Return the exchange that a stack tells of. Raises pulumi.RunError where it lacks one of `wanted`."""
    exposed = exchange.get("expose") if isinstance(exchange, Mapping) else None
    if not isinstance(exchange, Mapping) or not isinstance(exposed, Mapping):
        reason = "has none, or is not up" if exchange is None else "opens it to nobody elsewhere"
        raise pulumi.RunError(
            f"the exchange of stack {stack} cannot be reached: that stack {reason}. Write fate:exchange:"
            " {kind: ..., expose: {host: ...}} there and run pulumi up on it, or write host: instead of"
            " stack: here."
        )
    kept: Mapping[str, Mapping[str, int]] = exchange.get("parties") or {}
    for party in wanted:
        if party not in kept:
            known = ", ".join(kept) or "nobody"
            raise pulumi.RunError(
                f"the exchange of stack {stack} does not know party {party}: it leads to {known}. Write the"
                " party below fate:exchange.parties there and run pulumi up on it."
            )
    host = str(exposed["host"])
    meets = next(service for service in catalogue().met_by_peers() if f"{service}-port" in exposed)
    return ToldExchange(meets, Address(host, int(exposed[f"{meets}-port"])), kept)
