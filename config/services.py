"""What a stack may change about one service of a party."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from config.catalogue import catalogue
from config.settings import Settings
from config.text import Cpus, Mebibytes, NonEmptyText, VariableName
from config.written import among

PARTY_SERVICES = tuple(catalogue().of("party"))
ServiceName = Annotated[str, *among(PARTY_SERVICES)]
"""The name of a service that a party can have."""
PulledService = Annotated[str, *among((*PARTY_SERVICES, *catalogue().of("exchange")))]
"""The name of a service whose image a stack can take from elsewhere: a party's, or the exchange's."""


Instances = Annotated[int, Field(strict=True, ge=1, le=99)]
"""A number of services of one kind, each with a name of its own."""

Gpus = Annotated[int, Field(strict=True, ge=0, le=64)]
"""A number of GPUs, for one service by itself."""


class ServiceOverride(Settings):
    """Limits, GPUs, number, environment and configuration keys of one service; its ports do not change."""

    memory: Mebibytes | None = Field(
        default=None, description="the limit in MiB; the service's own if absent"
    )
    cpus: Cpus | None = Field(default=None, description="the limit in CPUs, such as 1.5; none if absent")
    gpus: Gpus | None = Field(
        default=None,
        description="how many GPUs it gets where its party's device is gpu and it computes; on Docker none"
        " with 0, else all that the engine has, which counts none of them out; 1 if absent",
    )
    instances: Instances | None = Field(
        default=None,
        description="how many there are, where it can be several; its own number if absent",
    )
    environment: Mapping[VariableName, str] = Field(
        default={}, description="environment variables; visible to all who may inspect the container"
    )
    configuration: Mapping[NonEmptyText, Mapping[str, object]] = Field(
        default={}, description="keys of the service's files, by file; docs/services.md lists them"
    )
