"""The component of one FATE party."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions

from components.runtimes import docker as runtime
from components.services.party import party_services, publications
from components.services.passwords import derive, fingerprint, revision
from components.services.routes import Route
from components.services.service import Secret, Service
from components.services.topology import api_address
from config import PartySettings, Rotation


class PartyArgs(TypedDict):
    """What a party is made of."""

    settings: PartySettings
    """Its part of the stack's configuration."""
    rotation: Rotation
    """The numbers that its passwords are derived with."""
    host: runtime.DockerHost
    """The engine it runs on."""
    images: Mapping[str, Input[str]]
    """For each service, the reference that this engine pulls."""
    routes: Sequence[Route]
    """The way to each peer."""
    secret_key: Input[str]
    """The stack's one secret; every password of the party is derived from it."""


class Party(pulumi.ComponentResource):
    """A FATE party: FATE-Flow, its database, its broker and its gateway, on one runtime.

    It makes no provider, no mirror and no image, opens no port beyond its own network unless its settings
    say so, and does not start a job: `python -m doctor` does.
    """

    containers: Output[dict[str, str]]
    """The name of each service's container."""
    api: Output[str | None]
    """The address of FATE-Flow's HTTP API for the operator, if the stack publishes it."""

    def __init__(self, name: str, args: PartyArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("fate:index:Party", name, None, opts)
        settings = args["settings"]
        place = runtime.place(args["host"], self, name, settings.id)
        key = Output.unsecret(Output.from_input(args["secret_key"]).apply(fingerprint))
        for service in party_services(settings, args["rotation"], args["routes"]):
            runtime.run(
                place,
                service,
                runtime.pulled(place, service.name, args["images"][service.name]),
                _passwords(args, service),
                publications(settings),
                _revision(key, service) if service.secrets else None,
            )
        self.containers = Output.all(**{key: container.name for key, container in place.running.items()})
        self.api = Output.from_input(api_address(settings))
        self.register_outputs({"containers": self.containers, "api": self.api})


def _revision(key: Output[str], service: Service) -> Output[str]:
    return key.apply(lambda key: revision(key, service))


def _passwords(args: PartyArgs, service: Service) -> dict[str, Output[str]]:
    key = Output.secret(args["secret_key"])
    owner = f"party-{args['settings'].id}"
    return {secret.name: _password(key, owner, secret) for secret in service.secrets}


def _password(key: Output[str], owner: str, secret: Secret) -> Output[str]:
    return key.apply(lambda key: derive(key, owner, secret))
