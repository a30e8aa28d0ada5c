"""Harbor as the registry that parties pull from: the product, on the stack's own engine or cluster."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from config.catalogue import catalogue
from config.external import Elsewhere
from config.harbor_chart import HarborChart
from config.harbor_contents import Contents
from config.images import ImageName, ImageReference
from config.runtime import DockerSettings
from config.secrets import SecretReference
from config.settings import Settings
from config.text import (
    BindAddress,
    Digest,
    Flag,
    HarborProject,
    HostName,
    NonEmptyText,
    Port,
    RegistryAddress,
    RegistryHost,
    is_loopback,
)
from config.written import among

HTTPS = 443
VERSIONS = catalogue().versions()
SERVICES = catalogue().of("harbor")
INSTEAD_OF = {"database": "harbordatabase", "redis": "harborcache"}
HarborVersion = Annotated[str, *among(VERSIONS)]
"""A version of Harbor that this program knows."""
HarborImageName = Annotated[
    str,
    *among([image.name for version in VERSIONS for image in catalogue().images(version, "harbor").values()]),
]
"""The name of one of Harbor's images, without what stands before it."""


class HarborTls(Settings):
    """A certificate that others gave, with its key: engines must trust who signed it."""

    certificate: SecretReference = Field(
        description="the certificate (PEM), those that it is signed by after it"
    )
    key: SecretReference = Field(description="its private key (PEM), without a passphrase")
    ca_file: NonEmptyText | None = Field(
        default=None,
        description="the path of its authority's certificate (PEM), for this machine to ask Harbor; the"
        " system's authorities if absent",
    )


class HarborImages(Settings):
    """Where Harbor's own images come from: nothing of them can be pulled from Harbor itself."""

    version: HarborVersion = Field(default=VERSIONS[-1], description="the version of Harbor, in quotes")
    prefix: RegistryAddress = Field(
        default="docker.io/goharbor", description="what stands before an image's name, host[:port][/prefix]"
    )
    digests: Mapping[HarborImageName, Digest] = Field(
        default={}, description="the digest that an image must have, by image; any if absent"
    )

    def reference(self, service: str) -> str:
        """Return the reference by which the image of one of Harbor's services is pulled."""
        image = catalogue().images(self.version, "harbor")[service]
        named = ImageReference(f"{self.prefix}/{image.name}", image.tag, self.digests.get(image.name))
        return named.text


class ExternalPostgres(Elsewhere):
    """A PostgreSQL in the place of Harbor's own. Its certificate is not checked."""

    PORTS: ClassVar[Mapping[str, str]] = {"postgresql": "port"}

    host: HostName = Field(description="the database's host")
    port: Port = Field(default=5432, description="the database's port")
    database: NonEmptyText = Field(
        default="registry", description="the database, which must be there, and be Harbor's alone"
    )
    user: NonEmptyText = Field(description="the account, which may make tables in the database")
    password: SecretReference = Field(description="the account's password")
    ssl: Literal["require", "disable"] = Field(
        default="require", description="whether it is asked over TLS: require or disable"
    )


class ExternalRedis(Elsewhere):
    """A Redis or Valkey in the place of Harbor's own, without TLS: its databases 0, 1 and 2 are Harbor's."""

    PORTS: ClassVar[Mapping[str, str]] = {"redis": "port"}

    host: HostName = Field(description="the host")
    port: Port = Field(default=6379, description="the port")
    password: SecretReference | None = Field(
        default=None, description="its password; it asks for none if absent"
    )


class HarborExternal(Settings):
    """The parts of Harbor that others run: it has no service of its own in their place."""

    database: ExternalPostgres | None = Field(default=None, description="a PostgreSQL; its own if absent")
    redis: ExternalRedis | None = Field(default=None, description="a Redis; its own if absent")

    @property
    def parts_by_key(self) -> dict[str, Elsewhere]:
        """Return those that are given, by key."""
        said: dict[str, Elsewhere | None] = {"database": self.database, "redis": self.redis}
        return {key: part for key, part in said.items() if part is not None}

    @property
    def parts(self) -> dict[str, Elsewhere]:
        """Return the same by the service that each is in the place of."""
        return {INSTEAD_OF[key]: part for key, part in self.parts_by_key.items()}


class HarborMirror(Contents):
    """A Harbor of this stack, on its engine or cluster, and what is in it: copies of images, in one project.

    This machine asks it too, at `host` and `port`, and the first account is `harbor-login` of the outputs.
    """

    kind: Literal["harbor"] = Field(default="harbor", description="a Harbor of this stack")
    host: RegistryHost = Field(description="the name that engines pull from, as its certificate has it")
    port: Port = Field(
        default=HTTPS, description="the port for HTTPS, on the engine's machine or as exposure opens it"
    )
    bind: BindAddress = Field(
        default="127.0.0.1", description="the address that the port is opened on, on Docker"
    )
    chart: HarborChart | None = Field(
        default=None, description="Harbor's own Helm chart, which makes it on a cluster; none on Docker"
    )
    tls: HarborTls | None = Field(
        default=None,
        description="a certificate of yours; one by an authority that follows from the secret key if absent",
    )
    images: HarborImages = Field(default=HarborImages(), description="where Harbor's own images come from")
    project: HarborProject = Field(
        default="fate", description="the project that holds FATE's images, with the names of Docker Hub"
    )
    external: HarborExternal = Field(
        default=HarborExternal(), description="a database and a Redis that others run; its own if absent"
    )
    builds: Flag = Field(
        default=True,
        description="whether images from packages are built here; with false `fate bundle load` brings them",
    )
    holds: tuple[ImageName, ...] = Field(
        default=(),
        description="images from packages that it builds for parties of other stacks, beside what the parties"
        " here run",
    )
    builder: DockerSettings | None = Field(
        default=None,
        description="the engine that builds images from packages and pushes them, for Kubernetes; this"
        " machine's if absent",
    )

    @property
    def authority(self) -> str:
        """Return the host, with the port where it is not that of HTTPS."""
        return self.host if self.port == HTTPS else f"{self.host}:{self.port}"

    @property
    def pull_address(self) -> str:
        """Return what stands before the name of an image that is pulled from this mirror."""
        return f"{self.authority}/{self.project}"

    @property
    def pushed_to(self) -> str:
        """Return what stands before the name of an image that is built here."""
        return self.pull_address

    @property
    def is_local(self) -> bool:
        """Say whether only the mirror's own machine reaches it."""
        return is_loopback(self.host) or is_loopback(self.bind)

    @property
    def service_names(self) -> tuple[str, ...]:
        """Return the services that it has of its own, those first that others need."""
        return tuple(
            name
            for name in catalogue().needed_first()
            if name in SERVICES and name not in self.external.parts
        )
