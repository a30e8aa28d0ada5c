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
