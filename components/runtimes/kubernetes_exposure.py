"""How what a party exposes leaves the cluster: node ports, load balancers, an Ingress, a Gateway's routes."""

from collections.abc import Mapping
from typing import Literal

from pulumi_kubernetes import core, networking
from pulumi_kubernetes.apiextensions import CustomResource

from components.runtimes.kubernetes_scope import NO_AWAIT, Scope
from components.services.service import Publication, Service
from config import Exposure, GatewayExposure, IngressExposure, LoadBalancerExposure, NodePortExposure

ROUTES = "gateway.networking.k8s.io"


def expose(scope: Scope, service: Service) -> None:
    """Make what carries each published port of a service into the namespace; nothing if none is published."""
    for publication in scope.owner.publications:
        if publication.service == service.name:
            _exposed(scope, publication, scope.settings.exposure)


def _exposed(scope: Scope, publication: Publication, exposure: Exposure) -> None:
    web = publication.service == "gateway"
    match exposure:
        case NodePortExposure():
            _outer_service(scope, publication, "NodePort")
        case LoadBalancerExposure():
            _load_balanced(scope, publication, exposure)
        case IngressExposure() if web:
            _ingress(scope, publication, exposure)
        case IngressExposure():
            _load_balanced(scope, publication, LoadBalancerExposure())
        case GatewayExposure():
            _route(scope, publication, exposure, "HTTPRoute" if web else "TCPRoute")


def _load_balanced(scope: Scope, publication: Publication, exposure: LoadBalancerExposure) -> None:
    _outer_service(scope, publication, "LoadBalancer", exposure.annotations, exposure.load_balancer_class)


def _outer_service(
    scope: Scope,
    publication: Publication,
    kind: Literal["NodePort", "LoadBalancer"],
    annotations: Mapping[str, str] | None = None,
    load_balancer_class: str | None = None,
) -> None:
    """Make a Service of its own for the outside.

    Where sources are named, a connection stays on the node it came to: another node would hide its source.
    """
    name, balanced = f"{publication.service}-peers", kind == "LoadBalancer"
    port = core.v1.ServicePortArgs(
        name="peers",
        port=publication.external if balanced else publication.number,
        target_port=publication.number,
        node_port=None if balanced else publication.external,
    )
    core.v1.Service(
        f"{scope.prefix}-{name}",
        metadata=scope.about(name, publication.service, {**NO_AWAIT, **(annotations or {})}),
        spec=core.v1.ServiceSpecArgs(
            type=kind,
            selector=scope.selector(publication.service),
            ports=[port],
            load_balancer_class=load_balancer_class,
            load_balancer_source_ranges=(list(publication.sources) or None) if balanced else None,
            external_traffic_policy="Local" if publication.sources else None,
        ),
        opts=scope.options(fixed=("spec.loadBalancerClass",)),
    )


def _ingress(scope: Scope, publication: Publication, exposure: IngressExposure) -> None:
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
    tls = networking.v1.IngressTLSArgs(hosts=[publication.host], secret_name=exposure.tls_secret)
    networking.v1.Ingress(
        f"{scope.prefix}-{publication.service}-ingress",
        metadata=scope.about(publication.service, publication.service, {**NO_AWAIT, **exposure.annotations}),
        spec=networking.v1.IngressSpecArgs(
            ingress_class_name=exposure.ingress_class,
            rules=[
                networking.v1.IngressRuleArgs(
                    host=publication.host, http=networking.v1.HTTPIngressRuleValueArgs(paths=[path])
                )
            ],
            tls=[tls] if exposure.tls_secret else None,
        ),
        opts=scope.options(),
    )


def _route(scope: Scope, publication: Publication, exposure: GatewayExposure, kind: str) -> None:
    """Make a route. TCPRoute is alpha: a cluster has it from the experimental channel only."""
    web = kind == "HTTPRoute"
    section = exposure.http_section if web else exposure.tcp_section
    parent = {"name": exposure.gateway, "namespace": exposure.gateway_namespace}
    rule = {"backendRefs": [{"name": publication.service, "port": publication.number}]}
    CustomResource(
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
