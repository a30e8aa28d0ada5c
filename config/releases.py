"""FATE's releases and the images of each, read from `catalogue/releases.yaml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import RootModel

from config.settings import Settings

CATALOGUE = Path(__file__).parent / "catalogue"

Source = Literal["packages", "hub"]
Service = Literal["fateflow", "database", "broker", "gateway", "registry"]


class CatalogueImage(Settings):
    """An image's name and tag, without a registry."""

    name: str
    tag: str


class Release(RootModel[Mapping[Source, Mapping[Service, CatalogueImage]]]):
    """The images of one FATE release, by source and service."""

    def image(self, source: str, service: str) -> CatalogueImage | None:
        """Return the image of a service, None where the release has none from that source."""
        by_service: Mapping[str, CatalogueImage] = {**self.root.get(source, {})}  # type: ignore[call-overload]
        return by_service.get(service)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return where the release's images can come from."""
        return tuple(self.root)


class ReleaseCatalogue(RootModel[Mapping[str, Release]]):
    """Every release that this program knows."""

    def names(self) -> tuple[str, ...]:
        """Return the releases' names, the oldest first."""
        return tuple(self.root)

    def having(self, source: str, service: str) -> tuple[str, ...]:
        """Return the releases that have an image of a service from a source."""
        return tuple(name for name, release in self.root.items() if release.image(source, service))


@cache
def catalogue() -> ReleaseCatalogue:
    """Return the catalogue that comes with this program."""
    text = (CATALOGUE / "releases.yaml").read_text(encoding="utf-8")
    return ReleaseCatalogue.model_validate(yaml.safe_load(text))


def release(name: str) -> Release:
    """Return a release. Raises KeyError for one that the catalogue lacks: `load` has refused it before."""
    return catalogue().root[name]
