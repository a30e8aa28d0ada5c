"""The values of the chart `fate-party`: closed models, from which its schema is made.

They say what a person changes, in the words of Kubernetes where it has one. What follows from the graph of
services, such as who may dial whom, is worked out already. No value is a secret.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

NAME = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
OBJECT = r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"
FOLDER = r"^/[^\s:]*$"
QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|[KMGTPE]i?)?$"
CLASS = r"^\S+$"

Name = Annotated[str, Field(pattern=NAME)]
ObjectName = Annotated[str, Field(pattern=OBJECT)]
Folder = Annotated[str, Field(pattern=FOLDER)]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[int, Field(ge=1)]
Quantity = Annotated[str, Field(pattern=QUANTITY)]
Amount = Annotated[Quantity | float, Field(union_mode="left_to_right")]
Annotations = Annotated[Mapping[str, str], Field(description="what a controller of the cluster reads")]


class Values(BaseModel):
    """A closed, frozen part of the values, in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True)


class FileValues(Values):
    """A configuration file. Where it names a password, the service fills that in when it starts."""

    path: Folder = Field(description="where the service finds it")
    text: str = Field(description="what stands in it; a change of it starts the service anew")


class SecretValues(Values):
    """The Secret of a service's passwords, which must exist: `fate chart secrets` prints it."""

    name: ObjectName = Field(description="the Secret's name")
    keys: tuple[str, ...] = Field(description="the keys that it must have")
    revision: str = Field(description="any text; a change of it starts the service anew")


class ClaimValues(Values):
    """A PersistentVolumeClaim. Uninstalling leaves it."""

    path: Folder = Field(description="where the service keeps its data")
    size: Quantity = Field(description="how much is claimed, such as 20Gi; only to be raised")
    volume: Name = Field(description="the name of the volume within the pod")


class QuestionValues(Values):
    """When a probe asks."""

    interval: Seconds = Field(description="seconds from one question to the next")
    timeout: Seconds = Field(description="seconds that an answer may take")
    failures: Seconds = Field(description="how many failures in a row count as one")


class ProbeValues(Values):
    """What shows that a service works: a port that takes connections or answers, or a command."""

    port: Port | None = Field(default=None, description="the port that is asked")
    path: str | None = Field(
        default=None,
        pattern=r"^/[-._~/a-zA-Z0-9]*$",
        description="what is asked for there by HTTP; a connection is enough if absent",
    )
    command: tuple[str, ...] | None = Field(
        default=None, description="the command, in the port's place: it must end with 0"
    )
    startup: QuestionValues = Field(description="until it has started")
    readiness: QuestionValues = Field(description="whether it is sent connections")
    liveness: QuestionValues = Field(description="whether it hangs and is started anew")


class ResourceValues(Values):
    """What a pod may take, and what a node must have free for it; as Kubernetes writes it."""

    limits: Mapping[str, Amount] = Field(description="upper limits, such as memory: 2048Mi")
    requests: Mapping[str, Amount] = Field(description="what must be free, such as cpu: 100m")


class PeerValues(Values):
    """A service of another party in the same cluster."""

    service: Name
    namespace: Name


class PortRange(Values):
    """All ports between two."""

    from_: Port = Field(alias="from")
    to: Port


class EdgeValues(Values):
    """Who is at the other end of a connection; nobody named is anybody."""

    services: tuple[Name, ...] = Field(default=(), description="services of the same party")
    peers: tuple[PeerValues, ...] = Field(default=(), description="services of parties in the same cluster")
    blocks: tuple[str, ...] = Field(default=(), description="address blocks, such as 192.0.2.0/24")
    ports: tuple[Port | PortRange, ...] = Field(
        default=(), description="the ports that are dialled; every port if absent"
    )


class OuterPortValues(Values):
    """A port for those outside."""

    port: Port = Field(description="what they dial of a load balancer")
    target: Port = Field(description="the service's own port")
    node_port: Port | None = Field(default=None, description="what they dial of every node")


class OuterValues(Values):
    """A Service for those outside, beside that of the party."""

    type: Literal["NodePort", "LoadBalancer"]
    ports: Mapping[Name, OuterPortValues]
    sources: tuple[str, ...] = Field(default=(), description="whose addresses may dial; everybody if absent")
    class_: str | None = Field(
        default=None, alias="class", pattern=CLASS, description="the class of the load balancer"
    )
    annotations: Annotations = {}


class IngressValues(Values):
    """An Ingress that leads to the service."""

    host: str = Field(description="the name that is asked for")
    port: Port = Field(description="the service's own port")
    class_: ObjectName | None = Field(default=None, alias="class", description="the Ingress class")
    tls_secret: ObjectName | None = Field(default=None, description="the Secret of its certificate")
    annotations: Annotations = {}


class RouteValues(Values):
    """A route of the Gateway API that leads to the service."""

    kind: Literal["HTTPRoute", "TCPRoute"]
    port: Port = Field(description="the service's own port")
    gateway: ObjectName = Field(description="the Gateway that it belongs to")
    gateway_namespace: Name
    section: ObjectName | None = Field(default=None, description="the Gateway's listener")
    hosts: tuple[str, ...] = Field(default=(), description="the names that are asked for")


class ServiceValues(Values):
    """One service: a StatefulSet where it has claims, else a Deployment."""

    image: str = Field(min_length=1, description="what runs")
    replicas: int | None = Field(
        default=None, ge=1, description="how many pods, where it has no claims; more get a disruption budget"
    )
    resources: ResourceValues
    claims: Mapping[ObjectName, ClaimValues] = Field(default={}, description="its data, by the claim's name")
    files: Mapping[Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]+$")], FileValues] = Field(
        default={}, description="its configuration files, by their keys in its ConfigMap"
    )
    environment: Mapping[str, str] = Field(default={}, description="its environment; no secret stands in it")
    secret: SecretValues | None = None
    command: tuple[str, ...] = Field(description="how it is started")
    user: int = Field(ge=1, description="the number of its user and group, not root's")
    read_only_root: bool = Field(description="whether it writes to its claims and scratch folders alone")
    scratch: Mapping[Name, Folder] = Field(
        default={}, description="folders that are empty at each start, by the volume's name"
    )
    copied: tuple[Name, ...] = Field(
        default=(), description="those of the scratch folders that are filled from its image"
    )
    ports: Mapping[Name, Port] = Field(description="the ports that it listens on")
    headless: bool = Field(default=False, description="whether its name leads to its pod, not to some ports")
    probe: ProbeValues
    outside: OuterValues | None = None
    ingress: IngressValues | None = None
    route: RouteValues | None = None
    admits: tuple[EdgeValues, ...] = Field(default=(), description="who may dial it; nobody if absent")
    dials: tuple[EdgeValues, ...] = Field(
        default=(), description="whom it may dial, beside name servers; nobody if absent"
    )


class StorageValues(Values):
    """What all claims are of."""

    class_: ObjectName | None = Field(
        default=None, alias="class", description="the storage class; the cluster's default if absent"
    )
    access: Literal["ReadWriteOnce", "ReadWriteOncePod"] = Field(
        default="ReadWriteOnce", description="the pods of one node, or one pod"
    )


class SchedulingValues(Values):
    """What the scheduler is told about every pod, as Kubernetes writes it."""

    node_selector: Mapping[str, str] = Field(default={}, description="the labels that a node must have")
    tolerations: tuple[Mapping[str, Any], ...] = Field(default=(), description="the taints that pods endure")
    affinity: Mapping[str, Any] = Field(default={}, description="what draws pods to nodes and other pods")
    priority_class_name: ObjectName | None = Field(default=None, description="the priority class")


class PartyValues(Values):
    """The values of a party, as `fate chart values` prints them from a stack's file."""

    namespace: Annotated[str, Field(pattern=rf"^$|{NAME}")] = Field(
        default="", description="the release's namespace, which the services' files name"
    )
    labels: Mapping[str, str] = Field(default={}, description="labels of every object: whose it is")
    pull_secrets: tuple[ObjectName, ...] = Field(
        default=(), description="Secrets that images are pulled with; they must exist"
    )
    scheduling: SchedulingValues = SchedulingValues()
    storage: StorageValues = StorageValues()
    services: Mapping[Name, ServiceValues] = Field(default={}, description="the services, by name")
    global_: Mapping[str, Any] = Field(
        default={}, alias="global", description="what Helm hands to every chart; not read here"
    )
