"""Which types are supported: kinds that the program declares, and those that other makers added."""

from dataclasses import dataclass

from diff.kubernetes.normal import built_in
from offline.protocol.check import unsupported
from offline.protocol.failures import Refusal

PACKAGE = "kubernetes"
VERSION = "4.32.0"
OTHERS = ("helm.sh", "helm", "yaml", "kustomize")


@dataclass(frozen=True)
class ObjectType:
    """A kind, by its group, version and name."""

    api_version: str
    kind: str


SUPPORTED = {
    ObjectType("apps/v1", "Deployment"): "deployments",
    ObjectType("apps/v1", "StatefulSet"): "statefulsets",
    ObjectType("networking.k8s.io/v1", "Ingress"): "ingresses",
    ObjectType("networking.k8s.io/v1", "NetworkPolicy"): "networkpolicies",
    ObjectType("policy/v1", "PodDisruptionBudget"): "poddisruptionbudgets",
    ObjectType("v1", "ConfigMap"): "configmaps",
    ObjectType("v1", "Namespace"): "namespaces",
    ObjectType("v1", "PersistentVolumeClaim"): "persistentvolumeclaims",
    ObjectType("v1", "Secret"): "secrets",
    ObjectType("v1", "Service"): "services",
    ObjectType("v1", "ServiceAccount"): "serviceaccounts",
}
"""The built-in kinds that the program declares, and what they are called in paths."""
LOOKED_AT = {
    ObjectType("apps/v1", "ReplicaSet"): "replicasets",
    ObjectType("storage.k8s.io/v1", "StorageClass"): "storageclasses",
    ObjectType("v1", "Endpoints"): "endpoints",
    ObjectType("v1", "Event"): "events",
    ObjectType("v1", "Pod"): "pods",
}
"""Kinds that are only looked at, during the wait for others."""
OF_THE_CLUSTER = ("Namespace", "StorageClass")


def object_type(token: str) -> ObjectType:
    """Return the kind that a type token names; refuse what the program never declares."""
    group_version, _, kind = token.removeprefix(f"{PACKAGE}:").rpartition(":")
    group, _, version = group_version.rpartition("/")
    if not group and version == "v1":
        group = "core"
    found = ObjectType(version if group == "core" else f"{group}/{version}", kind)
    if not group or not kind or group in OTHERS or (built_in(group) and found not in SUPPORTED):
        raise Refusal(unsupported(f"resource type {token}"))
    return found
