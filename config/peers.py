"""Whom a party works with, and the way there: a party of this stack, another stack, or a host."""

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field

from config.exposure import BROKER_PORT, GATEWAY_PORT, Address, addresses
from config.faults import refusal
from config.settings import Settings, tag, tagged
from config.text import HostName, PartyId, Port, StackName


class PartyPeer(Settings):
    """A party of the same stack: its way is known."""

    id: PartyId = Field(description="the peer's party id")


class StackPeer(Settings):
    """A party of another stack, whose outputs say where it is."""

    id: PartyId = Field(description="the peer's party id")
    stack: StackName = Field(description="the peer's stack: organization/<project>/<stack>")


class HostPeer(Settings):
    """A party known by the host and the ports that it exposes."""

    id: PartyId = Field(description="the peer's party id")
    host: HostName = Field(description="the host that the peer exposes")
    broker_host: HostName | None = Field(
        default=None, description="the host that it exposes for its broker; host if absent"
    )
    gateway_port: Port = Field(default=GATEWAY_PORT, description="the port of the peer's gateway")
    broker_port: Port = Field(default=BROKER_PORT, description="the port of the peer's broker")

    @property
    def addresses(self) -> dict[str, Address]:
        """Return where the peer is met, by the service that is met there."""
        return addresses(self.host, self.gateway_port, self.broker_host, self.broker_port)


def _one_way(value: object) -> object:
    if isinstance(value, dict) and "host" in value and "stack" in value:
        raise refusal(
            "a peer has one way to it, and both host and stack are given",
            "keep host (its address) or stack (its Pulumi stack), and leave the other out",
        )
    return value


def _way(value: object) -> str:
    if not isinstance(value, dict):
        return tag(type(value) if isinstance(value, Settings) else PartyPeer)
    if "stack" in value:
        return tag(StackPeer)
    by_host = value.keys() & {"host", "broker-host", "gateway-port", "broker-port"}
    return tag(HostPeer if by_host else PartyPeer)


Peer = Annotated[
    Annotated[PartyPeer, tagged(PartyPeer)]
    | Annotated[StackPeer, tagged(StackPeer)]
    | Annotated[HostPeer, tagged(HostPeer)],
    Discriminator(_way),
    BeforeValidator(_one_way),
]
