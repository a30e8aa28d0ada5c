"""Groups of kinds that are Kubernetes' own."""

BUILT_IN = (
    *("apps", "autoscaling", "batch", "core", "extensions", "policy"),
    *("admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"),
    *("certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io"),
    *("flowcontrol.apiserver.k8s.io", "networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io"),
    *("resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io"),
)


def built_in(group: str) -> bool:
    """Return whether a group of kinds is Kubernetes' own."""
    return (group or "core") in BUILT_IN
