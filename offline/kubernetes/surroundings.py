"""What an object's readiness depends on beside itself: a claim's class, a Service's endpoints."""

from collections.abc import Mapping
from typing import Any

from offline.kubernetes import readiness
from offline.kubernetes.cluster import Cluster
from offline.kubernetes.readiness import READY, Standing

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def standing(cluster: Cluster, live: Mapping[str, Any]) -> Standing:
    """Return where an object stands, by itself and by what is around it."""
    if (live["apiVersion"], live["kind"]) == ("v1", "Service"):
        return _service(cluster, live)
    found = readiness.standing(live)
    if not found.ready and (live["apiVersion"], live["kind"]) == ("v1", "PersistentVolumeClaim"):
        return _claim(cluster, live, found)
    return found


def _service(cluster: Cluster, live: Mapping[str, Any]) -> Standing:
    spec, metadata = live["spec"], live["metadata"]
    if spec.get("type") == "ExternalName":
        return READY
    if spec.get("type") == "LoadBalancer" and not (found := readiness.load_balancer(live)).ready:
        return found
    if not spec.get("selector") or spec.get("clusterIP") == "None":
        return READY
    label = f"kubernetes.io/service-name={metadata['name']}"
    slices = cluster.look("discovery.k8s.io/v1", "EndpointSlice", metadata["namespace"], labelSelector=label)
    if slices is None or any(map(_has_ready, slices["items"])):
        return READY
    return Standing(False, "no ready pod matches its selector")


def _has_ready(endpoint_slice: Mapping[str, Any]) -> bool:
    endpoints = endpoint_slice.get("endpoints") or ()
    return any((each.get("conditions") or {}).get("ready") is not False for each in endpoints)


def _claim(cluster: Cluster, live: Mapping[str, Any], found: Standing) -> Standing:
    """Do not wait for a claim that is bound only when a pod uses it, nor where its class may not be seen."""
    name = live["spec"].get("storageClassName")
    if name is None:
        classes = cluster.look("storage.k8s.io/v1", "StorageClass", "")
        if classes is None:
            return READY
        chosen = next(filter(_is_default, classes["items"]), None)
        if chosen is None:
            return Standing(False, f"{found.text}: the cluster has no default StorageClass")
    elif not name:
        return found
    else:
        chosen = cluster.look("storage.k8s.io/v1", "StorageClass", "", name)
        if chosen is None:
            return Standing(False, f"{found.text}: the cluster shows no StorageClass {name!r}")
    return READY if chosen.get("volumeBindingMode") == "WaitForFirstConsumer" else found


def _is_default(storage_class: Mapping[str, Any]) -> bool:
    notes = storage_class["metadata"].get("annotations") or {}
    return bool(notes.get(DEFAULT_CLASS) == "true")
