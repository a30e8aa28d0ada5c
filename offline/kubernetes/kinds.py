"""Which types are Kubernetes objects, and which of the package's other types are refused."""

from dataclasses import dataclass

from offline.protocol.check import unsupported
from offline.protocol.failures import Refusal

PACKAGE = "kubernetes"
VERSION = "4.32.0"
OTHERS = ("helm.sh", "helm", "yaml", "kustomize")
BUILT_IN = ("apps", "autoscaling", "batch", "core", "extensions", "policy")
NO_OBJECTS = ("List", "Patch")


@dataclass(frozen=True)
class ObjectType:
    """A kind, by its group, version and name."""

    api_version: str
    kind: str


def object_type(token: str) -> ObjectType:
    """Return the kind that a type token names; refuse what is no object."""
    group_version, _, kind = token.removeprefix(f"{PACKAGE}:").rpartition(":")
    group, _, version = group_version.rpartition("/")
    if not group and version == "v1":
        group = "core"
    built_in = group in BUILT_IN or group.endswith(".k8s.io")
    if not group or not kind or group in OTHERS or (built_in and kind.endswith(NO_OBJECTS)):
        raise Refusal(unsupported(f"resource type {token}"))
    return ObjectType(version if group == "core" else f"{group}/{version}", kind)
