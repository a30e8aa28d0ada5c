"""How what a party exposes leaves the cluster: node ports, load balancers, an Ingress, a Gateway's routes."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_kubernetes import core, networking
from pulumi_kubernetes.apiextensions import CustomResource

from components.runtimes.kubernetes_scope import NO_AWAIT, Scope
from components.services.service import Publication, Service
from config import Exposure, GatewayExposure, IngressExposure, LoadBalancerExposure, NodePortExposure
from config.cluster_exposure import Balancer, IngressSettings, Reach

ROUTES = "gateway.networking.k8s.io"
FIXED = ("spec.loadBalancerClass",)

ServicePort = core.v1.ServicePortArgs


@dataclass(frozen=True)
class Opening:
    """What carries one published port into the namespace, and the address that a load balancer gave it."""

    resource: pulumi.Resource
    address: Output[str] | None = None


def expose(scope: Scope, service: Service, workload: pulumi.Resource) -> list[Opening]:
    """Make what carries each published port of a service into the namespace; nothing if none is published.

    An address is asked for when the service works: nothing is opened to peers before, and no cluster gives
    one to what has no pods. All ports of a service are opened at one address; routes carry one port alone.
    """
    opened, exposure = scope.publications(service.name), scope.settings.exposure
    if not opened:
        return []
    web = {port.number for port in service.ports if port.speaks_http}
    alone = [[each] for each in opened]
    if isinstance(exposure, NodePortExposure | LoadBalancerExposure):
        together = [each for each in opened if each.ingress is None]
        alone = [[each] for each in opened if each.ingress is not None] + ([together] if together else [])
    return [_opened(scope, each, exposure, workload, each[0].number in web) for each in alone]


def _opened(
    scope: Scope,
    opened: Sequence[Publication],
    exposure: Exposure,
    workload: pulumi.Resource,
    web: bool,
) -> Opening:
    publication = opened[0]
    if publication.ingress is not None:
        return _ingress(scope, publication, publication.ingress.host, publication.ingress)
    match exposure:
        case NodePortExposure():
            return _node_port(scope, opened, workload)
        case LoadBalancerExposure():
            return _load_balanced(scope, opened, exposure, workload)
        case IngressExposure() if web:
            return _ingress(scope, publication, publication.host, exposure)
        case IngressExposure():
            return _load_balanced(scope, opened, exposure.balancer(publication.service), workload)
        case GatewayExposure():
            return _route(scope, publication, exposure, "HTTPRoute" if web else "TCPRoute")
    raise TypeError(f"{exposure} opens nothing")


def _node_port(scope: Scope, opened: Sequence[Publication], workload: pulumi.Resource) -> Opening:
    """Make ports of every node. The mirror's is awaited: images are pushed through it at once."""
    ports = [_outer_port(each, each.number, _name(each, opened), each.external) for each in opened]
    spec = core.v1.ServiceSpecArgs(type="NodePort", ports=ports)
    awaited = scope.owner.party is None and scope.owner.part == "mirror"
    options = scope.options(fixed=FIXED, after=[workload] if awaited else ())
    return Opening(_outer_service(scope, opened[0], spec, {} if awaited else NO_AWAIT, options))


def _load_balanced(
    scope: Scope, opened: Sequence[Publication], balancer: Balancer, workload: pulumi.Resource
) -> Opening:
    spec = core.v1.ServiceSpecArgs(
        type="LoadBalancer",
        ports=[_outer_port(each, each.external, _name(each, opened)) for each in opened],
        load_balancer_class=balancer.load_balancer_class,
        load_balancer_source_ranges=list(opened[0].sources) or None,
    )
    options = scope.options(fixed=FIXED, after=[workload])
    made = _outer_service(scope, opened[0], spec, balancer.annotations, options)
    return Opening(made, made.status.apply(lambda status: _given(made, status, balancer.reach)))


def _name(publication: Publication, opened: Sequence[Publication]) -> str:
    return "peers" if len(opened) == 1 else f"peers-{publication.number}"


def _outer_port(
    publication: Publication, number: int, name: str, node_port: int | None = None
) -> ServicePort:
    return ServicePort(name=name, port=number, target_port=publication.number, node_port=node_port)


def _outer_service(
    scope: Scope,
    publication: Publication,
    spec: core.v1.ServiceSpecArgs,
    annotations: Mapping[str, str],
    options: ResourceOptions,
) -> core.v1.Service:
    """Make a Service of its own for the outside.

    Where sources are named, a connection stays on the node it came to: another node would hide its source.
    """
    name = f"{publication.service}-peers"
    spec.selector = scope.selector(publication.service)
    spec.external_traffic_policy = "Local" if publication.sources else None
    return core.v1.Service(
        f"{scope.prefix}-{name}",
        metadata=scope.about(name, publication.service, annotations),
        spec=spec,
        opts=options,
    )


def _given(service: core.v1.Service, status: core.v1.outputs.ServiceStatus | None, reach: Reach) -> str:
    """Return the addresses that a load balancer gave; warn of a public one where the stack says internal."""
    balancer = status.load_balancer if status else None
    given = [entry.hostname or entry.ip for entry in (balancer.ingress if balancer else None) or ()]
    addresses = [address for address in given if address]
    if reach == "internal" and (public := [address for address in addresses if _is_public(address)]):
        pulumi.warn(
            f"the load balancer gave {', '.join(public)}, an address of the internet, and the stack says"
            " reach: internal: correct the annotations in fate:runtime.exposure, or write reach: public",
            service,
        )
    return ", ".join(addresses)


def _is_public(address: str) -> bool:
    """Tell whether an address is one of the internet; of a name nothing is known."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def _ingress(scope: Scope, publication: Publication, host: str, settings: IngressSettings) -> Opening:
    path = networking.v1.HTTPIngressPathArgs(
        path="/",
        path_type="Prefix",
        backend=networking.v1.IngressBackendArgs(
            service=networking.v1.IngressServiceBackendArgs(
                name=publication.service,
                port=networking.v1.ServiceBackendPortArgs(number=publication.number),
            )
        ),
    )
    tls = networking.v1.IngressTLSArgs(hosts=[host], secret_name=settings.tls_secret)
    made = networking.v1.Ingress(
        f"{scope.prefix}-{publication.service}-ingress",
        metadata=scope.about(publication.service, publication.service, {**NO_AWAIT, **settings.annotations}),
        spec=networking.v1.IngressSpecArgs(
            ingress_class_name=settings.ingress_class,
            rules=[
                networking.v1.IngressRuleArgs(
                    host=host, http=networking.v1.HTTPIngressRuleValueArgs(paths=[path])
                )
            ],
            tls=[tls] if settings.tls_secret else None,
        ),
        opts=scope.options(),
    )
    return Opening(made)


def _route(scope: Scope, publication: Publication, exposure: GatewayExposure, kind: str) -> Opening:
    """Make a route. TCPRoute is alpha: a cluster has it from the experimental channel only."""
    web = kind == "HTTPRoute"
    section = exposure.http_section if web else exposure.tcp_section
    parent = {"name": exposure.gateway, "namespace": exposure.gateway_namespace}
    rule = {"backendRefs": [{"name": publication.service, "port": publication.number}]}
    made = CustomResource(
        f"{scope.prefix}-{publication.service}-route",
        api_version=f"{ROUTES}/{'v1' if web else 'v1alpha2'}",
        kind=kind,
        metadata=scope.about(publication.service, publication.service),
        spec={
            "parentRefs": [{**parent, **({"sectionName": section} if section else {})}],
            **({"hostnames": [publication.host]} if web else {}),
            "rules": [rule],
        },
        opts=scope.options(),
    )
    return Opening(made)
