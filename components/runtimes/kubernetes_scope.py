"""What all objects of one owner in a Kubernetes namespace share: names, labels, options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi import CustomTimeouts, ResourceOptions
from pulumi_kubernetes import meta

from components.runtimes.claims import Kept
from components.runtimes.ownership import Ownership
from components.runtimes.runtime import Owner
from config import KubernetesSettings

NO_AWAIT = {"pulumi.com/skipAwait": "true"}
"""For claims, and for Services but those of load balancers and the mirror's port: a Service is awaited 10 s
even when its pods are ready, and a claim that waits for its first pod would wait for the workload that waits
for it."""


@dataclass(frozen=True)
class Scope:
    """One owner's namespace, as the objects in it see it."""

    ownership: Ownership
    settings: KubernetesSettings
    parent: pulumi.Resource
    prefix: str
    owner: Owner
    namespace: str
    kept: Kept = field(default_factory=dict)
    """The claims that are there and stay, as far as the cluster was asked."""
    before: list[pulumi.Resource] = field(default_factory=list)
    """What goes before every other object: the namespace, where it is made here."""
    chosen_by: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The labels of a service's pods, where a chart of others makes them and says so itself."""

    def labels(self) -> dict[str, str]:
        """Return the labels of every object of this owner."""
        return {
            "app.kubernetes.io/part-of": "fate",
            "app.kubernetes.io/managed-by": "pulumi",
            **self.ownership.labels(self.owner.party),
        }

    def selector(self, service: str) -> dict[str, str]:
        """Return the labels that choose the pods of one service: those that never change."""
        own = {"app.kubernetes.io/name": service, "app.kubernetes.io/instance": self.namespace}
        return dict(self.chosen_by.get(service, own))

    def about(
        self, name: str, service: str | None = None, annotations: Mapping[str, str] | None = None
    ) -> meta.v1.ObjectMetaArgs:
        """Return the metadata of an object; `service` is the one that it is part of."""
        return meta.v1.ObjectMetaArgs(
            name=name,
            namespace=self.namespace,
            labels={**(self.selector(service) if service else {}), **self.labels()},
            annotations=dict(annotations) if annotations else None,
        )

    def storage_class(self, claim: str) -> tuple[str | None, bool]:
        """Return the class of a claim, and whether it stays whatever Pulumi's state has written down of it.

        A claim that is there keeps the class that it has. The stack may name that at last, or no longer:
        Pulumi would replace the claim, and a cluster refuse to take the class from one that is taken over.
        """
        named = self.settings.storage.storage_class
        held = self.kept.get((self.settings.place, self.namespace, claim))
        return held or named, held is not None or named is None

    @property
    def limit(self) -> str:
        """Return how long an object may take to be ready."""
        return f"{self.settings.start_limit}s"

    def options(
        self,
        retain: bool = False,
        left_alone: Sequence[str] = (),
        fixed: Sequence[str] = (),
        after: Sequence[pulumi.Resource] = (),
    ) -> ResourceOptions:
        """Return the options of an object that waits for the namespace, and for what it comes `after`.

        What comes after something is to be ready itself within the cluster's start limit. Properties that are
        `left_alone` stay as they were when the object was made; those that are `fixed` make it anew when they
        change, which a cluster refuses and Pulumi does not know.
        """
        return ResourceOptions(
            parent=self.parent,
            depends_on=[*self.before, *after],
            custom_timeouts=CustomTimeouts(create=self.limit, update=self.limit) if after else None,
            retain_on_delete=retain or None,
            ignore_changes=list(left_alone) or None,
            replace_on_changes=list(fixed) or None,
            delete_before_replace=True if fixed else None,
        )
