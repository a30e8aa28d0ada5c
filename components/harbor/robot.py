"""A robot account of a Harbor."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, ResourceOptions

from components.harbor.resource import HarborResource, hidden


class Access(TypedDict):
    """One right, such as `repository` and `pull`."""

    resource: Input[str]
    action: Input[str]


class Permission(TypedDict):
    """What a robot may do, and where."""

    namespace: Input[str]
    """A project's name; `/` for the system."""
    access: Input[Sequence[Access]]
    kind: NotRequired[Input[str]]
    """`project`, the default, or `system`."""


class Robot(HarborResource):
    """An account that pulls or pushes. What it may not, its permissions do not say.

    `level` is `project`, the default, with exactly one permission for `project`; or `system`, with any
    number. `secret` has 8 to 128 characters, an upper-case and a lower-case letter and a digit. Harbor never
    tells it again, so one that was changed by hand shows as no drift. `duration_days` is reckoned from its
    creation, -1 for ever; one whose time is over is made anew with the same secret. Another name, level or
    project makes it anew. An adopted one is given this secret.

    `full_name` is what it logs in by, such as `robot$fate+puller`.
    """

    name: Output[str]
    level: Output[str]
    project: Output[str]
    description: Output[str]
    duration_days: Output[int]
    disabled: Output[bool]
    permissions: Output[list[dict[str, Any]]]
    secret: Output[str]
    full_name: Output[str]
    expires_at: Output[int]

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        permissions: Input[Sequence[Permission]],
        secret: Input[str],
        level: Input[str] | None = None,
        project: Input[str] | None = None,
        description: Input[str] | None = None,
        duration_days: Input[int] | None = None,
        disabled: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "permissions": permissions,
            "secret": hidden(secret),
            "level": level,
            "project": project,
            "description": description,
            "duration_days": duration_days,
            "disabled": disabled,
            "adopt": adopt,
        }
        super().__init__("Robot", resource_name, inputs, told=("full_name", "expires_at"), opts=opts)
