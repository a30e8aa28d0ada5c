"""One party of a federation."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Literal, Self

from pydantic import Field

from config.catalogue import ConfigurationFile, Source, VolumeFacts, catalogue
from config.engines import Engines
from config.exchange import PartyExchange
from config.exposure import Address, Api, Expose
from config.external import Elsewhere, External
from config.model_store import ModelStore
from config.pages import Page, page_keys
from config.peers import Peer
from config.runtime import PartyRuntime
from config.services import PARTY_SERVICES, ServiceName, ServiceOverride
from config.settings import Settings, also
from config.text import PartyId
from config.variants import Algorithm, Device
from config.zookeeper import ZooKeeper


class Mode(StrEnum):
    """How FATE uses RabbitMQ or Pulsar: FATE 2.2.0, `arch/federation/backends`, `_federation.py` of each."""

    REPLICATION = "replication"
    CLIENT = "client"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


@also(page_keys())
class PartySettings(Settings):
    """What a party is: its engines, its peers, where it runs and what it opens."""

    id: PartyId = Field(description='the party id, as text: "9999"')
    engines: Engines = Field(description="what computes, stores and exchanges")
    peers: tuple[Peer, ...] = Field(
        default=(), description="whom it works with; every other party of the stack if absent"
    )
    exchange: PartyExchange | None = Field(
        default=None,
        description="the exchange that is its way to every peer without host and stack; none if absent",
    )
    expose: Expose | None = Field(default=None, description="the ports for peers elsewhere; none if absent")
    api: Api | None = Field(default=None, description="FATE-Flow's API for the operator; closed if absent")
    runtime: PartyRuntime | None = Field(
        default=None, description="its own engine or cluster; the stack's if absent"
    )
    services: Mapping[ServiceName, ServiceOverride] = Field(
        default={}, description=f"what to change about {_listed(PARTY_SERVICES)}"
    )
    database: Literal["mariadb", "sqlite"] = Field(
        default="mariadb", description="where FATE-Flow keeps jobs and models; sqlite for trials only"
    )
    external: External = Field(
        default=External(), description="what others run of the party; nothing if absent"
    )
    model_store: ModelStore | None = Field(
        default=None, description="where models lie elsewhere; the party's own volume if absent"
    )
    zookeeper: ZooKeeper | None = Field(
        default=None, description="where FATE-Flow registers itself; nowhere if absent"
    )
    algorithm: Algorithm = Field(
        default=Algorithm.BASIC,
        description="the algorithms that its images hold: nn has neural networks, all has FATE-LLM too",
    )
    device: Device = Field(
        default=Device.CPU,
        description="what its images compute on: ipcl is Intel's library of Paillier, gpu is NVIDIA's GPUs",
    )
    mode: Mode = Field(
        default=Mode.REPLICATION,
        description="how FATE uses RabbitMQ or Pulsar; client wants one broker for all",
    )

    @property
    def service_names(self) -> tuple[str, ...]:
        """Return the services that the party has, as the catalogue says when."""
        others = self.external.parts
        return tuple(
            name
            for name, facts in catalogue().of("party").items()
            if self._fits(facts.when) and facts.external not in others
        )

    @property
    def outside(self) -> dict[str, Elsewhere]:
        """Return what others run for the party, by the first of the services in whose place it is."""
        parts, first = self.external.parts, dict[str, str]()
        for name, facts in catalogue().of("party").items():
            if facts.external in parts and self._fits(facts.when):
                first.setdefault(facts.external, name)
        return {service: parts[key] for key, service in first.items()}

    @property
    def met_outside(self) -> dict[str, Address]:
        """Return where peers meet those services of the party that others run, by service."""
        met, outside = catalogue().met_by_peers(), self.outside
        return {name: outside[name].addresses[port] for name, (port, _) in met.items() if name in outside}

    @property
    def meets(self) -> tuple[str, ...]:
        """Return the services that it meets its peers by, whoever runs them."""
        return (*self.met_by_peers(), *self.met_outside)

    def absence_of(self, service: str) -> str:
        """Return why the party has no such service, said of the party."""
        facts = catalogue().services[service]
        if facts.external in self.external.parts:
            return f"its external.{facts.external} is in that place"
        return facts.absent

    @property
    def openings(self) -> dict[str, Api | Page]:
        """Return what the party opens for its operator, by the key that says so."""
        said = {key: getattr(self, key) for key in catalogue().openings()}
        return {key: opening for key, opening in said.items() if opening is not None}

    @property
    def pages(self) -> dict[str, Page]:
        """Return those of them that ask for a password."""
        return {key: page for key, page in self.openings.items() if isinstance(page, Page)}

    def met_by_peers(self, speaks: str = "") -> tuple[str, ...]:
        """Return those of its services that peers dial, of those that speak what is named."""
        return tuple(name for name in catalogue().met_by_peers(speaks) if name in self.service_names)

    @property
    def calls_by(self) -> str:
        """Return the service that calls peers for it: so the kind of exchange, too, that it can be behind."""
        return "osx" if "osx" in self.service_names else "gateway"

    def volumes_of(self, service: str) -> dict[str, VolumeFacts]:
        """Return the volumes that a service of the party has."""
        volumes = catalogue().services[service].volumes
        return {name: volume for name, volume in volumes.items() if self._fits(volume.when)}

    def files_of(self, service: str) -> dict[str, ConfigurationFile]:
        """Return the configuration files that a service of the party reads."""
        files = catalogue().services[service].files
        return {name: file for name, file in files.items() if self._fits(file.when)}

    def memory_of(self, service: str) -> int:
        """Return the limit of a service's memory in MiB."""
        override = self.services.get(service)
        return (override and override.memory) or catalogue().services[service].memory.limit

    def instances_of(self, service: str) -> tuple[str, ...]:
        """Return the names of all services of one kind: its own, or one with a number for each."""
        of_itself = catalogue().services[service].instances
        if of_itself is None:
            return (service,)
        override = self.services.get(service)
        wanted = override.instances if override and override.instances else of_itself
        return tuple(f"{service}-{number}" for number in range(1, wanted + 1))

    def with_variant(self, algorithm: Algorithm, device: Device) -> Self:
        """Return the party with images that hold other algorithms, and compute on something else."""
        return self.model_copy(update={"algorithm": algorithm, "device": device})

    @property
    def plain(self) -> Self:
        """Return the party with the images that every release has."""
        return self.with_variant(Algorithm.BASIC, Device.CPU)

    def image_suffix(self, service: str, source: Source) -> str:
        """Return what the name of a service's image ends with for this party, such as `-spark`."""
        suffixes = catalogue().services[service].images[source].suffixes
        return "".join(values.get(self._value(key), "") for key, values in suffixes.items())

    def gpus_of(self, service: str) -> int:
        """Return how many GPUs each instance of a service gets; for any number Docker gives all of them."""
        if self.device is not Device.GPU or not catalogue().services[service].accelerated:
            return 0
        override = self.services.get(service)
        return 1 if override is None or override.gpus is None else override.gpus

    def _fits(self, when: Mapping[str, tuple[str, ...]]) -> bool:
        return all(self._value(key) in values for key, values in when.items())

    def _value(self, key: str) -> str:
        """Return the value at a key such as `engines.federation`; of one with keys below it, `given`."""
        value = attrgetter(key)(self)
        return "given" if isinstance(value, Settings) else str(value)
