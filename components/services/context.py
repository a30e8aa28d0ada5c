"""What the services of a party are rendered from: settings, routes, the keys that a stack lays over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config import PartySettings, Rotation, Source, catalogue
from config.exposure import Address


@dataclass(frozen=True)
class Route:
    """The way to one peer: what is dialled, by the service that is met there."""

    party: str
    addresses: Mapping[str, Address]


@dataclass(frozen=True)
class PartyContext:
    """One party, the ways to its peers, and where its images come from.

    `domain` makes the name of a service absolute, such as `.fate-9999.svc.cluster.local`; empty where a plain
    name will do.
    """

    settings: PartySettings
    rotation: Rotation
    source: Source
    routes: Sequence[Route] = ()
    domain: str = ""

    @property
    def present(self) -> frozenset[str]:
        """Return the services that the party has."""
        return frozenset(self.settings.service_names)

    def configuration(self, service: str, file: str) -> Mapping[str, object]:
        """Return the keys that the stack sets of a service's file."""
        override = self.settings.services.get(service)
        return override.configuration.get(file, {}) if override else {}

    def program(self, service: str) -> tuple[str, ...]:
        """Return the command that a service's image is run with."""
        return catalogue().layout(service, self.source).program


def overlaid(own: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """Return the keys of `own` in their order, then the new ones sorted, each with its last value.

    So the order of a stack file's keys changes no rendered file.
    """
    return {**own, **{key: overrides[key] for key in sorted(overrides)}}
