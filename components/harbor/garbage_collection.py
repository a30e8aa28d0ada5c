"""The garbage collection of a Harbor."""

from pulumi import Input, Output, ResourceOptions

from components.harbor.resource import HarborResource


class GarbageCollection(HarborResource):
    """When a Harbor takes away what no artifact refers to. It has one schedule, which is taken over.

    `cron` has six fields, seconds first. `delete_untagged` takes artifacts without a tag too, by default
    false. `workers` is 1 to 10, by default 1. Its deletion ends the schedule.
    """

    cron: Output[str]
    delete_untagged: Output[bool]
    workers: Output[int]

    def __init__(
        self,
        resource_name: str,
        *,
        cron: Input[str],
        delete_untagged: Input[bool] | None = None,
        workers: Input[int] | None = None,
        adopt: Input[bool] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        inputs = {"cron": cron, "delete_untagged": delete_untagged, "workers": workers, "adopt": adopt}
        super().__init__("GarbageCollection", resource_name, inputs, opts=opts)
