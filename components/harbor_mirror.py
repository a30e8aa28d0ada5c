"""The component of a Harbor that parties pull from."""

from collections.abc import Mapping
from typing import Any, TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions

from components.restarts import secrets_revision
from components.runtimes.runtime import Owner, Runtime
from components.services.derived_keys import NOT_AFTER
from components.services.harbor import PROXY, harbor_publications, harbor_services
from components.services.harbor_secrets import ADMIN, admin_password, authority_of, values
from components.services.service import Secret
from config import HarborMirror


class HarborArgs(TypedDict):
    """What a Harbor is made of."""

    settings: HarborMirror
    """Its part of the stack's configuration."""
    runtime: Runtime
    """The engine or the cluster it runs on."""
    secret_key: Input[str]
    """The stack's one secret; every secret of Harbor's own is derived from it."""
    given_secrets: Mapping[str, Input[str]]
    """The value of each secret that the stack was given, by its name."""


class Harbor(pulumi.ComponentResource):
    """A Harbor inside the operator's own network, whose project holds copies of what parties run.

    What is in it, HarborContents declares.
    It ends TLS, and opens one port: of an engine on loopback unless its settings name another address, of a
    cluster as that exposes. On a cluster its own chart makes it.
    """

    address: Output[str]
    """What stands before the name of an image that is pulled: host, port and project."""
    url: Output[str]
    """Where its pages and its API are."""
    authority: Output[str | None]
    """The certificate (PEM) of who signed its own, for engines to trust; None where that was given.

    Both are valid until the day that the stack output `harbor` tells.
    """
    login: Output[dict[str, str]]
    """The first account, a secret. Harbor keeps the password of its first start."""

    def __init__(self, name: str, args: HarborArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("fate:index:Harbor", name, None, opts)
        settings, key = args["settings"], Output.secret(args["secret_key"])
        self.authority = Output.unsecret(key.apply(lambda key: authority_of(key, name, settings)))
        opened = self._charted(name, args) if settings.chart else _workload(self, name, args).id
        self.address = opened.apply(lambda _: settings.pull_address)
        self.url = opened.apply(lambda _: f"https://{settings.authority}")
        password = key.apply(lambda key: admin_password(key, name))
        self.login = Output.secret(Output.all(user=ADMIN, password=password))
        self.register_outputs({"address": self.address, "url": self.url, "authority": self.authority})

    def _charted(self, name: str, args: HarborArgs) -> Output[object]:
        """Declare it by its own chart. Imported here, as a cluster is."""
        from components.harbor_chart import Charted, charted_harbor
        from components.runtimes.kubernetes import Cluster

        settings, runtime, given = args["settings"], args["runtime"], args["given_secrets"]
        assert isinstance(runtime, Cluster), "a chart is for a cluster"
        secrets, key = _secrets(name, args), args["secret_key"]
        return charted_harbor(self, name, Charted(settings, runtime, key, given, secrets, self.authority))


def harbor_output(made: Harbor) -> dict[str, Any]:
    """Return the stack outputs `harbor`, whom engines must trust among it, and `harbor-login`, a secret."""
    until = made.authority.apply(lambda authority: authority and NOT_AFTER.date().isoformat())
    return {
        "harbor": {"url": made.url, "authority": made.authority, "valid-until": until},
        "harbor-login": made.login,
    }


def _workload(parent: Harbor, name: str, args: HarborArgs) -> pulumi.CustomResource:
    """Make every service, those first that others need; return the one that is opened."""
    settings, given = args["settings"], args["given_secrets"]
    services = harbor_services(settings)
    owner = Owner(None, services, harbor_publications(settings))
    place = args["runtime"].place(parent, name, owner)
    secrets = _secrets(name, args)
    made = {
        service.name: place.run(
            service,
            place.pulled(service.name, settings.images.reference(service.name)),
            {secret.name: _one_of(secrets, secret) for secret in service.secrets},
            secrets_revision(args["secret_key"], service, given),
        )
        for service in services
    }
    return made[PROXY]


def _secrets(name: str, args: HarborArgs) -> Output[dict[Secret, str]]:
    """Return the value of every secret of Harbor's services."""
    settings, given = args["settings"], args["given_secrets"]
    told = Output.all(key=Output.secret(args["secret_key"]), given=Output.all(**given) if given else {})
    return told.apply(lambda told: values(told["key"], name, settings, told["given"]))


def _one_of(secrets: Output[dict[Secret, str]], secret: Secret) -> Output[str]:
    return secrets.apply(lambda found: found[secret])
