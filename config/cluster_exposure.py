"""How what a party exposes leaves a Kubernetes cluster."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from config.kubernetes_text import LabelKey, NamespaceName, ObjectName
from config.settings import Alternatives, Settings, tagged
from config.text import NonEmptyText

NODE_PORTS = range(30000, 32768)


class NodePortExposure(Settings):
    """Ports 30000 to 32767 of every node: no other part of the cluster is needed."""

    kind: Literal["node-port"] = Field(default="node-port", description="a port of every node")


class LoadBalancerExposure(Settings):
    """Addresses that the cluster's load balancer gives. None is installed here."""

    kind: Literal["load-balancer"] = Field(default="load-balancer", description="a load balancer's address")
    annotations: Mapping[LabelKey, str] = Field(
        default={}, description="annotations of the Services, which the load balancer reads"
    )
    load_balancer_class: NonEmptyText | None = Field(
        default=None, description="the class of the load balancer; the cluster's default if absent"
    )


class IngressExposure(Settings):
    """An Ingress for the gateway and, as the broker speaks AMQP, a load balancer for the broker.

    No Ingress controller is installed here.
    """

    kind: Literal["ingress"] = Field(default="ingress", description="an Ingress, and a load balancer")
    ingress_class: ObjectName | None = Field(
        default=None, alias="class", description="the Ingress class; the cluster's default if absent"
    )
    annotations: Mapping[LabelKey, str] = Field(
        default={}, description="annotations of the Ingress, which its controller reads"
    )
    tls_secret: ObjectName | None = Field(
        default=None, description="the Secret of the certificate, in the party's namespace; no TLS if absent"
    )


class GatewayExposure(Settings):
    """An HTTPRoute for the party's gateway and a TCPRoute for its broker, on a Gateway that exists."""

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
