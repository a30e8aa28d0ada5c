"""What a fresh cluster is given: its classes of storage, and the name under which its DNS is known."""

from typing import Any

from offline.cluster.api import Api
from offline.cluster.layout import DNS_SERVICE, NODE_ADDRESS, PROVISIONER, STORAGE_CLASSES

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"

DNS_PORTS = (
    {"name": "dns", "port": 53, "protocol": "UDP"},
    {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
)


def ensure(api: Api) -> None:
    """Make what is missing; what is there stays as it is."""
    for name in STORAGE_CLASSES:
        api.ensure("/apis/storage.k8s.io/v1/storageclasses", storage_class(name))
    api.ensure("/api/v1/namespaces/kube-system/services", dns_service())
    api.ensure("/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices", dns_endpoints())


def storage_class(name: str) -> dict[str, Any]:
    """Return a class whose volumes are folders of this machine; the first one is the default."""
    default = str(name == STORAGE_CLASSES[0]).lower()
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": {DEFAULT_CLASS: default}},
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
    }


def dns_service() -> dict[str, Any]:
    """Return the Service that pods ask for names: kube-dns, as everywhere."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
        "spec": {"clusterIP": DNS_SERVICE, "ports": DNS_PORTS},
    }


def dns_endpoints() -> dict[str, Any]:
    """Return where that Service leads: to CoreDNS, which runs on the node itself."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "kube-dns-node",
            "namespace": "kube-system",
            "labels": {"kubernetes.io/service-name": "kube-dns"},
        },
        "addressType": "IPv4",
        "ports": DNS_PORTS,
        "endpoints": [{"addresses": [NODE_ADDRESS], "conditions": {"ready": True}}],
    }
