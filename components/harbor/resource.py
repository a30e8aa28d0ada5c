"""What every resource of a Harbor has: names as Python writes them, and as the plugin does."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import CustomResource, Input, ResourceOptions

PACKAGE = "fate-harbor"


class HarborResource(CustomResource):
    """A resource of the plugin. What is None is left to the plugin's default.

    Names are translated where they are properties of the resource itself; inside of these they are one word.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        inputs: Mapping[str, Input[Any] | None],
        told: tuple[str, ...] = (),
        opts: ResourceOptions | None = None,
    ) -> None:
        properties = {**inputs, **dict.fromkeys(told)}
        self._names = {key: _camel(key) for key in properties}
        super().__init__(f"{PACKAGE}:index:{kind}", name, properties, opts)

    def translate_input_property(self, prop: str) -> str:
        """Return the plugin's name of an attribute."""
        return self._names.get(prop, prop)

    def translate_output_property(self, prop: str) -> str:
        """Return the attribute that a property of the plugin becomes."""
        return {plugins: ours for ours, plugins in self._names.items()}.get(prop, prop)


def hidden(value: Input[Any] | None) -> Input[Any] | None:
    """Return a value as a secret, whatever the program says of it."""
    return None if value is None else pulumi.Output.secret(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
