"""The exchange in the middle of a star: the stack's own, and the one that a party says it is behind."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field

from config.catalogue import catalogue
from config.exposure import Address, Forwarded, forwarded
from config.faults import refusal
from config.peers import HostPeer, StackPeer
from config.runtime import PartyRuntime
from config.settings import Alternatives, Settings, also, kebab, tag, tagged
from config.text import BindAddress, Cidr, HostName, Port, StackName

GATEWAY_PORT = catalogue().port("relay", "http")
KEPT = "the exchange's port that leads to the party's {service}"


@also(forwarded(KEPT))
class HostMember(HostPeer, Forwarded):
    """A party elsewhere, known by the host and the ports that it exposes to the exchange."""


@also(forwarded(KEPT))
class StackMember(StackPeer, Forwarded):
    """A party of another stack, whose outputs say where it is."""


def _way(value: object) -> str:
    if not isinstance(value, dict):
        return tag(type(value) if isinstance(value, Settings) else HostMember)
    return tag(StackMember if "stack" in value and "host" not in value else HostMember)


Member = Annotated[
    Annotated[HostMember, tagged(HostMember)] | Annotated[StackMember, tagged(StackMember)],
    Discriminator(_way),
]


class ExchangeExpose(Settings):
    """The ports that parties elsewhere dial: one for all calls, and the one of each party's data. No TLS."""

    host: HostName = Field(description="the name or address that parties dial")
    bind: BindAddress = Field(
        default="0.0.0.0", description="the machine's address that the ports are opened on"
    )
    gateway_port: Port = Field(default=GATEWAY_PORT, description="the port for calls to all parties")
    sources: tuple[Cidr, ...] = Field(
        default=(),
        description="whose addresses may dial, on Kubernetes only, such as 192.0.2.0/24; everybody if absent",
    )


class GatewayExchange(Settings):
    """An nginx that passes calls on by the party that they name, and data by a port for each party.

    It knows the parties of this stack that say `exchange`, and those elsewhere that it lists. It reads
    nothing of what passes, ends no TLS and asks nobody who he is.
    """

    kind: Literal["gateway"] = Field(default="gateway", description="an nginx")
    expose: ExchangeExpose | None = Field(
        default=None, description="the ports for parties elsewhere; none if absent"
    )
    parties: tuple[Member, ...] = Field(default=(), description="the parties elsewhere that it leads to")
    runtime: PartyRuntime | None = Field(
        default=None, description="its own engine or cluster; the stack's if absent"
    )


_ALTERNATIVES = Alternatives("kind", "kind", {"gateway": GatewayExchange})
Exchange = Annotated[Annotated[GatewayExchange, tagged(GatewayExchange)], *_ALTERNATIVES.parts]


@also(forwarded(KEPT))
class HereExchange(Forwarded):
    """The exchange of the party's own stack."""


class HostExchange(Settings):
    """An exchange known by its host."""

    host: HostName = Field(description="the host that the exchange exposes")
    gateway_port: Port = Field(default=GATEWAY_PORT, description="its port for calls to all parties")

    @property
    def gateway(self) -> Address:
        """Return where calls to all parties go."""
        return Address(self.host, self.gateway_port)


class StackExchange(Settings):
    """The exchange of another stack, whose outputs say where it is and what leads to whom."""

    stack: StackName = Field(description="the exchange's stack: organization/<project>/<stack>")


def _one_exchange(value: object) -> object:
    if isinstance(value, dict) and "host" in value and "stack" in value:
        raise refusal(
            "a party is behind one exchange, and both host and stack are given",
            "keep host (its address) or stack (its Pulumi stack), and leave the other out",
        )
    return value


def _where(value: object) -> str:
    if not isinstance(value, dict):
        return tag(type(value) if isinstance(value, Settings) else HereExchange)
    if "stack" in value:
        return tag(StackExchange)
    by_host = value.keys() & {kebab(name) for name in HostExchange.model_fields}
    return tag(HostExchange if by_host else HereExchange)


PartyExchange = Annotated[
    Annotated[HereExchange, tagged(HereExchange)]
    | Annotated[HostExchange, tagged(HostExchange)]
    | Annotated[StackExchange, tagged(StackExchange)],
    Discriminator(_where),
    BeforeValidator(_one_exchange),
]
