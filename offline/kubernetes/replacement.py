"""Which changes of an object replace it, because the API server does not make them in place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from offline.kubernetes.configuration import Configuration

ALWAYS = ("kind", "metadata.name", "metadata.namespace")
SELECTOR = ("spec.selector",)
CONTENT = ("data", "stringData", "binaryData")


@dataclass(frozen=True)
class Rule:
    """The fields whose change replaces, but for those that change in place nevertheless."""

    replacing: tuple[str, ...]
    in_place: tuple[str, ...] = ()


RULES: Mapping[tuple[str, str], Rule] = {
    ("", "PersistentVolume"): Rule(
        tuple(f"spec.{name}" for name in ("csi", "hostPath", "local", "nfs", "nodeAffinity", "volumeMode"))
    ),
    ("", "PersistentVolumeClaim"): Rule(
        ("spec",), ("spec.resources.requests", "spec.volumeAttributesClassName")
    ),
    ("", "Pod"): Rule(
        ("spec",),
        (
            "spec.activeDeadlineSeconds",
            "spec.containers.image",
            "spec.initContainers.image",
            "spec.terminationGracePeriodSeconds",
            "spec.tolerations",
        ),
    ),
    ("", "Secret"): Rule(("type",)),
    ("", "Service"): Rule(("spec.clusterIP", "spec.clusterIPs")),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): Rule(
        ("spec.group", "spec.scope", "spec.names.kind", "spec.names.plural")
    ),
    ("apps", "DaemonSet"): Rule(SELECTOR),
    ("apps", "Deployment"): Rule(SELECTOR),
    ("apps", "ReplicaSet"): Rule(SELECTOR),
    ("apps", "StatefulSet"): Rule(
        ("spec",),
        (
            "spec.minReadySeconds",
            "spec.ordinals",
            "spec.persistentVolumeClaimRetentionPolicy",
            "spec.replicas",
            "spec.revisionHistoryLimit",
            "spec.template",
            "spec.updateStrategy",
        ),
    ),
    ("batch", "Job"): Rule(
        ("spec",),
        (
            "spec.activeDeadlineSeconds",
            "spec.backoffLimit",
            "spec.parallelism",
            "spec.suspend",
            "spec.ttlSecondsAfterFinished",
        ),
    ),
    ("networking.k8s.io", "IngressClass"): Rule(("spec.controller",)),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): Rule(("roleRef",)),
    ("rbac.authorization.k8s.io", "RoleBinding"): Rule(("roleRef",)),
    ("scheduling.k8s.io", "PriorityClass"): Rule(("value", "preemptionPolicy")),
    ("storage.k8s.io", "StorageClass"): Rule(
        ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode")
    ),
}
NONE = Rule(())


def replaces(path: str, old: Mapping[str, Any], new: Mapping[str, Any], configuration: Configuration) -> bool:
    """Return whether the change at a path of an object's inputs replaces the object."""
    field = re.sub(r"\[\d+\]", "", path)
    group, kind = str(new.get("apiVersion", "")).rpartition("/")[0], str(new.get("kind", ""))
    rule = RULES.get((group, kind), NONE)
    if _within(field, ALWAYS) or (_within(field, rule.replacing) and not _within(field, rule.in_place)):
        return True
    if (group, kind) == ("", "Service") and field == "spec.type":
        return "ExternalName" in (_service_type(old), _service_type(new))
    return (group, kind) in (("", "ConfigMap"), ("", "Secret")) and _content(kind, field, old, configuration)


def _content(kind: str, field: str, old: Mapping[str, Any], configuration: Configuration) -> bool:
    mutable = configuration.mutable_config_maps if kind == "ConfigMap" else configuration.mutable_secrets
    fixed = old.get("immutable") is True
    if field == "immutable":
        return fixed
    return _within(field, CONTENT) and (fixed or not mutable)


def _service_type(body: Mapping[str, Any]) -> object:
    spec = body.get("spec")
    return spec.get("type") if isinstance(spec, Mapping) else None


def _within(field: str, places: tuple[str, ...]) -> bool:
    return any(field == place or field.startswith((f"{place}.", f"{place}[")) for place in places)
