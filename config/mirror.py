"""The registry inside the operator's own network that parties pull from."""

from typing import Annotated, Literal

from pydantic import Field

from config.settings import Alternatives, Settings, tagged
from config.text import BindAddress, Port, RegistryAddress, StackName, UpstreamUrl


class DistributionMirror(Settings):
    """A CNCF Distribution registry of this stack: it takes pushes, or caches an upstream, never both."""

    kind: Literal["distribution"] = Field(default="distribution", description="a registry of this stack")
    port: Port = Field(default=5000, description="the port on the machine of the stack's runtime")
    bind: BindAddress = Field(default="127.0.0.1", description="the address that the port is opened on")
    upstream: UpstreamUrl | None = Field(
        default=None, description="the registry to cache; such a mirror takes no push"
    )


class ExternalMirror(Settings):
    """A registry that exists already: only its address is known."""

    kind: Literal["external"] = Field(default="external", description="a registry that exists already")
    address: RegistryAddress = Field(description="host[:port][/prefix]")


class StackMirror(Settings):
    """The mirror of another stack, whose outputs say where it is and what it holds."""

    kind: Literal["stack"] = Field(default="stack", description="the mirror of another stack")
    stack: StackName = Field(description="organization/<project>/<stack>")


_ALTERNATIVES = Alternatives(
    "kind", "kind", {"distribution": DistributionMirror, "external": ExternalMirror, "stack": StackMirror}
)
Mirror = Annotated[
    Annotated[DistributionMirror, tagged(DistributionMirror)]
    | Annotated[ExternalMirror, tagged(ExternalMirror)]
    | Annotated[StackMirror, tagged(StackMirror)],
    *_ALTERNATIVES.parts,
]
