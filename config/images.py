"""Where the images of a stack come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from config.catalogue import Source, catalogue
from config.settings import Alternatives, Settings, tagged
from config.text import Digest, RegistryAddress
from config.written import among

ImageName = Annotated[str, *among(catalogue().built())]
"""The name of an image that is built here."""


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


class PackagesImages(Settings):
    """Images built here from PyPI and Debian packages, and pushed to the stack's mirror."""

    catalogued: ClassVar[Source] = "packages"
    source: Literal["packages"] = Field(default="packages", alias="from", description="built here")


class HubImages(Settings):
    """FATE's official images."""

    catalogued: ClassVar[Source] = "hub"
    source: Literal["hub"] = Field(default="hub", alias="from", description="the official images")


class RegistryImages(Settings):
    """Images that were built here and pushed to a registry of the operator's own."""

    catalogued: ClassVar[Source] = "packages"
    source: Literal["registry"] = Field(default="registry", alias="from", description="a registry of yours")
    prefix: RegistryAddress = Field(description="what stands before an image's name: host[:port][/prefix]")
    digests: Mapping[ImageName, Digest] = Field(
        default={}, description="the digest that an image must have, by image"
    )


_ALTERNATIVES = Alternatives(
    "from", "source", {"packages": PackagesImages, "hub": HubImages, "registry": RegistryImages}
)
Images = Annotated[
    Annotated[PackagesImages, tagged(PackagesImages)]
    | Annotated[HubImages, tagged(HubImages)]
    | Annotated[RegistryImages, tagged(RegistryImages)],
    *_ALTERNATIVES.parts,
]
