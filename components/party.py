"""The component of one FATE party."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions

from components.restarts import secrets_revision
from components.runtimes.runtime import Login, Owner, Runtime
from components.services.context import PartyContext, Route
from components.services.page import password_of
from components.services.party import party_services, publications
from components.services.passwords import derive
from components.services.service import Secret, Service
from components.services.topology import api_address
from config import PartySettings, Rotation
from config.images import Images


class PartyArgs(TypedDict):
    """What a party is made of."""

    settings: PartySettings
    """Its part of the stack's configuration."""
    release: str
    """FATE's release, of which its images are."""
    rotation: Rotation
    """The numbers that its passwords are derived with."""
    images_from: Images
    """Where its images come from: how they run depends on it."""
    runtime: Runtime
    """The engine or cluster it runs on."""
    images: Mapping[str, Input[str]]
    """For each service, the reference that its runtime pulls."""
    logins: Sequence[Login]
    """What a registry asks for when its images are pulled; none for a registry that asks for nothing."""
    routes: Sequence[Route]
    """The way to each peer."""
    secret_key: Input[str]
    """The stack's secret key; every password of what the party makes is derived from it."""
    given_secrets: Mapping[str, Input[str]]
    """The passwords that others chose, by their names among the stack's secrets."""


class Party(pulumi.ComponentResource):
    """A FATE party: FATE-Flow, its database, its broker and its gateway, on one runtime.

    It makes no provider, no mirror and no image, opens no port beyond its own network unless its settings
    say so, and does not start a job: `fate doctor` does.
    """

    containers: Output[dict[str, str]]
    """The name of each service's container or workload."""
    api: Output[str | None]
    """The address of FATE-Flow's HTTP API for the operator, if the stack publishes it."""
    addresses: dict[str, Output[str]]
    """The address that a load balancer gave, by service; empty where none is asked for one."""
    passwords: dict[str, Output[str]]
    """The password of each page that it opens for its operator, by the key that opens it."""

    def __init__(self, name: str, args: PartyArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("fate:index:Party", name, None, opts)
        context = _context(args)
        owner = owner_of(context)
        place = args["runtime"].place(self, name, owner, args["logins"])
        pulled = {kind: place.pulled(kind, reference) for kind, reference in args["images"].items()}
        for service in owner.services:
            place.run(
                service,
                pulled[service.kind],
                _passwords(args, service),
                secrets_revision(args["secret_key"], service, args["given_secrets"]),
            )
        self.containers = Output.all(**place.names)
        self.addresses = dict(place.addresses)
        self.passwords = {key: _password(args, password_of(key, context)) for key in args["settings"].pages}
        self.api = Output.from_input(api_address(args["settings"]))
        self.register_outputs({"containers": self.containers, "api": self.api})


def _context(args: PartyArgs) -> PartyContext:
    settings, runtime = args["settings"], args["runtime"]
    return PartyContext(
        settings,
        args["release"],
        args["rotation"],
        args["images_from"],
        tuple(args["routes"]),
        runtime.domain(settings.id),
    )


def owner_of(context: PartyContext) -> Owner:
    """Return a party as the owner of its services."""
    settings = context.settings
    return Owner(
        settings.id,
        party_services(context),
        publications(settings),
        tuple(context.routes),
        behind_an_exchange=settings.exchange is not None,
    )


def _passwords(args: PartyArgs, service: Service) -> dict[str, Output[str]]:
    return {secret.name: _password(args, secret) for secret in service.secrets}


def _password(args: PartyArgs, secret: Secret) -> Output[str]:
    """Return a password: the one that others chose, or else the one that follows from the stack's key."""
    if secret.given:
        return Output.secret(args["given_secrets"][secret.given])
    owner = f"party-{args['settings'].id}"
    return Output.secret(args["secret_key"]).apply(lambda key: derive(key, owner, secret))
