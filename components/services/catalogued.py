"""A service as its facts and its code make it together."""

from collections.abc import Container, Mapping, Sequence

from components.services.service import Audience, File, Port, Probe, Resources, Secret, Service, Volume
from config import Source, catalogue
from config.catalogue import PortFacts


def catalogued(
    name: str,
    source: Source,
    present: Container[str],
    *,
    command: tuple[str, ...],
    probe: Probe,
    environment: Mapping[str, str],
    files: Sequence[File],
    secrets: Sequence[Secret] = (),
) -> Service:
    """Return a service: ports, volumes, memory and user are facts of the catalogue, the rest is code.

    Of the services that it needs and calls, it has those that are `present`.
    """
    facts, layout = catalogue().services[name], catalogue().layout(name, source)
    return Service(
        name=name,
        user=layout.user,
        command=command,
        probe=probe,
        resources=Resources(memory=facts.memory.limit),
        environment=environment,
        files=tuple(files),
        secrets=tuple(secrets),
        ports=tuple(_port(port, each) for port, each in facts.ports.items()),
        volumes=tuple(Volume(volume, each.path) for volume, each in facts.volumes.items()),
        needs=tuple(other for other in facts.needs if other in present),
        calls=tuple(other for other in facts.calls if other in present),
        scratch=layout.scratch,
        read_only_root=layout.read_only_root,
    )


def _port(name: str, facts: PortFacts) -> Port:
    return Port(name, facts.number, Audience(facts.audience), facts.speaks == "http")
