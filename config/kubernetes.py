"""A Kubernetes cluster that a stack or a party runs on."""

from typing import Annotated, Any, Literal

from pydantic import Field

from config.catalogue import catalogue
from config.cluster_exposure import Exposure, NodePortExposure
from config.cluster_storage import StorageSettings
from config.kubernetes_text import NamespaceName, ObjectName
from config.scheduling import Scheduling
from config.settings import Settings, also
from config.text import Flag, HostName, NonEmptyText, StartLimit


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
