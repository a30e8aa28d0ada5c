"""The services of one party, and the ports that its stack opens."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import cast

from components.services.context import PartyContext
from components.services.service import Publication, Service
from config import PartySettings, ServiceOverride, catalogue


def party_services(context: PartyContext) -> tuple[Service, ...]:
    """Return the services of a party, those first that others need.

    Their number, names, secrets, ports and volumes do not depend on routes and domain; only the texts of
    files do.
    """
    overrides = context.settings.services
    return tuple(
        _overridden(_code_of(name)(context), overrides.get(name))
        for name in catalogue().needed_first()
        if name in context.present
    )


def _code_of(name: str) -> Callable[[PartyContext], Service]:
    """Return what makes a service: `service` of the module that has its name."""
    return cast("Callable[[PartyContext], Service]", import_module(f"components.services.{name}").service)


def publications(party: PartySettings) -> tuple[Publication, ...]:
    """Return the ports that a party opens outside its own network; none unless its settings say so."""
    port, opened = catalogue().port, []
    if party.api is not None:
        opened.append(Publication("fateflow", port("fateflow", "http"), party.api.port, party.api.bind))
    if party.expose is not None:
        expose = party.expose
        there = (expose.bind, expose.host, tuple(sorted(expose.sources)))
        opened.append(Publication("gateway", port("gateway", "http"), expose.gateway_port, *there))
        if "broker" in party.service_names:
            opened.append(Publication("broker", port("broker", "amqp"), expose.broker_port, *there))
    return tuple(opened)


def _overridden(service: Service, override: ServiceOverride | None) -> Service:
    if override is None:
        return service
    limits = replace(
        service.resources,
        memory=override.memory or service.resources.memory,
        cpus=override.cpus or service.resources.cpus,
    )
    return replace(service, resources=limits, environment={**service.environment, **override.environment})
