"""What a file of the catalogue may say of a service: closed models."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, RootModel, model_validator

from config.settings import Settings

Source = Literal["packages", "hub"]
"""Where images come from: built here from packages, or FATE's official ones."""
Origin = Literal["packages", "hub", "harbor"]
"""The same, and what a stack does not choose by release: Harbor's own images, by Harbor's version."""


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


class ConfigurationFile(Settings):
    """The keys of a file, and those among them, with all below, that this program writes itself."""

    typed: bool = Field(default=False, description="whether text that looks like a number stays text")
    when: Mapping[str, tuple[str, ...]] = Field(
        default={}, description="the values that keys of its party must have for it to be there"
    )
    keys: Tree
    ours: Mapping[str, str] = Field(default={}, description="what to write instead, by key")


class PortFacts(Settings):
    """A port that a service listens on, inside its own network."""

    number: Annotated[int, Field(ge=1, le=65535)]
    audience: Literal["party", "peers", "operator"] = Field(
        default="party", description="who may dial it: services of its party, peers too, the operator too"
    )
    speaks: Literal["http", "tcp"] = Field(
        default="tcp", description="what a proxy before it must carry: HTTP requests, or bytes"
    )
    carries: str = Field(default="", description="what parties exchange there, in pictures")
    opened_by: str = Field(default="", description="the party's key that opens it for the operator")
    asks: Literal["nothing", "password", "account"] = Field(
        default="nothing", description="what it asks the operator for: a password, a user's name too"
    )


class VolumeFacts(Settings):
    """A folder whose content outlives the service."""

    path: str
    size: str = Field(description="what its claim asks for unless the stack says another size")
    when: Mapping[str, tuple[str, ...]] = Field(
        default={}, description="the values that keys of its party must have for it to be there"
    )
    kubefate: tuple[str, ...] = Field(default=(), description="KubeFATE's modules with its claim, if others")
    lacking: bool = Field(
        default=False, description="whether the image lacks the folder, so that nothing gives it to its user"
    )


class MemoryFacts(Settings):
    """Memory in MiB: the limit unless the stack says another, and the least that was seen to be needed."""

    limit: int
    least: int | None = None
    seen: str = Field(default="", description="how the least was seen")
    alone: int | None = Field(default=None, description="what one that computes takes for itself")
    process: int | None = Field(default=None, description="what each process that computes takes")
    shared: int | None = Field(
        default=None, description="what processes share of it at /dev/shm; what a container has if none"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.least is None) == bool(self.seen):
            raise ValueError("`least` and `seen` come together")
        return self


class ImageFacts(Settings):
    """An image's name and tag, without a registry."""

    name: str
    tag: str
    paths: Mapping[str, str] = Field(
        default={}, description="paths of this release, besides those of its layout"
    )
    variants: tuple[str, ...] = Field(default=("",), description="what its name may end with besides")


Tool = Literal["sh", "bash", "busybox"]
"""What starting and probing know how to use."""


class Layout(Settings):
    """How the images of one source run: as whom, what, and where they write."""

    user: int
    program: tuple[str, ...]
    paths: Mapping[str, str] = Field(default={}, description="folders that rendering needs, by what they are")
    scratch: tuple[str, ...] = Field(description="folders written to that may be empty at every start")
    tools: tuple[Tool, ...] = Field(default=(), description="programs that starting and probing may call")
    read_only_root: bool = Field(default=True, description="whether it runs without writing elsewhere")
    copied: tuple[str, ...] = Field(
        default=(), description="folders among `scratch` that are first filled with what the image has there"
    )
    user_on_docker: int | None = Field(
        default=None,
        description="as whom it runs on Docker, where an image's folders keep their owner; `user` if none",
    )
    foreign: bool = Field(
        default=False,
        description="whether the image is another product's: it has no folder for secrets, and its own"
        " entrypoint is `program`",
    )


class ImagesFrom(Settings):
    """The images of one source, by release; Harbor's by its version."""

    layout: Layout | None = Field(default=None, description="none where this program does not run them yet")
    suffixes: Mapping[str, Mapping[str, str]] = Field(
        default={}, description="what the name ends with, by the values of keys of the party, in their order"
    )
    releases: Mapping[str, ImageFacts]


class ServiceFacts(Settings):
    """All that is known of one service and is not code."""

    rank: int = Field(description="where it stands in lists and pictures")
    of: Literal["party", "mirror", "exchange", "harbor"] = "party"
    what: str = Field(description="what it does, for a person")
    when: Mapping[str, tuple[str, ...]] = Field(
        default={}, description="the values that keys of its party must have for it to be there"
    )
    absent: str = Field(default="", description="why a party has none, said of it")
    external: str = Field(
        default="", description="the key below `external` of a party that says what is in its place"
    )
    loss: str = Field(description="what its loss means for a person")
    kubefate: tuple[str, ...] = Field(default=(), description="KubeFATE's modules in its place")
    accelerated: bool = Field(
        default=False, description="whether it computes what GPUs are for, where its party has them"
    )
    routes: bool = Field(
        default=False,
        description="whether what peers send to it says which party it is for, and it passes it on",
    )
    needs: tuple[str, ...] = Field(default=(), description="services that must answer before it starts")
    calls: tuple[str, ...] = Field(default=(), description="services of its party that it dials")
    ports: Mapping[str, PortFacts] = Field(min_length=1)
    opens_more_to: tuple[str, ...] = Field(
        default=(), description="services of its party for which it opens further ports, of its own choice"
    )
    volumes: Mapping[str, VolumeFacts] = {}
    memory: MemoryFacts
    replicas: Annotated[int, Field(ge=1, le=5)] = Field(
        default=1,
        description="the most that may run beside each other",
    )
    instances: Annotated[int, Field(ge=1, le=99)] | None = Field(
        default=None,
        description="how many there are by themselves, each with volumes of its own; none where it is one",
    )
    environment: Mapping[str, str] = Field(default={}, description="variables that are ours, and why")
    files: Mapping[str, ConfigurationFile] = {}
    images: Mapping[Origin, ImagesFrom]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.when) != bool(self.absent):
            raise ValueError("`when` and `absent` come together")
        if self.replicas > 1 and self.volumes:
            raise ValueError("one that keeps a volume cannot run beside another on it")
        if self.replicas > 1 and self.instances:
            raise ValueError("instances have names of their own, and replicas have one")
        if [port.audience for port in self.ports.values()].count("peers") > 1:
            raise ValueError("peers meet a service at one port")
        return self
