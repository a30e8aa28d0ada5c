"""The services of one party, and the ports that its stack opens."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import cast

from components.services.context import PartyContext
from components.services.service import Publication, Service
from config import PartySettings, ServiceOverride, catalogue
from config.external import ExternalSpark
from config.pages import Page, PageIngress


def party_services(context: PartyContext) -> tuple[Service, ...]:
    """Return the services of a party, those first that others need.

    Their number, names, secrets, ports and volumes do not depend on routes and domain; only the texts of
    files do.
    """
    overrides = context.settings.services
    return tuple(
        _overridden(_code_of(kind)(_one_of(context, kind, name)), overrides.get(kind))
        for kind in catalogue().needed_first()
        if kind in context.present
        for name in context.settings.instances_of(kind)
    )


def _one_of(context: PartyContext, kind: str, name: str) -> PartyContext:
    return replace(context, instance=name) if name != kind else context


def _code_of(name: str) -> Callable[[PartyContext], Service]:
    """Return what makes a service: `service` of the module that has its name."""
    return cast("Callable[[PartyContext], Service]", import_module(f"components.services.{name}").service)


def publications(party: PartySettings) -> tuple[Publication, ...]:
    """Return the ports that a party opens outside its own network; none unless its settings say so."""
    return (*_for_the_operator(party), *_for_peers(party), *_for_executors(party))


def _for_the_operator(party: PartySettings) -> Iterator[Publication]:
    opened = catalogue().openings()
    for key, opening in party.openings.items():
        service, port = opened[key]
        if opening.port is not None:
            yield Publication(service, port.number, opening.port, opening.bind, f"{key}.port")
        if isinstance(opening, Page) and opening.ingress is not None:
            yield _by_ingress(service, port.number, key, opening.ingress)


def _by_ingress(service: str, number: int, key: str, ingress: PageIngress) -> Publication:
    port = 443 if ingress.tls_secret else 80
    return Publication(service, number, port, ingress.host, f"{key}.ingress", ingress=ingress)


def _for_peers(party: PartySettings) -> Iterator[Publication]:
    expose = party.expose
    if expose is None:
        return
    sources, met = tuple(sorted(expose.sources)), catalogue().met_by_peers()
    for name, (_, port) in expose.addresses.items():
        if name in party.service_names:
            number, key = met[name][1].number, f"expose.{name}-port"
            yield Publication(name, number, port, expose.bind, key, expose.host, sources)


def _for_executors(party: PartySettings) -> Iterator[Publication]:
    """Yield the ports at which executors elsewhere dial FATE-Flow back."""
    spark = party.outside.get("sparkmaster")
    if isinstance(spark, ExternalSpark) and spark.driver is not None:
        for port in spark.called_back_at:
            key = "external.spark.driver.port"
            yield Publication("fateflow", port, port, spark.driver.bind, key, opened_for="Spark's executors")


def _overridden(service: Service, override: ServiceOverride | None) -> Service:
    if override is None:
        return service
    limits = replace(
        service.resources,
        memory=override.memory or service.resources.memory,
        cpus=override.cpus or service.resources.cpus,
    )
    return replace(service, resources=limits, environment={**service.environment, **override.environment})
