"""Whom a party works with, and the way there: this stack, another stack, a host, or the party's exchange."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field

from config.exposure import Dialled, Forwarded, dialled, forwarded
from config.faults import refusal
from config.settings import Settings, also, kebab, tag, tagged
from config.text import HostName, PartyId, StackName


class PartyPeer(Settings):
    """A party of the same stack, or one behind the party's own exchange: its way is known."""

    id: PartyId = Field(description="the peer's party id")


class StackPeer(Settings):
    """A party of another stack, whose outputs say where it is."""

    id: PartyId = Field(description="the peer's party id")
    stack: StackName = Field(description="the peer's stack: organization/<project>/<stack>")


@also(dialled("the port of the peer's {service}", "the host that it exposes for its {service}"))
class HostPeer(Dialled):
    """A party known by the host and the ports that it exposes."""

    id: PartyId = Field(description="the peer's party id")
    host: HostName = Field(description="the host that the peer exposes")


@also(forwarded("the port of the party's exchange that leads to the peer's {service}"))
class ExchangePeer(Forwarded):
    """A party behind an exchange that is known by its host: one port there is the peer's."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 2})

    id: PartyId = Field(description="the peer's party id")


PORTS_KEPT = frozenset(kebab(key) for key in ExchangePeer.model_fields if key != "id")


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
    if value.keys() & PORTS_KEPT and "host" not in value:
        return tag(ExchangePeer)
    by_host = value.keys() & {kebab(name) for name in HostPeer.model_fields if name != "id"}
    return tag(HostPeer if by_host else PartyPeer)


Peer = Annotated[
    Annotated[PartyPeer, tagged(PartyPeer)]
    | Annotated[StackPeer, tagged(StackPeer)]
    | Annotated[HostPeer, tagged(HostPeer)]
    | Annotated[ExchangePeer, tagged(ExchangePeer)],
    Discriminator(_way),
    BeforeValidator(_one_way),
]
