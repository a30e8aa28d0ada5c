"""Which Harbor, and who asks it."""

from pulumi import Input, ProviderResource, ResourceOptions

from components.harbor.resource import PACKAGE, hidden


class HarborProvider(ProviderResource):
    """The plugin for one Harbor. Another address or login is the same Harbor: nothing is made anew for it.

    `url` is http:// or https://, a host and a port. `username` is a system administrator, by default `admin`.
    `ca` is the PEM of who signed the certificate where this machine does not trust it; `verify` false trusts
    any. Harbor takes the admin's password from its own database after its first start.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        url: Input[str],
        password: Input[str],
        username: Input[str] | None = None,
        ca: Input[str] | None = None,
        verify: bool = True,
        opts: ResourceOptions | None = None,
    ) -> None:
        properties = {
            "url": url,
            "username": username,
            "password": hidden(password),
            "ca": ca,
            "verify": str(verify).lower(),
        }
        super().__init__(PACKAGE, resource_name, properties, opts)
