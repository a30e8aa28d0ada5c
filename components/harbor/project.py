"""A project of a Harbor."""

from pulumi import Input, Output, ResourceOptions

from components.harbor.resource import HarborResource


class Project(HarborResource):
    """A place for images. With a `registry_id` it is that upstream's cache, which takes no push.

    A cache is no offline mirror: with its upstream down Harbor answers 404 for a tag of a manifest list. Its
    robots, retention and replications are resources of their own.

    `quota` is in bytes, -1 for none. `proxy_speed_kb` (KB/s) and `max_upstream_connections` limit a cache, -1
    for no limit. Another name or registry makes it anew. It is not deleted while it holds images. `adopt`
    takes over one that is there, with its images; it is refused otherwise.
    """

    name: Output[str]
    public: Output[bool]
    quota: Output[int]
    registry_id: Output[str]
    proxy_speed_kb: Output[int]
    max_upstream_connections: Output[int]

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        public: Input[bool] | None = None,
        quota: Input[int] | None = None,
        registry_id: Input[str] | None = None,
        proxy_speed_kb: Input[int] | None = None,
        max_upstream_connections: Input[int] | None = None,
        adopt: Input[bool] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "public": public,
            "quota": quota,
            "registry_id": registry_id,
            "proxy_speed_kb": proxy_speed_kb,
            "max_upstream_connections": max_upstream_connections,
            "adopt": adopt,
        }
        super().__init__("Project", resource_name, inputs, opts=opts)
