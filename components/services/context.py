"""What the services of a party are rendered from: settings, routes, the keys that a stack lays over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from components.services.service import Secret
from config import PartySettings, Rotation, Source, catalogue
from config.catalogue import Layout
from config.exposure import Address
from config.external import ExternalBroker, ExternalDatabase
from config.images import Images
from config.party import Mode


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

    @property
    def used(self) -> frozenset[str]:
        """Return the services that the party works with: its own, and those that others run for it."""
        return self.present | self.settings.outside.keys()

    def address(self, service: str, port: str) -> Address:
        """Return where a port of a service is dialled from within the party."""
        others = self.settings.outside.get(service)
        return others.addresses[port] if others else Address(service, catalogue().port(service, port))

    def met_at(self, service: str, port: str) -> dict[str, Address]:
        """Return where the party finds its own broker, or Pulsar, and that of each peer, by party.

        In client mode there is one for all: the party's own.
        """
        own = self.address(service, port)
        one_for_all = self.settings.mode is Mode.CLIENT
        peers = {route.party: own if one_for_all else route.addresses[service] for route in self.routes}
        return {self.settings.id: own, **peers}

    def dialled_outside(self, services: Iterable[str]) -> tuple[Address, ...]:
        """Return what is dialled of those of some services that others run."""
        outside = self.settings.outside
        return tuple(address for kind in services if kind in outside for address in outside[kind].dialled)

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
        needs, outside = catalogue().services[service].needs, self.settings.outside
        own = (Address(name, catalogue().first_port(name.partition("-")[0])) for name in self.all_of(needs))
        others = (outside[kind].first for kind in needs if kind in outside)
        return tuple(f"{host}:{port}" for host, port in (*own, *others))

    def account_password(self, service: str, name: str, rotation: int) -> Secret:
        """Return the password of FATE's account at a service: the one given for what others run, or ours."""
        match self.settings.outside.get(service):
            case ExternalDatabase(password=given) | ExternalBroker(password=given):
                return Secret(name, holder=service, given=given.secret)
            case _:
                return Secret(name, holder=service, rotation=rotation)


def overlaid(own: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """Return the keys of `own` in their order, then the new ones sorted, each with its last value.

    So the order of a stack file's keys changes no rendered file.
    """
    return {**own, **{key: overrides[key] for key in sorted(overrides)}}
