"""The exchange in the middle of a star: the stack's own, and the one that a party says it is behind."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field

from config.catalogue import catalogue
from config.exposure import Address, Forwarded, forwarded
from config.faults import refusal
from config.peers import HostPeer, StackPeer
from config.runtime import PartyRuntime
from config.settings import Alternatives, Settings, also, kebab, tag, tagged
from config.text import BindAddress, Cidr, HostName, Port, StackName

GATEWAY_PORT = catalogue().port("relay", "http")
OSX_PORT = catalogue().port("osxrelay", "grpc")
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
    """What parties elsewhere dial. No TLS is ended here."""

    meets: ClassVar[str]
    """The service of a party that dials the exchange, and is dialled by it."""
    host: HostName = Field(description="the name or address that parties dial")
    bind: BindAddress = Field(
        default="0.0.0.0", description="the machine's address that the ports are opened on"
    )
    sources: tuple[Cidr, ...] = Field(
        default=(),
        description="whose addresses may dial, on Kubernetes only, such as 192.0.2.0/24; everybody if absent",
    )

    @property
    def key(self) -> str:
        """Return the key of the port that serves all parties."""
        return f"{self.meets}-port"

    @property
    def port(self) -> int:
        """Return that port."""
        port: int = getattr(self, f"{self.meets}_port")
        return port


class GatewayExpose(ExchangeExpose):
    """The ports that parties elsewhere dial: one for all calls, and the one of each party's data. No TLS."""

    meets = "gateway"
    gateway_port: Port = Field(default=GATEWAY_PORT, description="the port for calls to all parties")


class OsxExpose(ExchangeExpose):
    """The one port that parties elsewhere dial. No TLS is ended here."""

    meets = "osx"
    osx_port: Port = Field(default=OSX_PORT, description="the port for all parties")


class _Exchange(Settings):
    """Whom an exchange leads to, and where it runs."""

    service: ClassVar[str]
    """What runs, by its name in the catalogue."""
    meets: ClassVar[str]
    """The service of each party that it passes calls on to."""
    parties: tuple[Member, ...] = Field(default=(), description="the parties elsewhere that it leads to")
    runtime: PartyRuntime | None = Field(
        default=None, description="its own engine or cluster; the stack's if absent"
    )


class GatewayExchange(_Exchange):
    """An nginx that passes calls on by the party that they name, and data by a port for each party.

    It knows the parties of this stack that say `exchange`, and those elsewhere that it lists. It reads
    nothing of what passes, ends no TLS and asks nobody who he is.
    """

    service = "relay"
    meets = "gateway"
    kind: Literal["gateway"] = Field(default="gateway", description="an nginx")
    expose: GatewayExpose | None = Field(
        default=None, description="the ports for parties elsewhere; none if absent"
    )


class OsxExchange(_Exchange):
    """An OSX that passes calls and data on by the party that they name.

    It knows the parties of this stack that say `exchange`, and those elsewhere that it lists. It computes
    nothing, ends no TLS and asks nobody who he is. Only parties whose federation is osx are behind one.
    """

    service = "osxrelay"
    meets = "osx"
    kind: Literal["osx"] = Field(default="osx", description="FATE's own OSX")
    expose: OsxExpose | None = Field(
        default=None, description="the port for parties elsewhere; none if absent"
    )


_ALTERNATIVES = Alternatives("kind", "kind", {"gateway": GatewayExchange, "osx": OsxExchange})
Exchange = Annotated[
    Annotated[GatewayExchange, tagged(GatewayExchange)] | Annotated[OsxExchange, tagged(OsxExchange)],
    *_ALTERNATIVES.parts,
]


@also(forwarded(KEPT))
class HereExchange(Forwarded):
    """The exchange of the party's own stack."""


class HostExchange(Settings):
    """An exchange known by its host."""

    host: HostName = Field(description="the host that the exchange exposes")
    gateway_port: Port = Field(
        default=GATEWAY_PORT, description="its port for calls to all parties, of an exchange of kind gateway"
    )
    osx_port: Port = Field(default=OSX_PORT, description="its port for all parties, of one of kind osx")

    @property
    def addresses(self) -> Mapping[str, Address]:
        """Return where calls to all parties go, by the service of a party that calls."""
        return {
            "gateway": Address(self.host, self.gateway_port),
            "osx": Address(self.host, self.osx_port),
        }


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
