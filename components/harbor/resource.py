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
        properties: dict[str, Any] = {_camel(key): value for key, value in inputs.items()}
        properties |= dict.fromkeys(map(_camel, told))
        self._attributes = {_camel(key): key for key in (*inputs, *told)}
        super().__init__(f"{PACKAGE}:index:{kind}", name, properties, opts)

    def translate_output_property(self, prop: str) -> str:
        """Return the attribute that a property of the plugin becomes."""
        return self._attributes.get(prop, prop)


def hidden(value: Input[Any] | None) -> Input[Any] | None:
    """Return a value as a secret, whatever the program says of it."""
    return None if value is None else pulumi.Output.secret(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
