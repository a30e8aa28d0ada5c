"""A Kubernetes cluster that a stack or a party runs on."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from config.catalogue import catalogue
from config.chart import ChartSettings
from config.cluster_exposure import Exposure, NodePortExposure
from config.faults import nearest, refusal, shown
from config.kubernetes_text import AffinityKind, LabelKey, LabelValue, NamespaceName, ObjectName, Quantity
from config.settings import Settings, also
from config.text import Flag, HostName, NonEmptyText, StartLimit, TolerationSeconds
from config.written import refusing

VOLUMES = tuple(catalogue().volumes())


class Toleration(Settings):
    """A taint that a party's pods put up with, in Kubernetes' own terms."""

    key: LabelKey | None = Field(default=None, description="the taint's key; every key if absent")
    operator: Literal["Equal", "Exists"] = Field(
        default="Equal", description="whether the value counts, or only that the taint is there"
    )
    value: LabelValue | None = Field(default=None, description="the taint's value, with Equal")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="the taint's effect; every effect if absent"
    )
    toleration_seconds: TolerationSeconds | None = Field(
        default=None, description="how long a pod stays, with NoExecute; for ever if absent"
    )

    @model_validator(mode="after")
    def _as_the_api_server_takes_it(self) -> Self:
        if self.operator == "Exists" and self.value is not None:
            raise refusal("goes with operator Equal only", "leave value out, or write Equal", ["value"])
        if self.operator == "Equal" and self.key is None:
            raise refusal("is missing, and Equal compares its value", "write key, or Exists", ["key"])
        if self.toleration_seconds is not None and self.effect != "NoExecute":
            problem = "goes with effect NoExecute only"
            raise refusal(problem, "leave it out, or write effect: NoExecute", ["toleration-seconds"])
        return self


class Scheduling(Settings):
    """What the scheduler is told about every pod of a party. No node is labelled or tainted here."""

    node_selector: Mapping[LabelKey, LabelValue] = Field(
        default={}, description="the labels that a node must have"
    )
    tolerations: tuple[Toleration, ...] = Field(default=(), description="the taints that pods put up with")
    affinity: Mapping[AffinityKind, Mapping[str, object]] = Field(
        default={},
        description="nodeAffinity, podAffinity and podAntiAffinity, below them as Kubernetes writes it",
    )
    priority_class: ObjectName | None = Field(default=None, description="the priority class of the pods")


def _no_volume(value: str) -> tuple[str, str] | None:
    if value in VOLUMES:
        return None
    return (
        f"{shown(value)} is not a volume of any service",
        f"write {nearest(value, VOLUMES) or ' | '.join(VOLUMES)}",
    )


VolumeName = Annotated[str, refusing(_no_volume), WithJsonSchema({"type": "string", "enum": list(VOLUMES)})]


class StorageSettings(Settings):
    """The claims of the volumes. No storage class is made here, and no volume by hand."""

    storage_class: ObjectName | None = Field(
        default=None, alias="class", description="the storage class; the cluster's default if absent"
    )
    size: Mapping[VolumeName, Quantity] = Field(
        default={}, description="the size of a claim by its volume; what its service needs if absent"
    )
    access: Literal["ReadWriteOnce", "ReadWriteOncePod"] = Field(
        default="ReadWriteOnce", description="who may mount a claim: the pods of one node, or one pod"
    )
    replace: Flag = Field(
        default=False, description="allow a change that replaces claims and loses what is in them"
    )


def _replicas(service: str, most: int) -> tuple[Any, Any]:
    """Return the type and the field of how many pods a service has."""
    described = f"how many {service}s; more than one gets a PodDisruptionBudget"
    return Annotated[int, Field(strict=True, ge=1, le=most)], Field(default=1, description=described)


@also(
    {
        f"{service}_replicas": _replicas(service, facts.replicas)
        for service, facts in catalogue().services.items()
        if facts.replicas > 1
    }
)
class KubernetesSettings(Settings):
    """Namespaces of a Kubernetes cluster that exists already. Nothing outside them is made."""

    kind: Literal["kubernetes"] = Field(default="kubernetes", description="a Kubernetes cluster")
    context: NonEmptyText = Field(description="the context of the kubeconfig; never the current one unasked")
    kubeconfig: NonEmptyText | None = Field(
        default=None,
        description="the path of the kubeconfig, ~ for your home; KUBECONFIG's or ~/.kube/config if absent",
    )
    namespace: NamespaceName | None = Field(
        default=None, description="the namespace; PROJECT-STACK-PARTY, each party's own if absent"
    )
    create_namespace: Flag = Field(
        default=True, description="make the namespace; false where it exists and only it may be used"
    )
    security: Literal["restricted", "baseline"] = Field(
        default="restricted", description="the Pod Security level that the namespace enforces"
    )
    storage: StorageSettings = Field(default=StorageSettings(), description="where data lies")
    exposure: Exposure = Field(
        default=NodePortExposure(), description="how what a party exposes leaves the cluster"
    )
    scheduling: Scheduling = Field(default=Scheduling(), description="which nodes run the pods")
    pull_secrets: tuple[ObjectName, ...] = Field(
        default=(), description="Secrets of the namespace that images are pulled with; they must exist"
    )
    cluster_domain: HostName = Field(default="cluster.local", description="the cluster's DNS domain")
    start_limit: StartLimit = Field(
        default=300,
        description="how many seconds pulumi up waits for a workload to be ready, and then for an address",
    )
    chart: ChartSettings | None = Field(
        default=None, description="a Helm chart that declares the parties here; none if absent"
    )

    def replicas_of(self, service: str) -> int:
        """Return how many pods a service that keeps nothing has: what `<service>-replicas` says, else one."""
        return int(getattr(self, f"{service}_replicas", 1))

    @property
    def machine(self) -> str:
        """Return the cluster, in whose place ports are opened: one NodePort belongs to all of its nodes."""
        return f"cluster {self.context}" + (f" of {self.kubeconfig}" if self.kubeconfig else "")

    @property
    def place(self) -> str:
        """Return within what parties reach each other by the names of their Services."""
        return self.machine

    @property
    def address(self) -> str:
        """Return the context: a kubeconfig may move, and the cluster is the same."""
        return self.context
