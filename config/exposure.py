"""What a party opens outside its own network: nothing, unless a stack says so."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import Field

from config.catalogue import catalogue
from config.settings import Settings, also
from config.text import BindAddress, Cidr, HostName, Port


class Address(NamedTuple):
    """A host and a TCP port that can be dialled."""

    host: str
    port: int


def dialled(port: str, host: str) -> Mapping[str, tuple[Any, Any]]:
    """Return the keys of what peers dial: `<service>-port`, and `<service>-host` where no Ingress carries it.

    `port` and `host` describe them, with `{service}` in them.
    """
    keys: dict[str, tuple[Any, Any]] = {}
    for service, (_, facts) in catalogue().met_by_peers().items():
        if facts.speaks != "http":
            described = f"{host.format(service=service)}; host if absent"
            keys[f"{service}_host"] = (HostName | None, Field(default=None, description=described))
        described = port.format(service=service)
        keys[f"{service}_port"] = (Port, Field(default=facts.number, description=described))
    return keys


def forwarded(at: str) -> Mapping[str, tuple[Any, Any]]:
    """Return the keys `<service>-at`: ports that an exchange keeps for what names no party by itself.

    `at` describes them, with `{service}` in it.
    """
    return {
        f"{service}_at": (Port | None, Field(default=None, description=at.format(service=service)))
        for service in catalogue().forwarded()
    }


class Forwarded(Settings):
    """What of a party is met at ports that an exchange keeps for it."""

    @property
    def ports(self) -> dict[str, int]:
        """Return the exchange's port for each service of the party that has one."""
        kept = {service: getattr(self, f"{service}_at", None) for service in catalogue().forwarded()}
        return {service: port for service, port in kept.items() if port is not None}


class Dialled(Settings):
    """A host, and what peers dial there."""

    host: HostName

    @property
    def addresses(self) -> dict[str, Address]:
        """Return what peers dial, by the service that they meet there: on `host` unless it has its own."""
        return {
            service: Address(self.own_host(service) or self.host, getattr(self, f"{service}_port"))
            for service in catalogue().met_by_peers()
        }

    def own_host(self, service: str) -> str | None:
        """Return the host that a service alone is met on, None where it is on the common one."""
        host: str | None = getattr(self, f"{service}_host", None)
        return host


@also(dialled("the {service}'s port that they dial", "the name or address that they dial for the {service}"))
class Expose(Dialled):
    """The ports that peers outside the party's engine or cluster dial. No TLS is ended here."""

    host: HostName = Field(description="the name or address that peers dial")
    bind: BindAddress = Field(
        default="0.0.0.0", description="the machine's address that the ports are opened on"
    )
    sources: tuple[Cidr, ...] = Field(
        default=(),
        description="whose addresses may dial, on Kubernetes only, such as 192.0.2.0/24; everybody if absent",
    )


class Api(Settings):
    """FATE-Flow's HTTP API, opened for the operator, on Docker only. It asks for no password."""

    port: Port = Field(description="the API's port on the machine")
    bind: BindAddress = Field(default="127.0.0.1", description="the address that the port is opened on")
