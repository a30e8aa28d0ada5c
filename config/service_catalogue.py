"""What a stack may set of each service, read from `catalogue/services.yaml`."""

import re
from collections.abc import Mapping
from functools import cache

import yaml
from pydantic import Field, RootModel

from config.releases import CATALOGUE
from config.services import ServiceName
from config.settings import Settings


class Tree(RootModel[Mapping[str, "str | Tree"]]):
    """The keys of a configuration file: a leaf names the form of its value."""


class Form(Settings):
    """What a value looks like."""

    pattern: str
    example: str
    quoted: bool = Field(default=True, description="whether text will do in a file that keeps types")

    def fits(self, value: object, typed: bool) -> bool:
        """Say whether a value, as YAML reads it, has this form in a file that keeps types or does not."""
        if not self.pattern:
            return isinstance(value, list | tuple)
        if not isinstance(value, str | int | float) or (typed and isinstance(value, str) and not self.quoted):
            return False
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return re.fullmatch(self.pattern, text) is not None


class SeenMemory(Settings):
    """The least memory, in MiB, that a service was seen to need."""

    least: int
    seen: str


class ConfigurationFile(Settings):
    """The keys of a file, and those among them that this program writes itself."""

    typed: bool = Field(default=False, description="whether text that looks like a number stays text")
    keys: Tree
    ours: Mapping[str, str] = Field(default={})


class ServiceEntry(Settings):
    """What a stack may set of one service."""

    memory: SeenMemory | None = None
    environment: Mapping[str, str] = Field(default={})
    files: Mapping[str, ConfigurationFile] = Field(default={})


class ServiceCatalogue(Settings):
    """What a stack may set of every service."""

    forms: Mapping[str, Form]
    fateflow: ServiceEntry
    database: ServiceEntry
    broker: ServiceEntry
    gateway: ServiceEntry

    def entry(self, service: ServiceName) -> ServiceEntry:
        """Return what a stack may set of one service."""
        entry: ServiceEntry = getattr(self, service)
        return entry


@cache
def service_catalogue() -> ServiceCatalogue:
    """Return the catalogue that comes with this program."""
    text = (CATALOGUE / "services.yaml").read_text(encoding="utf-8")
    return ServiceCatalogue.model_validate(yaml.safe_load(text))
