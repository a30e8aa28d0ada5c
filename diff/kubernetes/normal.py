"""Inputs as the official plugin writes them down: as Kubernetes' own types would after reading them.

Read and written again by those types, a value that they leave away when it is empty is gone, a quantity has
its shortest spelling, and the text of a Secret is content in base64. So none of these is ever a difference.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from diff.kubernetes import quantities
from diff.values import Plain, contains_unknown

BUILT_IN = (
    *("apps", "autoscaling", "batch", "core", "extensions", "policy"),
    *("admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"),
    *("certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io"),
    *("flowcontrol.apiserver.k8s.io", "networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io"),
    *("resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io"),
)
READ_ONLY = (
    *("creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation"),
    *("managedFields", "resourceVersion", "uid"),
)
TABLES = {
    *("annotations", "binaryData", "data", "labels", "matchLabels", "nodeSelector", "parameters"),
    *("stringData", "volumeAttributes"),
    *quantities.HOLDERS,
}
"""Fields whose keys a user chooses: what is in them stays, however empty."""
KEPT = {
    *("activeDeadlineSeconds", "allowPrivilegeEscalation", "allowVolumeExpansion", "apiGroup"),
    *("automountServiceAccountToken", "backoffLimit", "completions", "containerPort", "containers"),
    *("defaultMode", "enableServiceLinks", "fsGroup", "immutable", "ingressClassName", "key", "kind"),
    *("maxUnavailable", "minAvailable", "mode", "name", "optional", "parallelism", "port", "privileged"),
    *("progressDeadlineSeconds", "readOnlyRootFilesystem", "replicas", "revisionHistoryLimit", "rules"),
    *("runAsGroup", "runAsNonRoot", "runAsUser", "shareProcessNamespace", "storageClassName", "suspend"),
    *("targetPort", "terminationGracePeriodSeconds", "tolerationSeconds", "ttlSecondsAfterFinished"),
    *("value", "weight"),
}
"""Fields that those types write even where they are empty."""
VARIABLES = "env"


def built_in(group: str) -> bool:
    """Return whether a group of kinds is Kubernetes' own."""
    return (group or "core") in BUILT_IN


def normal(inputs: Plain) -> Plain:
    """Return an object's inputs in their normal form; those of other makers' kinds as they are."""
    if not contains_unknown(inputs) and _typed(str(inputs.get("apiVersion", ""))):
        inputs = _content(inputs) if _is_secret(inputs) else dict(_fields(inputs))
    metadata = inputs.get("metadata")
    if not isinstance(metadata, dict):
        return inputs
    return {**inputs, "metadata": {name: part for name, part in metadata.items() if name not in READ_ONLY}}


def _typed(api_version: str) -> bool:
    """Return whether the official plugin knows the kind's type."""
    return built_in(api_version.rpartition("/")[0])


def _is_secret(inputs: Plain) -> bool:
    return (inputs.get("apiVersion"), inputs.get("kind")) == ("v1", "Secret")


def _content(secret: Plain) -> Plain:
    """Return a Secret with all of its content in base64: text overrides what is encoded already."""
    texts = secret.get("stringData") or {}
    if not texts:
        data = {key: _encoded_again(value) for key, value in (secret.get("data") or {}).items()}
        return {**secret, "data": data} if data else secret
    encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in texts.items()}
    rest = {name: value for name, value in secret.items() if name != "stringData"}
    return {**rest, "data": {**secret.get("data", {}), **encoded}}


def _encoded_again(value: str) -> str:
    try:
        clear = base64.b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
        return base64.b64encode(clear).decode()
    except (binascii.Error, ValueError):
        return value


def _fields(values: Plain, parent: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if name in quantities.HOLDERS:
            part: Any = _quantities(value)
        elif _is_table(name, value):
            part = value
        else:
            part = _part(value, name)
        if not _left_away(name, part, parent):
            yield name, part


def _part(value: Any, name: str) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, dict):
        return dict(_fields(value, name))
    if isinstance(value, list):
        return [_part(each, name) for each in value]
    return value


def _is_table(name: str, value: object) -> bool:
    """Return whether a user chooses the keys: a Service's selector is such a table, a workload's is none."""
    if name == "selector" and isinstance(value, dict):
        return not {"matchLabels", "matchExpressions"} & {*value}
    return name in TABLES


def _left_away(name: str, value: object, parent: str) -> bool:
    if isinstance(value, dict):
        return not value and name in TABLES
    if name == "value" and parent == VARIABLES:
        return value == ""
    return value in ("", 0, False, []) and name not in KEPT


def _quantities(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, dict):
        return {name: _quantities(part) for name, part in value.items()}
    return quantities.shortest(value)
