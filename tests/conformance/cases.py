"""The table of what pulumi-docker 5.1.0 does, as `docker.yaml` has it, observed row by row."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field

TABLE = Path(__file__).with_name("docker.yaml")
TYPES = {
    "Container": "docker:index/container:Container",
    "Network": "docker:index/network:Network",
    "Volume": "docker:index/volume:Volume",
    "RemoteImage": "docker:index/remoteImage:RemoteImage",
    "RegistryImage": "docker:index/registryImage:RegistryImage",
}
Values = dict[str, Any]
Operation = Literal["none", "update", "replace"]


class Row(BaseModel):
    """A row of the table: nothing but what is named in it, and nothing that changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(Row):
    """What the plugin tells: the operation, and each place of the detailed diff with its kind."""

    told: Operation
    paths: Mapping[str, str] = Field(default_factory=dict)


class Resource(Row):
    """What is there."""

    type: Literal["Container", "Network", "Volume", "RemoteImage", "RegistryImage"]
    inputs: Values

    @property
    def token(self) -> str:
        """Return the type as the protocol has it."""
        return TYPES[self.type]


class Change(Told):
    """A program that declares something else, of a resource that is there."""

    of: str
    change: str
    set: Values = Field(default_factory=dict)
    without: tuple[str, ...] = ()

    def inputs(self, base: Values) -> Values:
        """Return the inputs after the change."""
        return {name: value for name, value in {**base, **self.set}.items() if name not in self.without}


class Update(Change):
    """A change that is told as an update: what the engine has afterwards, and what a refresh then finds."""

    applied: Values
    afterwards: Told


class Drift(Row):
    """What somebody does to the real object, and what a refresh makes of it: `gone`, or a difference."""

    of: str
    by_hand: str
    gone: bool = False
    told: Operation = "none"
    paths: Mapping[str, str] = Field(default_factory=dict)


class Failure(Row):
    """A resource that cannot be made: why, if the state has it, what is told next and after a refresh."""

    what: str
    type: Literal["Container", "Network", "Volume", "RemoteImage", "RegistryImage"]
    inputs: Values
    says: str
    half: bool = False
    next: Told | None = None
    refreshed: Told | None = None


class Made(Row):
    """A container that the plugin calls made although one may not expect it."""

    what: str
    inputs: Values
    state: Values
    next: Told


class Refusal(Row):
    """Inputs that the plugin does not take."""

    type: Literal["Container", "Network", "Volume", "RemoteImage", "RegistryImage"]
    inputs: Values
    says: str


class Order(Row):
    """A list as a program declares it, and as the state has it."""

    property: str
    declared: list[Any]
    state: list[Any]


class Difference(Row):
    """Where the stand-in may differ: other words for the same refusal, and why."""

    row: str
    says: str
    because: str


class Table(Row):
    """The whole table."""

    resources: Mapping[str, Resource]
    changes: tuple[Change, ...]
    updates: tuple[Update, ...]
    drifts: tuple[Drift, ...]
    failures: tuple[Failure, ...]
    made: tuple[Made, ...]
    refusals: tuple[Refusal, ...]
    orders: tuple[Order, ...]
    differences: tuple[Difference, ...]

    @classmethod
    def read(cls) -> Self:
        """Read the table from its file."""
        return cls.model_validate(yaml.safe_load(TABLE.read_text()))


def filled(value: Any, names: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any value of a row
    """Return a value of a row with the names of this run in the places of `<name>`."""
    if isinstance(value, str):
        for name, meant in names.items():
            if value == f"<{name}>":
                return meant
            value = value.replace(f"<{name}>", str(meant))
        return value
    if isinstance(value, dict):
        return {filled(key, names): filled(part, names) for key, part in value.items()}
    return [filled(part, names) for part in value] if isinstance(value, list) else value
