"""Where peers are met."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """The way to one peer: the host and TCP port of its gateway and of its broker."""

    party: str
    gateway_host: str
    gateway_port: int
    broker_host: str
    broker_port: int


def by_id(party: str) -> tuple[int, str]:
    """Return what parties are ordered by wherever an order shows: `9999` stands before `10000`."""
    return len(party), party
