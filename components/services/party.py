"""The services of one party, and the ports that its stack opens."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from components.services.broker import PORT as BROKER_PORT
from components.services.broker import broker
from components.services.broker import password as broker_password
from components.services.database import database
from components.services.database import password as database_password
from components.services.fateflow import HTTP_PORT, fateflow, merged, route_table, service_conf
from components.services.gateway import HTTP_PORT as GATEWAY_PORT
from components.services.gateway import gateway
from components.services.routes import Route
from components.services.service import Publication, Secret, Service
from config import PartySettings, Rotation, ServiceName, ServiceOverride

CALLS = (ServiceName.GATEWAY, ServiceName.BROKER, ServiceName.DATABASE)
"""What FATE-Flow opens connections to."""


def party_services(
    party: PartySettings, rotation: Rotation, routes: Sequence[Route], domain: str = ""
) -> tuple[Service, ...]:
    """Return the services of a party, those first that others need.

    Their number, names, secrets, ports and volumes do not depend on `routes` and `domain`; only the texts of
    files do.
    """
    services = [
        database(rotation.database, _configuration(party, "database", "my.cnf")),
        broker(rotation.broker, _configuration(party, "broker", "rabbitmq.conf")),
        gateway(party.id, domain, routes, _configuration(party, "gateway", "nginx.conf")),
        _fateflow(party, rotation, routes),
    ]
    wanted = set(party.service_names)
    return tuple(
        _overridden(s, party.services.get(ServiceName(s.name))) for s in services if s.name in wanted
    )


def publications(party: PartySettings) -> tuple[Publication, ...]:
    """Return the ports that a party opens outside its own network; none unless its settings say so."""
    opened = []
    if party.api is not None:
        opened.append(Publication("fateflow", HTTP_PORT, party.api.port, party.api.bind))
    if party.expose is not None:
        expose = party.expose
        there = (expose.bind, expose.host, tuple(sorted(expose.sources)))
        opened.append(Publication("gateway", GATEWAY_PORT, expose.gateway_port, *there))
        if ServiceName.BROKER in party.service_names:
            opened.append(Publication("broker", BROKER_PORT, expose.broker_port, *there))
    return tuple(opened)


def _fateflow(party: PartySettings, rotation: Rotation, routes: Sequence[Route]) -> Service:
    present = set(party.service_names)
    engines = {
        "computing": str(party.engines.computing),
        "federation": str(party.engines.federation),
        "storage": str(party.engines.storage),
    }
    conf = service_conf(party.id, engines, str(party.mode), "database" in present)
    if "broker" not in present:
        del conf["federation"]["rabbitmq"]
    return fateflow(
        merged(conf, _configuration(party, "fateflow", "service_conf.yaml")),
        route_table(party.id, routes),
        _fateflow_secrets(present, rotation),
        needs=("database",) if "database" in present else (),
        calls=tuple(str(name) for name in CALLS if name in present),
    )


def _fateflow_secrets(present: set[ServiceName], rotation: Rotation) -> tuple[Secret, ...]:
    held = {
        "broker": broker_password(rotation.broker),
        "database": database_password(rotation.database),
    }
    return tuple(secret for holder, secret in held.items() if holder in present)


def _configuration(party: PartySettings, service: str, file: str) -> Mapping[str, object]:
    override = party.services.get(ServiceName(service))
    return override.configuration.get(file, {}) if override else {}


def _overridden(service: Service, override: ServiceOverride | None) -> Service:
    if override is None:
        return service
    limits = replace(
        service.resources,
        memory=override.memory or service.resources.memory,
        cpus=override.cpus or service.resources.cpus,
    )
    return replace(service, resources=limits, environment={**service.environment, **override.environment})
