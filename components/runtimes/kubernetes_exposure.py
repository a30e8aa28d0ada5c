"""How what a party exposes leaves the cluster: node ports, load balancers, an Ingress, a Gateway's routes."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_kubernetes import core, networking
from pulumi_kubernetes.apiextensions import CustomResource

from components.runtimes.kubernetes_openings import (
    OuterService,
    Outside,
    RouteOpening,
    WebOpening,
    openings_of,
)
from components.runtimes.kubernetes_scope import NO_AWAIT, Scope
from components.services.service import Service
from config.cluster_exposure import Reach

ROUTES = "gateway.networking.k8s.io"
FIXED = ("spec.loadBalancerClass",)


@dataclass(frozen=True)
class Opening:
    """What carries one published port into the namespace, and the address that a load balancer gave it."""

    resource: pulumi.Resource
    address: Output[str] | None = None


def expose(scope: Scope, service: Service, workload: pulumi.Resource) -> list[Opening]:
    """Make what carries each published port of a service into the namespace; nothing if none is published.

    An address is asked for when the service works: nothing is opened to peers before, and no cluster gives
    one to what has no pods.
    """
    wanted = openings_of(scope.owner, scope.settings, service)
    return [_opened(scope, service.name, each, workload) for each in wanted]


def _opened(scope: Scope, service: str, wanted: Outside, workload: pulumi.Resource) -> Opening:
    match wanted:
        case WebOpening():
            return _ingress(scope, service, wanted)
        case RouteOpening():
            return _route(scope, service, wanted)
        case OuterService(type="NodePort"):
            return _node_port(scope, service, wanted, workload)
        case _:
            return _load_balanced(scope, service, wanted, workload)


def _node_port(scope: Scope, service: str, wanted: OuterService, workload: pulumi.Resource) -> Opening:
    """Make ports of every node. The mirror's is awaited: images are pushed through it at once."""
    awaited = scope.owner.party is None and scope.owner.part == "mirror"
    options = scope.options(fixed=FIXED, after=[workload] if awaited else ())
    return Opening(_outer_service(scope, service, wanted, {} if awaited else NO_AWAIT, options))


def _load_balanced(scope: Scope, service: str, wanted: OuterService, workload: pulumi.Resource) -> Opening:
    options = scope.options(fixed=FIXED, after=[workload])
    made = _outer_service(scope, service, wanted, wanted.annotations, options)
    return Opening(made, made.status.apply(lambda status: _given(made, status, wanted.reach)))


def _outer_service(
    scope: Scope,
    service: str,
    wanted: OuterService,
    annotations: Mapping[str, str],
    options: ResourceOptions,
) -> core.v1.Service:
    """Make a Service of its own for the outside."""
    name = f"{service}-peers"
    ports = [
        core.v1.ServicePortArgs(
            name=port.name, port=port.number, target_port=port.target, node_port=port.node
        )
        for port in wanted.ports
    ]
    return core.v1.Service(
        f"{scope.prefix}-{name}",
        metadata=scope.about(name, service, annotations),
        spec=core.v1.ServiceSpecArgs(
            type=wanted.type,
            ports=ports,
            selector=scope.selector(service),
            load_balancer_class=wanted.balancer_class,
            load_balancer_source_ranges=list(wanted.ranges) or None,
            external_traffic_policy="Local" if wanted.sources else None,
        ),
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


def _ingress(scope: Scope, service: str, wanted: WebOpening) -> Opening:
    path = networking.v1.HTTPIngressPathArgs(
        path="/",
        path_type="Prefix",
        backend=networking.v1.IngressBackendArgs(
            service=networking.v1.IngressServiceBackendArgs(
                name=service,
                port=networking.v1.ServiceBackendPortArgs(number=wanted.port),
            )
        ),
    )
    tls = networking.v1.IngressTLSArgs(hosts=[wanted.host], secret_name=wanted.tls_secret)
    made = networking.v1.Ingress(
        f"{scope.prefix}-{service}-ingress",
        metadata=scope.about(service, service, {**NO_AWAIT, **wanted.annotations}),
        spec=networking.v1.IngressSpecArgs(
            ingress_class_name=wanted.ingress_class,
            rules=[
                networking.v1.IngressRuleArgs(
                    host=wanted.host, http=networking.v1.HTTPIngressRuleValueArgs(paths=[path])
                )
            ],
            tls=[tls] if wanted.tls_secret else None,
        ),
        opts=scope.options(),
    )
    return Opening(made)


def _route(scope: Scope, service: str, wanted: RouteOpening) -> Opening:
    """Make a route. TCPRoute is alpha: a cluster has it from the experimental channel only."""
    parent = {"name": wanted.gateway, "namespace": wanted.gateway_namespace}
    rule = {"backendRefs": [{"name": service, "port": wanted.port}]}
    made = CustomResource(
        f"{scope.prefix}-{service}-route",
        api_version=f"{ROUTES}/{'v1' if wanted.kind == 'HTTPRoute' else 'v1alpha2'}",
        kind=wanted.kind,
        metadata=scope.about(service, service),
        spec={
            "parentRefs": [{**parent, **({"sectionName": wanted.section} if wanted.section else {})}],
            **({"hostnames": list(wanted.hosts)} if wanted.hosts else {}),
            "rules": [rule],
        },
        opts=scope.options(),
    )
    return Opening(made)
