"""Where the images of a stack come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from config.catalogue import ImageFacts, Source, catalogue
from config.services import PulledService
from config.settings import Alternatives, Settings, tagged
from config.text import Digest, RegistryAddress
from config.written import among

ImageName = Annotated[str, *among(catalogue().built())]
"""The name of an image that is built here."""
OfficialImageName = Annotated[str, *among(catalogue().official())]
"""The name of an official image."""


@dataclass(frozen=True)
class ImageReference:
    """An image as a registry names it, without the registry that a mirror puts before it."""

    name: str
    tag: str
    digest: str | None = None

    @property
    def text(self) -> str:
        """Return the reference as `docker pull` takes it."""
        return f"{self.name}:{self.tag}" + (f"@{self.digest}" if self.digest else "")


class ServiceImage(Settings):
    """Where the image of one service comes from, if not from where the others do."""

    source: Source = Field(alias="from", description="built here, or FATE's official image")
    prefix: RegistryAddress | None = Field(
        default=None,
        description="what stands before an official image's name, host[:port][/prefix]; if absent Docker Hub,"
        " or the copy in a Harbor that replicates beside images that are built here",
    )
    digest: Digest | None = Field(default=None, description="the digest that it must have; any if absent")


class _Sources(Settings):
    """Where images come from, service by service."""

    catalogued: ClassVar[Source]
    services: Mapping[PulledService, ServiceImage] = Field(
        default={}, description="services whose images come from elsewhere than the others"
    )

    def source_of(self, service: str) -> Source:
        """Return where the image of a service comes from."""
        own = self.services.get(service)
        return own.source if own else self.catalogued

    @property
    def from_docker_hub(self) -> frozenset[str]:
        """Return the services whose official image is named by itself, and of no registry but Docker Hub."""
        own = self.services.items()
        return frozenset(name for name, each in own if each.source == "hub" and each.prefix is None)

    def reference(self, service: str, image: ImageFacts) -> ImageReference:
        """Return the reference of a service's image, without the registry that a mirror puts before it."""
        own = self.services.get(service)
        if own is None:
            return self._common(image)
        name = f"{own.prefix}/{image.name}" if own.prefix else image.name
        return ImageReference(name, image.tag, own.digest)

    def _common(self, image: ImageFacts) -> ImageReference:
        return ImageReference(image.name, image.tag)


class PackagesImages(_Sources):
    """Images built here from PyPI, Maven and Debian packages, and pushed to the stack's mirror."""

    catalogued: ClassVar[Source] = "packages"
    source: Literal["packages"] = Field(default="packages", alias="from", description="built here")


class HubImages(_Sources):
    """FATE's official images."""

    catalogued: ClassVar[Source] = "hub"
    source: Literal["hub"] = Field(default="hub", alias="from", description="the official images")
    digests: Mapping[OfficialImageName, Digest] = Field(
        default={}, description="the digest that an image must have, by image; `fate images pin` writes them"
    )

    def _common(self, image: ImageFacts) -> ImageReference:
        return ImageReference(image.name, image.tag, self.digests.get(image.name))


class RegistryImages(_Sources):
    """Images that were built here and pushed to a registry of the operator's own."""

    catalogued: ClassVar[Source] = "packages"
    source: Literal["registry"] = Field(default="registry", alias="from", description="a registry of yours")
    prefix: RegistryAddress = Field(description="what stands before an image's name: host[:port][/prefix]")
    digests: Mapping[ImageName, Digest] = Field(
        default={}, description="the digest that an image must have, by image"
    )

    def _common(self, image: ImageFacts) -> ImageReference:
        return ImageReference(f"{self.prefix}/{image.name}", image.tag, self.digests.get(image.name))


_ALTERNATIVES = Alternatives(
    "from", "source", {"packages": PackagesImages, "hub": HubImages, "registry": RegistryImages}
)
Images = Annotated[
    Annotated[PackagesImages, tagged(PackagesImages)]
    | Annotated[HubImages, tagged(HubImages)]
    | Annotated[RegistryImages, tagged(RegistryImages)],
    *_ALTERNATIVES.parts,
]
