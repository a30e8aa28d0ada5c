"""The registry inside the operator's own network that parties pull from."""

from typing import Annotated, Literal

from pydantic import Field

from config.harbor import HarborMirror
from config.harbor_contents import Contents, HarborElsewhere
from config.images import ImageName
from config.runtime import DockerSettings
from config.settings import Alternatives, Settings, tagged
from config.text import (
    WILDCARD,
    BindAddress,
    Flag,
    NonEmptyText,
    PinnedImage,
    Port,
    RegistryAddress,
    StackName,
    UpstreamUrl,
    is_loopback,
)


class DistributionMirror(Settings):
    """A CNCF Distribution registry of this stack: it takes pushes, or caches an upstream, never both.

    It ends no TLS. Docker engines and cluster nodes take that from `localhost` alone: for any other address,
    list it among the insecure registries of each, or put a proxy with TLS before it.
    """

    kind: Literal["distribution"] = Field(default="distribution", description="a registry of this stack")
    port: Port = Field(default=5000, description="the port on the engine's machine, or on every node")
    bind: BindAddress = Field(default="127.0.0.1", description="the address that the port is opened on")
    address: RegistryAddress | None = Field(
        default=None,
        description="the name that engines and nodes pull from; that of bind, or localhost, with the port"
        " if absent",
    )
    upstream: UpstreamUrl | None = Field(
        default=None, description="the registry to cache; such a mirror takes no push"
    )
    builds: Flag = Field(
        default=True,
        description="whether what it holds is built here; with false `fate bundle load` fills it, and on"
        " Docker brings the registry's own image onto the engine before",
    )
    holds: tuple[ImageName, ...] = Field(
        default=(),
        description="images that it builds for parties of other stacks, beside what the parties here run",
    )
    image: PinnedImage | None = Field(
        default=None,
        description="the registry's own image, for Kubernetes: the mirror cannot hold what it starts from",
    )
    builder: DockerSettings | None = Field(
        default=None,
        description="the engine that builds and pushes, for Kubernetes; this machine's if absent",
    )

    @property
    def pull_address(self) -> str:
        """Return what stands before the name of an image that is pulled from this mirror."""
        return self.address or f"{'localhost' if self.is_local else self.bind}:{self.port}"

    @property
    def pushed_to(self) -> str:
        """Return what stands before the name of an image that is built here."""
        return f"{self.pull_address}/fate"

    @property
    def is_local(self) -> bool:
        """Say whether only the mirror's own machine or cluster knows it, as `localhost`."""
        return self.address is None and (self.bind == WILDCARD or is_loopback(self.bind))


PlainHttp = Annotated[
    Flag, Field(description="nodes pull from it without TLS, and it is asked so; on loopback it always is")
]
CaFile = Annotated[
    NonEmptyText | None,
    Field(
        description="the path of its authority's certificate (PEM), for asking it in the place of nodes; the"
        " system's authorities alone if absent"
    ),
]


class ExternalMirror(Settings):
    """A registry that exists already: only its address is known.

    A Docker engine is asked whether it reaches it, with its own insecure registries, certificates and proxy.
    The nodes of a cluster cannot be asked, so this machine asks in their place.
    """

    kind: Literal["external"] = Field(default="external", description="a registry that exists already")
    address: RegistryAddress = Field(description="host[:port][/prefix]")
    plain_http: PlainHttp = False
    ca_file: CaFile = None
    harbor: HarborElsewhere | None = Field(
        default=None, description="what is to be in it, where it is a Harbor; nothing is changed if absent"
    )

    @property
    def registry(self) -> str:
        """Return the host, with the port if there is one."""
        return self.address.partition("/")[0]

    @property
    def project(self) -> str:
        """Return what follows the host: in a Harbor, the project."""
        return self.address.partition("/")[2]


class StackMirror(Settings):
    """The mirror of another stack, whose outputs say where it is and what it holds."""

    kind: Literal["stack"] = Field(default="stack", description="the mirror of another stack")
    stack: StackName = Field(description="organization/<project>/<stack>")
    plain_http: PlainHttp = False
    ca_file: CaFile = None


ReachedMirror = ExternalMirror | StackMirror
"""The mirrors that exist already, which are asked whether they hold the images."""


OwnMirror = DistributionMirror | HarborMirror
"""The mirrors that a stack makes, which open a port of its engine."""

_ALTERNATIVES = Alternatives(
    "kind",
    "kind",
    {
        "distribution": DistributionMirror,
        "harbor": HarborMirror,
        "external": ExternalMirror,
        "stack": StackMirror,
    },
)
Mirror = Annotated[
    Annotated[DistributionMirror, tagged(DistributionMirror)]
    | Annotated[HarborMirror, tagged(HarborMirror)]
    | Annotated[ExternalMirror, tagged(ExternalMirror)]
    | Annotated[StackMirror, tagged(StackMirror)],
    *_ALTERNATIVES.parts,
]


def contents_of(mirror: object) -> Contents | None:
    """Return what a mirror is to have in it, where it is a Harbor that this program fills."""
    match mirror:
        case HarborMirror():
            return mirror
        case ExternalMirror():
            return mirror.harbor
        case _:
            return None
