"""A service as its facts and its code make it together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from components.services.context import PartyContext
from components.services.service import Audience, File, Port, Probe, Resources, Secret, Service, Volume
from config import catalogue
from config.catalogue import Layout, PortFacts


def catalogued(
    kind: str,
    context: PartyContext,
    *,
    command: tuple[str, ...],
    probe: Probe,
    environment: Mapping[str, str],
    files: Sequence[File],
    secrets: Sequence[Secret] = (),
) -> Service:
    """Return a service: ports, volumes, memory, GPUs and user are facts of the catalogue, the rest is code.

    Of the services that it needs and calls, it has those that its party has; it dials those that others run.
    """
    service = neutral(
        kind,
        context.layout(kind),
        command=command,
        probe=probe,
        environment=environment,
        files=files,
        secrets=secrets,
    )
    facts = catalogue().services[kind]
    return replace(
        service,
        name=context.instance or kind,
        resources=replace(service.resources, gpus=context.settings.gpus_of(kind)),
        volumes=tuple(Volume(name, each.path) for name, each in context.settings.volumes_of(kind).items()),
        needs=context.all_of(facts.needs),
        calls=context.all_of(facts.calls),
        fetches_from=context.dialled_outside(facts.calls),
        opens_more_to=context.all_of(facts.opens_more_to),
    )


def neutral(
    kind: str,
    layout: Layout,
    *,
    command: tuple[str, ...],
    probe: Probe,
    environment: Mapping[str, str],
    files: Sequence[File],
    secrets: Sequence[Secret] = (),
) -> Service:
    """Return a service that stands alone: it needs and calls no other."""
    facts = catalogue().services[kind]
    return Service(
        name=kind,
        user=layout.user,
        command=command,
        probe=probe,
        resources=Resources(memory=facts.memory.limit, shared=facts.memory.shared),
        environment=environment,
        files=tuple(files),
        secrets=tuple(secrets),
        ports=tuple(_port(port, each) for port, each in facts.ports.items()),
        volumes=tuple(Volume(volume, each.path, each.lacking) for volume, each in facts.volumes.items()),
        tools=frozenset(layout.tools),
        copied=layout.copied,
        user_on_docker=layout.user if layout.user_on_docker is None else layout.user_on_docker,
        foreign=layout.foreign,
        scratch=layout.scratch,
        read_only_root=layout.read_only_root,
    )


def _port(name: str, facts: PortFacts) -> Port:
    return Port(name, facts.number, Audience(facts.audience), facts.speaks == "http")
