"""What a party opens outside its own network: nothing, unless a stack says so."""

from typing import NamedTuple

from pydantic import Field

from config.catalogue import catalogue
from config.settings import Settings
from config.text import BindAddress, Cidr, HostName, Port

GATEWAY_PORT = catalogue().port("gateway", "http")
BROKER_PORT = catalogue().port("broker", "amqp")


class Address(NamedTuple):
    """A host and a TCP port that can be dialled."""

    host: str
    port: int


def addresses(host: str, gateway_port: int, broker_host: str | None, broker_port: int) -> dict[str, Address]:
    """Return what peers dial, by service: the broker is on the gateway's host unless it has its own."""
    return {"gateway": Address(host, gateway_port), "broker": Address(broker_host or host, broker_port)}


class Expose(Settings):
    """The ports that peers outside the party's engine or cluster dial. No TLS is ended here."""

    host: HostName = Field(description="the name or address that peers dial")
    broker_host: HostName | None = Field(
        default=None, description="the name or address that they dial for the broker; host if absent"
    )
    bind: BindAddress = Field(
        default="0.0.0.0", description="the machine's address that the ports are opened on"
    )
    gateway_port: Port = Field(default=GATEWAY_PORT, description="the gateway's port that they dial")
    broker_port: Port = Field(default=BROKER_PORT, description="the broker's port that they dial")
    sources: tuple[Cidr, ...] = Field(
        default=(),
        description="whose addresses may dial, on Kubernetes only, such as 192.0.2.0/24; everybody if absent",
    )

    @property
    def addresses(self) -> dict[str, Address]:
        """Return what peers dial, by the service that they meet there."""
        return addresses(self.host, self.gateway_port, self.broker_host, self.broker_port)


class Api(Settings):
    """FATE-Flow's HTTP API, opened for the operator, on Docker only. It asks for no password."""

    port: Port = Field(description="the API's port on the machine")
    bind: BindAddress = Field(default="127.0.0.1", description="the address that the port is opened on")
