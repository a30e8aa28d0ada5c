"""An upstream endpoint of a Harbor."""

from pulumi import Input, Output, ResourceOptions

from components.harbor.resource import HarborResource, hidden


class Registry(HarborResource):
    """Where a Harbor replicates from, and what its proxy caches stand before.

    Harbor asks the upstream when it is made or changed, and refuses where that is down or refuses the login.
    `type` is `docker-registry` by default, or `harbor`; `docker-hub` goes to fixed addresses, so a mirror of
    it is a `docker-registry`. Another type makes it anew. `insecure` checks no certificate; `ca_certificate`
    is the PEM of who signed it. It is not deleted while a replication or a cache needs it.
    """

    name: Output[str]
    type: Output[str]
    url: Output[str]
    description: Output[str]
    insecure: Output[bool]
    ca_certificate: Output[str]
    access_key: Output[str]
    access_secret: Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        url: Input[str],
        type: Input[str] | None = None,
        description: Input[str] | None = None,
        insecure: Input[bool] | None = None,
        ca_certificate: Input[str] | None = None,
        access_key: Input[str] | None = None,
        access_secret: Input[str] | None = None,
        adopt: Input[bool] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "url": url,
            "type": type,
            "description": description,
            "insecure": insecure,
            "ca_certificate": ca_certificate,
            "access_key": access_key,
            "access_secret": hidden(access_secret),
            "adopt": adopt,
        }
        super().__init__("Registry", resource_name, inputs, opts=opts)
