"""Where peers are met."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.exposure import Address


@dataclass(frozen=True)
class Route:
    """The way to one peer: what is dialled, by the service that is met there."""

    party: str
    addresses: Mapping[str, Address]
