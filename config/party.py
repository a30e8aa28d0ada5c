"""One party of a federation."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Literal

from pydantic import Field

from config.catalogue import catalogue
from config.engines import Engines
from config.exposure import Api, Expose
from config.peers import Peer
from config.runtime import PartyRuntime
from config.services import PARTY_SERVICES, ServiceName, ServiceOverride
from config.settings import Settings
from config.text import PartyId


class Mode(StrEnum):
    """How FATE uses RabbitMQ: FATE 2.2.0, `arch/federation/backends/rabbitmq/_federation.py`."""

    REPLICATION = "replication"
    CLIENT = "client"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


class PartySettings(Settings):
    """What a party is: its engines, its peers, where it runs and what it opens."""

    id: PartyId = Field(description='the party id, as text: "9999"')
    engines: Engines = Field(description="what computes, stores and exchanges")
    peers: tuple[Peer, ...] = Field(
        default=(), description="whom it works with; every other party of the stack if absent"
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
    mode: Mode = Field(
        default=Mode.REPLICATION, description="how FATE uses RabbitMQ; client wants one broker for all"
    )

    @property
    def service_names(self) -> tuple[str, ...]:
        """Return the services that the party has, as the catalogue says when."""
        return tuple(
            name
            for name, facts in catalogue().of("party").items()
            if all(self._value(key) in values for key, values in facts.when.items())
        )

    def _value(self, key: str) -> str:
        """Return the value at a key such as `engines.federation`."""
        return str(attrgetter(key)(self))
