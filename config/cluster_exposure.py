"""How what a party exposes leaves a Kubernetes cluster."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from config.catalogue import catalogue
from config.kubernetes_text import LabelKey, NamespaceName, ObjectName
from config.settings import Alternatives, Settings, also, tagged
from config.text import Cidr, NonEmptyText

NODE_PORTS = range(30000, 32768)
KEPT_INSIDE = (
    "service.beta.kubernetes.io/aws-load-balancer-scheme: internal,"
    ' service.beta.kubernetes.io/azure-load-balancer-internal: "true" or'
    " networking.gke.io/load-balancer-type: Internal"
)
"""Annotations that keep a load balancer's address off the internet, for a message."""


class NodePortExposure(Settings):
    """Ports 30000 to 32767 of every node: no other part of the cluster is needed."""

    kind: Literal["node-port"] = Field(default="node-port", description="a port of every node")


Reach = Annotated[
    Literal["internal", "public"] | None,
    Field(
        description="who reaches its address: those inside, or everybody; it may go unsaid where sources say"
        " who dials"
    ),
]
BalancerAnnotations = Annotated[
    Mapping[LabelKey, str], Field(description="annotations of the Service, which the load balancer reads")
]
BalancerClass = Annotated[
    NonEmptyText | None,
    Field(description="the class of the load balancer; the cluster's default if absent"),
]


class LoadBalancerExposure(Settings):
    """Addresses that the cluster's load balancer gives, waited for within start-limit; it must have one."""

    kind: Literal["load-balancer"] = Field(default="load-balancer", description="a load balancer's address")
    reach: Reach = None
    annotations: BalancerAnnotations = Field(default={})
    load_balancer_class: BalancerClass = None


class ServiceBalancer(Settings):
    """The load balancer of a service that peers dial and no Ingress carries."""

    reach: Reach = None
    annotations: BalancerAnnotations = Field(default={})
    load_balancer_class: BalancerClass = None
    sources: tuple[Cidr, ...] = Field(
        default=(), description="whose addresses may dial, such as 192.0.2.0/24; everybody if absent"
    )


Balancer = LoadBalancerExposure | ServiceBalancer


class IngressSettings(Settings):
    """What an Ingress is made of. No Ingress controller is installed here."""

    ingress_class: ObjectName | None = Field(
        default=None, alias="class", description="the Ingress class; the cluster's default if absent"
    )
    annotations: Mapping[LabelKey, str] = Field(
        default={}, description="annotations of the Ingress, which its controller reads"
    )
    tls_secret: ObjectName | None = Field(
        default=None, description="the Secret of the certificate, in the party's namespace; no TLS if absent"
    )


def balancers() -> Mapping[str, tuple[Any, Any]]:
    """Return a key for each service that peers dial and no Ingress carries: its load balancer."""
    return {
        service: (
            ServiceBalancer,
            Field(default=ServiceBalancer(), description=f"the {service}'s load balancer"),
        )
        for service in catalogue().met_by_peers("tcp")
    }


@also(balancers())
class IngressExposure(IngressSettings):
    """An Ingress for what peers ask by HTTP, and a load balancer for what they dial otherwise.

    No Ingress controller is installed here.
    """

    kind: Literal["ingress"] = Field(default="ingress", description="an Ingress, and a load balancer")

    def balancer(self, service: str) -> ServiceBalancer:
        """Return what the stack says of a service's load balancer; a mirror's is as the broker's."""
        said: ServiceBalancer = getattr(self, service if hasattr(self, service) else "broker")
        return said


class GatewayExposure(Settings):
    """A route for each service that peers dial, HTTPRoute or TCPRoute, on a Gateway that exists."""

    kind: Literal["gateway-api"] = Field(default="gateway-api", description="routes of the Gateway API")
    gateway: ObjectName = Field(description="the name of the Gateway that the routes belong to")
    gateway_namespace: NamespaceName = Field(description="the Gateway's namespace")
    http_section: ObjectName | None = Field(
        default=None, description="the Gateway's listener for HTTP; any that fits if absent"
    )
    tcp_section: ObjectName | None = Field(
        default=None, description="the Gateway's listener for TCP; any that fits if absent"
    )


_ALTERNATIVES = Alternatives(
    "kind",
    "kind",
    {
        "node-port": NodePortExposure,
        "load-balancer": LoadBalancerExposure,
        "ingress": IngressExposure,
        "gateway-api": GatewayExposure,
    },
)
Exposure = Annotated[
    Annotated[NodePortExposure, tagged(NodePortExposure)]
    | Annotated[LoadBalancerExposure, tagged(LoadBalancerExposure)]
    | Annotated[IngressExposure, tagged(IngressExposure)]
    | Annotated[GatewayExposure, tagged(GatewayExposure)],
    *_ALTERNATIVES.parts,
]
