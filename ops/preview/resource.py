"""A resource as a program declared it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Resource:
    """One resource: what it is, what it was given, and what is to happen to it."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delete_before_replace: bool | None = None
    """Whether the old one goes first; None leaves it to the plugin."""
    protect: bool = False
    retain_on_delete: bool = False
    replace_on_changes: tuple[str, ...] = ()
    replace_with: tuple[str, ...] = ()
    """The URNs of those with which it is replaced, whatever of its own changes."""
    ignore_changes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def provider_urn(self) -> str:
        """Return the URN of the provider, without its id."""
        return self.provider.rpartition("::")[0]

    def as_json(self) -> dict[str, Any]:
        """Return the resource as JSON has it."""
        return vars(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Resource":
        """Return what `as_json` told."""
        rows = ("dependencies", "replace_on_changes", "replace_with", "ignore_changes", "aliases")
        told: dict[str, Any] = {key: tuple(value) if key in rows else value for key, value in found.items()}
        links = {key: tuple(urns) for key, urns in found["property_dependencies"].items()}
        told["property_dependencies"] = links
        return cls(**told)
