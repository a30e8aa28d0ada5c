"""Whom a party works with, and the way there: a party of this stack, another stack, or a host."""

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field

from config.exposure import Dialled, dialled
from config.faults import refusal
from config.settings import Settings, also, kebab, tag, tagged
from config.text import HostName, PartyId, StackName


class PartyPeer(Settings):
    """A party of the same stack: its way is known."""

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
    by_host = value.keys() & {kebab(name) for name in HostPeer.model_fields if name != "id"}
    return tag(HostPeer if by_host else PartyPeer)


Peer = Annotated[
    Annotated[PartyPeer, tagged(PartyPeer)]
    | Annotated[StackPeer, tagged(StackPeer)]
    | Annotated[HostPeer, tagged(HostPeer)],
    Discriminator(_way),
    BeforeValidator(_one_way),
]
