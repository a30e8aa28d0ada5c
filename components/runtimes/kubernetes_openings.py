"""What carries the published ports of a service out of its cluster, in neutral terms; no Pulumi.

A Service of its own for the outside, an Ingress, or a route of a Gateway. Of each kind a service has one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from components.runtimes.runtime import Owner
from components.services.service import Publication, Service
from config import (
    Exposure,
    GatewayExposure,
    IngressExposure,
    KubernetesSettings,
    LoadBalancerExposure,
    NodePortExposure,
    catalogue,
)
from config.cluster_exposure import Balancer, IngressSettings, Reach


@dataclass(frozen=True)
class OuterPort:
    """A port of a Service for the outside: `number` there, `target` of the pods, `node` of every node."""

    name: str
    number: int
    target: int
    node: int | None = None


@dataclass(frozen=True)
class OuterService:
    """A Service for the outside: ports of every node, or a load balancer's.

    Where `sources` are named, a connection stays on the node it came to: another would hide its source.
    """

    type: Literal["NodePort", "LoadBalancer"]
    ports: tuple[OuterPort, ...]
    sources: tuple[str, ...] = ()
    balancer_class: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    reach: Reach = None
    """Who is to reach the address that a load balancer gives."""

    @property
    def ranges(self) -> tuple[str, ...]:
        """Return the address blocks that a load balancer lets through, none where it lets everybody."""
        return self.sources if self.type == "LoadBalancer" else ()


@dataclass(frozen=True)
class WebOpening:
    """An Ingress that leads a host's requests to a port of the service."""

    host: str
    port: int
    ingress_class: str | None = None
    tls_secret: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RouteOpening:
    """A route of the Gateway API; `hosts` are those of an HTTPRoute."""

    kind: Literal["HTTPRoute", "TCPRoute"]
    port: int
    gateway: str
    gateway_namespace: str
    section: str | None = None
    hosts: tuple[str, ...] = ()


Outside = OuterService | WebOpening | RouteOpening


def published(owner: Owner, settings: KubernetesSettings, service: str) -> list[Publication]:
    """Return what is opened of a service. Of one beside an Ingress, its balancer says for whom."""
    exposure = settings.exposure
    opened = [each for each in owner.publications if each.service == service]
    if isinstance(exposure, IngressExposure) and service in catalogue().met_by_peers("tcp"):
        return [replace(each, sources=exposure.balancer(service).sources) for each in opened]
    return opened


def openings_of(owner: Owner, settings: KubernetesSettings, service: Service) -> list[Outside]:
    """Return what carries each published port of a service; nothing if none is published.

    All ports of a service are opened at one address; routes carry one port alone.
    """
    opened, exposure = published(owner, settings, service.name), settings.exposure
    if not opened:
        return []
    web = {port.number for port in service.ports if port.speaks_http}
    alone = [[each] for each in opened]
    if isinstance(exposure, NodePortExposure | LoadBalancerExposure):
        together = [each for each in opened if each.ingress is None]
        alone = [[each] for each in opened if each.ingress is not None] + ([together] if together else [])
    return [_opening(each, exposure, each[0].number in web) for each in alone]


def _opening(opened: Sequence[Publication], exposure: Exposure, web: bool) -> Outside:
    publication = opened[0]
    if publication.ingress is not None:
        return _web(publication, publication.ingress.host, publication.ingress)
    match exposure:
        case NodePortExposure():
            return _node_port(opened)
        case LoadBalancerExposure():
            return _balanced(opened, exposure)
        case IngressExposure() if web:
            return _web(publication, publication.host, exposure)
        case IngressExposure():
            return _balanced(opened, exposure.balancer(publication.service))
        case GatewayExposure():
            return _route(publication, exposure, web)
    raise TypeError(f"{exposure} opens nothing")


def _node_port(opened: Sequence[Publication]) -> OuterService:
    ports = tuple(OuterPort(_name(each, opened), each.number, each.number, each.external) for each in opened)
    return OuterService("NodePort", ports, opened[0].sources)


def _balanced(opened: Sequence[Publication], balancer: Balancer) -> OuterService:
    return OuterService(
        "LoadBalancer",
        tuple(OuterPort(_name(each, opened), each.external, each.number) for each in opened),
        opened[0].sources,
        balancer.load_balancer_class,
        balancer.annotations,
        balancer.reach,
    )


def _name(publication: Publication, opened: Sequence[Publication]) -> str:
    return "peers" if len(opened) == 1 else f"peers-{publication.number}"


def _web(publication: Publication, host: str, settings: IngressSettings) -> WebOpening:
    return WebOpening(
        host, publication.number, settings.ingress_class, settings.tls_secret, settings.annotations
    )


def _route(publication: Publication, exposure: GatewayExposure, web: bool) -> RouteOpening:
    section = exposure.http_section if web else exposure.tcp_section
    return RouteOpening(
        "HTTPRoute" if web else "TCPRoute",
        publication.number,
        exposure.gateway,
        exposure.gateway_namespace,
        section,
        (publication.host,) if web else (),
    )
