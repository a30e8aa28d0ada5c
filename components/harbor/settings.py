"""The system settings of a Harbor."""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, Output, ResourceOptions

from components.harbor.resource import HarborResource


class Settings(HarborResource):
    """Values of a Harbor's configuration by its own keys, such as `read_only` or `robot_name_prefix`.

    A key that Harbor has not is refused, and so is one that CONFIG_OVERWRITE_JSON locks. Keys that are not
    named stay as they are, and all of them do when this is deleted. Passwords are none of it.
    """

    values: Output[dict[str, Any]]

    def __init__(
        self,
        resource_name: str,
        *,
        values: Input[Mapping[str, Input[str | int | bool]]],
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("Settings", resource_name, {"values": values}, opts=opts)
