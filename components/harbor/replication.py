"""A replication of a Harbor."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, ResourceOptions

from components.harbor.resource import HarborResource


class Filter(TypedDict):
    """What a replication takes of an upstream; `components.harbor.one_of` makes a value of names."""

    type: Input[str]
    """`name`, `tag` or `resource`."""
    value: Input[str]
    decoration: NotRequired[Input[str]]
    """`matches`, the default, or `excludes`."""


class Replication(HarborResource):
    """Which images a Harbor takes from an upstream, under what name, and when; it pulls only.

    It runs for no declaration: at its `cron`, or for a `Replicated`. The project that `namespace` begins with
    has to be there: give it that project's `name` output. `replace_count` is how many parts of an image's
    namespace give way to it: -1 all, 0 none. `cron` has six fields, seconds first and 0, its minute no `*`;
    "" is none. `speed` is in KB/s, -1 for no limit. The images stay when it is deleted.
    """

    name: Output[str]
    registry_id: Output[str]
    namespace: Output[str]
    replace_count: Output[int]
    filters: Output[list[dict[str, Any]]]
    cron: Output[str]
    description: Output[str]
    override: Output[bool]
    enabled: Output[bool]
    speed: Output[int]
    copy_by_chunk: Output[bool]
    single_active: Output[bool]

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        registry_id: Input[str],
        namespace: Input[str],
        replace_count: Input[int] | None = None,
        filters: Input[Sequence[Filter]] | None = None,
        cron: Input[str] | None = None,
        description: Input[str] | None = None,
        override: Input[bool] | None = None,
        enabled: Input[bool] | None = None,
        speed: Input[int] | None = None,
        copy_by_chunk: Input[bool] | None = None,
        single_active: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "registry_id": registry_id,
            "namespace": namespace,
            "replace_count": replace_count,
            "filters": filters,
            "cron": cron,
            "description": description,
            "override": override,
            "enabled": enabled,
            "speed": speed,
            "copy_by_chunk": copy_by_chunk,
            "single_active": single_active,
            "adopt": adopt,
        }
        super().__init__("Replication", resource_name, inputs, opts=opts)
