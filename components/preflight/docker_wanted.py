"""What a stack wants of Docker engines: the containers, networks and volumes of the names that it makes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from components.runtimes.names import Names
from components.services.context import PartyContext
from components.services.harbor import harbor_services
from components.services.party import party_services
from components.services.registry import registry
from components.services.service import Service
from components.services.star import exchange_service
from config import DistributionMirror, DockerSettings, HarborMirror, PartySettings, StackSettings
from config.catalogue import claim_name


class Kind(StrEnum):
    """The kinds of object that a stack makes on an engine."""

    CONTAINER = "container"
    NETWORK = "network"
    VOLUME = "volume"


@dataclass(frozen=True)
class WantedObject:
    """An object that a stack makes on an engine, and where its configuration says so.

    `before` is the name that a data volume of it may have from earlier. What `keeps_key` opens with the
    secret key alone that it was made with: Harbor keeps passwords, and ciphers with the key, from its first
    start.
    """

    path: str
    kind: Kind
    name: str
    before: str | None = None
    keeps_key: bool = False


def wanted_objects(settings: StackSettings, names: Names) -> dict[str, list[WantedObject]]:
    """Return the objects of a stack, by the address of the engine that they are on."""
    wanted: dict[str, list[WantedObject]] = {}
    own = settings.runtime
    if isinstance(own, DockerSettings):
        wanted[own.host] = list(_of_the_mirror(settings, names))
    if settings.exchange and isinstance(settings.exchange_runtime, DockerSettings):
        wanted.setdefault(settings.exchange_runtime.host, []).extend(_of_the_exchange(settings, names))
    for index, party in enumerate(settings.parties):
        engine = settings.runtime_of(party)
        if isinstance(engine, DockerSettings):
            federation = names.federation(None if engine.place == own.place else engine.place)
            made = _of_a_party(f"fate:parties[{index}]", names, settings, party, federation)
            wanted.setdefault(engine.host, []).extend(made)
    return wanted


def _of_the_mirror(settings: StackSettings, names: Names) -> Iterator[WantedObject]:
    path = "fate:mirror"
    match settings.mirror:
        case DistributionMirror():
            yield from _services(path, names, None, (registry(None),))
        case HarborMirror() as harbor:
            yield WantedObject(path, Kind.NETWORK, names.of(None, "mirror"))
            yield from _services(path, names, None, harbor_services(harbor), keeps_key=True)


def _of_a_party(
    path: str, names: Names, settings: StackSettings, party: PartySettings, federation: str
) -> Iterator[WantedObject]:
    services = party_services(PartyContext(party, settings.release, settings.rotation, settings.images))
    yield WantedObject(path, Kind.NETWORK, names.of(party.id))
    if party.exchange is None and any(service.meets_peers() for service in services):
        yield WantedObject(path, Kind.NETWORK, federation)
    yield from _services(path, names, party.id, services)


def _of_the_exchange(settings: StackSettings, names: Names) -> Iterator[WantedObject]:
    path = "fate:exchange"
    yield WantedObject(path, Kind.NETWORK, names.of(None, "exchange"))
    for member in settings.met_by_the_exchange:
        yield WantedObject(path, Kind.NETWORK, names.meeting(member))
    yield from _services(path, names, None, (exchange_service(settings),))


def _services(
    path: str, names: Names, party: str | None, services: Sequence[Service], keeps_key: bool = False
) -> Iterator[WantedObject]:
    for service in services:
        yield WantedObject(path, Kind.CONTAINER, names.of(party, service.name))
        for volume in service.volumes:
            role = claim_name(service.name, volume.name)
            before = names.before(party, role)
            yield WantedObject(path, Kind.VOLUME, names.of(party, role), before, keeps_key)
        if service.secrets:
            secrets = names.of(party, f"{service.name}-secrets")
            yield from (WantedObject(path, kind, secrets) for kind in (Kind.CONTAINER, Kind.VOLUME))
