"""What the services of a party are rendered from: settings, routes, the keys that a stack lays over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from config import PartySettings, Rotation, Source, catalogue
from config.catalogue import Layout
from config.exposure import Address
from config.images import Images


@dataclass(frozen=True)
class Route:
    """The way to one peer: what is dialled, by the service that is met there."""

    party: str
    addresses: Mapping[str, Address]
    by_exchange: bool = False
    """Whether an exchange is dialled in the peer's place."""


@dataclass(frozen=True)
class PartyContext:
    """One party, the ways to its peers, and where its images come from.

    `instance` is which of several of its kind a service is; empty where it is the only one.

    `domain` makes the name of a service absolute, such as `.fate-9999.svc.cluster.local`; empty where a plain
    name will do.
    """

    settings: PartySettings
    release: str
    rotation: Rotation
    images: Images
    routes: Sequence[Route] = ()
    domain: str = ""
    instance: str = ""

    @property
    def present(self) -> frozenset[str]:
        """Return the services that the party has."""
        return frozenset(self.settings.service_names)

    def source(self, service: str) -> Source:
        """Return where a service's image comes from."""
        return self.images.source_of(service)

    def all_of(self, services: Iterable[str]) -> tuple[str, ...]:
        """Return those of some services that the party has, each with all its instances."""
        return tuple(
            name for kind in services if kind in self.present for name in self.settings.instances_of(kind)
        )

    def configuration(self, service: str, file: str) -> Mapping[str, object]:
        """Return the keys that the stack sets of a service's file."""
        override = self.settings.services.get(service)
        return override.configuration.get(file, {}) if override else {}

    def memory(self, service: str) -> int:
        """Return the limit of a service's memory in MiB."""
        return self.settings.memory_of(service)

    def layout(self, service: str) -> Layout:
        """Return how a service's image runs."""
        return catalogue().layout(service, self.source(service), self.release)

    def program(self, service: str) -> tuple[str, ...]:
        """Return the command that a service's image is run with."""
        return self.layout(service).program

    def awaited(self, service: str) -> tuple[str, ...]:
        """Return the `host:port` of all that a service needs: what its start waits for."""
        needed = self.all_of(catalogue().services[service].needs)
        return tuple(f"{name}:{catalogue().first_port(name.partition('-')[0])}" for name in needed)


def overlaid(own: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """Return the keys of `own` in their order, then the new ones sorted, each with its last value.

    So the order of a stack file's keys changes no rendered file.
    """
    return {**own, **{key: overrides[key] for key in sorted(overrides)}}
