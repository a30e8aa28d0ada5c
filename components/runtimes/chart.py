"""Services as the values of the chart `fate-party`, which makes of them what `kubernetes.py` makes.

Plain values, no Pulumi: image and revision of a service are known where this is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from components.runtimes.chart_values import (
    ClaimValues,
    EdgeValues,
    FileValues,
    IngressValues,
    OuterPortValues,
    OuterValues,
    PartyValues,
    PeerValues,
    PortRange,
    ProbeValues,
    QuestionValues,
    ResourceValues,
    RouteValues,
    SchedulingValues,
    SecretValues,
    ServiceValues,
    StorageValues,
)
from components.runtimes.claims import claims_of
from components.runtimes.kubernetes_edges import Edge, Neighbours, Ports
from components.runtimes.kubernetes_keys import keys_of_files
from components.runtimes.kubernetes_openings import (
    OuterService,
    RouteOpening,
    WebOpening,
    openings_of,
)
from components.runtimes.kubernetes_pods import (
    Question,
    asked_by,
    folders_of,
    limits_and_requests,
    questions,
)
from components.runtimes.runtime import Owner
from components.services.service import Command, Http, Service
from components.services.start import START
from config import KubernetesSettings, Scheduling
from config.catalogue import claim_name

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Release:
    """The services of one owner, and what is known of them where they run."""

    owner: Owner
    cluster: KubernetesSettings
    namespace: str
    labels: Mapping[str, str]
    """What says of each object whose it is."""
    images: Mapping[str, str]
    """By kind of service, the reference that the cluster pulls."""
    revisions: Mapping[str, str]
    """By service, what changes when a secret of it does; none for one without."""
    pull_secrets: Sequence[str]
    """What images are pulled with."""


def party_values(party: Release) -> PartyValues:
    """Return a party's values. Its files name its namespace, and so no release in another may have them."""
    cluster = party.cluster
    return PartyValues(
        namespace=party.namespace,
        labels=party.labels,
        pull_secrets=tuple(party.pull_secrets),
        scheduling=scheduling_values(cluster.scheduling),
        storage=StorageValues(class_=cluster.storage.storage_class, access=cluster.storage.access),
        services={service.name: _service(party, service) for service in party.owner.services},
    )


def _service(party: Release, service: Service) -> ServiceValues:
    folders, openings = folders_of(service), openings_of(party.owner, party.cluster, service)
    neighbours = Neighbours(party.owner, party.cluster)
    outside, ingress = _only(OuterService, openings), _only(WebOpening, openings)
    route = _only(RouteOpening, openings)
    return ServiceValues(
        image=party.images[service.kind],
        replicas=None if service.volumes else party.cluster.replicas_of(service.name),
        resources=ResourceValues.model_validate(limits_and_requests(service.resources)),
        claims=_claims(party, service),
        files=_files(service),
        environment=service.environment,
        secret=_secret(party, service) if service.secrets else None,
        command=service.command,
        user=service.user,
        read_only_root=service.read_only_root,
        scratch={folders[path]: path for path in service.scratch},
        copied=tuple(folders[path] for path in service.copied),
        ports={port.name: port.number for port in service.ports},
        headless=bool(service.opens_more_to),
        probe=_probe(service),
        outside=_outer(outside) if outside else None,
        ingress=_ingress(ingress) if ingress else None,
        route=_route(route) if route else None,
        admits=tuple(map(_edge, neighbours.admitted(service))),
        dials=tuple(map(_edge, neighbours.dialled(service))),
    )


def _only(kind: type[Kind], openings: Iterable[object]) -> Kind | None:
    return next((each for each in openings if isinstance(each, kind)), None)


def _claims(party: Release, service: Service) -> dict[str, ClaimValues]:
    folders, sizes = folders_of(service), claims_of(party.cluster, [service])
    paths = {claim_name(service.name, volume.name): volume.path for volume in service.volumes}
    return {
        claim: ClaimValues(path=path, size=sizes[claim], volume=folders[path])
        for claim, path in paths.items()
    }


def _files(service: Service) -> dict[str, FileValues]:
    """Return the files, what all services start with last: who reads values looks for the others."""
    keys = keys_of_files(file.path for file in service.files)
    files = sorted(service.files, key=lambda file: file.path == START.path)
    return {keys[file.path]: FileValues(path=file.path, text=file.text) for file in files}


def _secret(party: Release, service: Service) -> SecretValues:
    return SecretValues(
        name=service.name,
        keys=tuple(sorted(secret.name for secret in service.secrets)),
        revision=party.revisions[service.name],
    )


def _probe(service: Service) -> ProbeValues:
    asked, when = asked_by(service), questions(service.probe)
    return ProbeValues(
        port=None if isinstance(asked, Command) else asked.port,
        path=asked.path if isinstance(asked, Http) else None,
        command=asked.words if isinstance(asked, Command) else None,
        startup=_question(when.startup),
        readiness=_question(when.readiness),
        liveness=_question(when.liveness),
    )


def _question(question: Question) -> QuestionValues:
    return QuestionValues.model_validate(question._asdict())


def _edge(edge: Edge) -> EdgeValues:
    return EdgeValues(
        services=edge.services,
        peers=tuple(PeerValues(service=service, namespace=namespace) for service, namespace in edge.near),
        blocks=edge.blocks,
        ports=tuple(map(_ports, edge.ports or ())),
    )


def _ports(ports: Ports) -> int | PortRange:
    return ports.first if ports.last is None else PortRange(from_=ports.first, to=ports.last)


def _outer(opening: OuterService) -> OuterValues:
    ports = {
        port.name: OuterPortValues(port=port.number, target=port.target, node_port=port.node)
        for port in opening.ports
    }
    return OuterValues(
        type=opening.type,
        ports=ports,
        sources=opening.sources,
        class_=opening.balancer_class,
        annotations=opening.annotations,
    )


def _ingress(opening: WebOpening) -> IngressValues:
    return IngressValues(
        host=opening.host,
        port=opening.port,
        class_=opening.ingress_class,
        tls_secret=opening.tls_secret,
        annotations=opening.annotations,
    )


def _route(opening: RouteOpening) -> RouteValues:
    return RouteValues(
        kind=opening.kind,
        port=opening.port,
        gateway=opening.gateway,
        gateway_namespace=opening.gateway_namespace,
        section=opening.section,
        hosts=opening.hosts,
    )


def scheduling_values(scheduling: Scheduling) -> SchedulingValues:
    """Return what the scheduler is told, as Kubernetes writes it."""
    tolerations = [
        {
            "key": each.key,
            "operator": each.operator,
            "value": each.value,
            "effect": each.effect,
            "tolerationSeconds": each.toleration_seconds,
        }
        for each in scheduling.tolerations
    ]
    said = tuple({key: part for key, part in each.items() if part is not None} for each in tolerations)
    return SchedulingValues(
        node_selector=scheduling.node_selector,
        tolerations=said,
        affinity=scheduling.affinity,
        priority_class_name=scheduling.priority_class,
    )
