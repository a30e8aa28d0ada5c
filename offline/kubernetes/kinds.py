"""Which kinds there are: those that the program declares, and those that other makers added to a cluster.

Of the former their names in paths are known, and whether they live in namespaces; a cluster is asked for
those of other makers only.
"""

import threading
from dataclasses import dataclass

from clients.kubernetes.api_server import ApiServer, Live
from clients.kubernetes.failures import Refused
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
KNOWN = SUPPORTED | LOOKED_AT
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


class NoSuchKind(Exception):
    """A kind that the cluster does not have, or not yet."""


@dataclass(frozen=True)
class Resource:
    """A kind of a cluster."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of an object, or without a name that of all objects."""
        parts = [group_path(self.api_version)]
        parts += [f"namespaces/{namespace}"] if self.namespaced and namespace else []
        parts += [self.plural, *([name] if name else [])]
        return "/".join(parts)


class Discovery:
    """The kinds of one cluster, asked for once by group and version."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Resource]] = {}

    def resource(self, api_version: str, kind: str) -> Resource:
        """Return a kind as the cluster has it. One that is missing is asked for anew every time."""
        if plural := KNOWN.get(ObjectType(api_version, kind)):
            return Resource(api_version, kind, plural, kind not in OF_THE_CLUSTER)
        with self._lock:
            if kind not in self._known.get(api_version, {}):
                self._known[api_version] = self._asked(api_version)
            found = self._known[api_version].get(kind)
        if found is None:
            raise NoSuchKind(
                f"the cluster has no kind {kind} of {api_version}. "
                "Install its CustomResourceDefinition, or write a version that the cluster has."
            )
        return found

    def _asked(self, api_version: str) -> dict[str, Resource]:
        try:
            listed: Live = self._server.get(group_path(api_version))
        except Refused as answer:
            if answer.missing:
                return {}
            raise
        return {
            each["kind"]: Resource(api_version, each["kind"], each["name"], each["namespaced"])
            for each in listed.get("resources", ())
            if "/" not in each["name"]
        }


def group_path(api_version: str) -> str:
    """Return the path under which a group and version has its kinds."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
