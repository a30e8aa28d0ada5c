"""The retention of a project of a Harbor."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, ResourceOptions

from components.harbor.resource import HarborResource


class Rule(TypedDict):
    """What stays; what no rule keeps is taken away when the retention runs."""

    template: Input[str]
    """`latestPushedK`, `latestPulledN`, `nDaysSinceLastPush`, `nDaysSinceLastPull` or `always`."""
    count: NotRequired[Input[int]]
    """How many artifacts or days, 1 or more."""
    repositories: NotRequired[Input[str]]
    """A pattern, `**` by default."""
    tags: NotRequired[Input[str]]
    """A pattern, `**` by default."""
    repositoriesAre: NotRequired[Input[str]]
    """`repoMatches`, the default, or `repoExcludes`."""
    tagsAre: NotRequired[Input[str]]
    """`matches`, the default, or `excludes`."""
    untagged: NotRequired[Input[bool]]
    """Whether artifacts without a tag stay too, by default true."""
    disabled: NotRequired[Input[bool]]


class Retention(HarborResource):
    """Which artifacts of a project stay. A project has one at most: one that is there is taken over.

    Harbor makes one itself for a proxy cache (7 days since the last pull). `cron` has six fields, seconds
    first; "" runs it by hand only. Without it every artifact stays, so a deletion loses nothing. Another
    project makes it anew.
    """

    project: Output[str]
    cron: Output[str]
    rules: Output[list[dict[str, Any]]]

    def __init__(
        self,
        resource_name: str,
        *,
        project: Input[str],
        rules: Input[Sequence[Rule]],
        cron: Input[str] | None = None,
        adopt: Input[bool] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        inputs = {"project": project, "rules": rules, "cron": cron, "adopt": adopt}
        super().__init__("Retention", resource_name, inputs, opts=opts)
