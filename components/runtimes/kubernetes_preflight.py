"""What a Kubernetes cluster must offer before anything is made on it.

Its API server answers to the stack's context, the operator has the rights, the storage classes exist, and no
claim would have to be replaced. Asks and makes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from components.runtimes.claims import claims_of
from components.runtimes.kubernetes_access import ApiServer, Forbidden, kubeconfig_of
from components.runtimes.names import namespace
from components.services.party import party_services
from components.services.registry import registry
from config import ConfigurationFault, DistributionMirror, Fault, KubernetesSettings, StackSettings

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"

RIGHTS: Mapping[str, Sequence[str]] = {
    "": ("configmaps", "secrets", "services", "serviceaccounts", "persistentvolumeclaims"),
    "apps": ("deployments", "statefulsets"),
    "networking.k8s.io": ("networkpolicies",),
}
"""What the operator must be allowed to patch within a namespace, by API group."""

Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """A namespace that a stack uses, where its configuration says so, and the size of each claim in it."""

    path: str
    settings: KubernetesSettings
    namespace: str
    claims: Mapping[str, str]


def wanted_namespaces(settings: StackSettings, stack: str) -> list[Wanted]:
    """Return the namespaces of a stack: its mirror's and its parties'."""
    wanted = []
    mirror, own = settings.mirror, settings.runtime
    if isinstance(mirror, DistributionMirror) and isinstance(own, KubernetesSettings):
        claims = claims_of(own, (registry(None),))
        wanted.append(Wanted("fate:runtime", own, namespace(stack, own, None), claims))
    for index, party in enumerate(settings.parties):
        runtime = party.runtime or own
        if isinstance(runtime, KubernetesSettings):
            at = f"fate:parties[{index}].runtime" if party.runtime else "fate:runtime"
            claims = claims_of(runtime, party_services(party, settings.rotation, ()))
            wanted.append(Wanted(at, runtime, namespace(stack, runtime, party.id), claims))
    return wanted


@dataclass(frozen=True)
class Loss(Fault):
    """A claim whose content goes, because the stack allows it."""


def preflight(wanted: Sequence[Wanted]) -> list[Loss]:
    """Check the clusters of some namespaces, and return what the stack allows to be lost.

    Raises ConfigurationFault with every fault at once.
    Each cluster is connected to once. What is wrong alike in several places is told once, with all of them.
    """
    clusters: dict[tuple[str, str], list[Wanted]] = {}
    for want in wanted:
        clusters.setdefault((kubeconfig_of(want.settings), want.settings.context), []).append(want)
    found = _told_once(fault for wants in clusters.values() for fault in _faults(wants))
    faults = [fault for fault in found if not isinstance(fault, Loss)]
    if faults:
        raise ConfigurationFault(faults)
    return [fault for fault in found if isinstance(fault, Loss)]


def _told_once(faults: Iterable[Fault]) -> list[Fault]:
    places: dict[Fault, dict[str, None]] = {}
    for fault in faults:
        places.setdefault(replace(fault, path=""), {})[fault.path] = None
    return [replace(fault, path=" and ".join(paths)) for fault, paths in places.items()]


def _faults(wants: Sequence[Wanted]) -> Iterator[Fault]:
    """Yield what one cluster lacks. A cluster that does not answer once is asked no more."""
    try:
        server = ApiServer(wants[0].settings)
        classes = _storage_classes(server)
        for want in wants:
            found = (*_rights(server, want), *_classes(classes, want), *_claims(server, classes, want))
            yield from _placed(found, want)
    except ConfigurationFault as fault:
        for want in wants:
            yield from _placed(fault.faults, want)


def _placed(faults: Iterable[Fault], want: Wanted) -> Iterator[Fault]:
    return (replace(fault, path=f"{want.path}.{fault.path}") for fault in faults)


def _storage_classes(server: ApiServer) -> Mapping[str, Tree] | None:
    """Return the cluster's storage classes by name; None where they may not be listed."""
    try:
        listed = server.ask(CLASSES)["items"]
    except Forbidden:
        return None
    return {found["metadata"]["name"]: found for found in listed}


def _rights(server: ApiServer, wanted: Wanted) -> Iterator[Fault]:
    """Yield what the operator may not do, as far as the cluster can tell beforehand."""
    try:
        status = server.ask(REVIEW, {"spec": {"namespace": wanted.namespace}})["status"]
    except Forbidden:
        problem = f"{server.context} lets this user ask nothing, not even what it may do"
        yield Fault("context", problem, "log in as a user that the cluster knows, or write another context")
        return
    if status.get("incomplete"):
        return
    missing = [
        resource
        for group, resources in RIGHTS.items()
        for resource in resources
        if not any(_grants(rule, group, resource) for rule in status["resourceRules"])
    ]
    if missing:
        within, lacks = wanted.namespace, ", ".join(missing)
        yield Fault(
            "context",
            f"the user of {server.context} may not patch {lacks} in namespace {within}",
            f"ask for it: kubectl create rolebinding fate --clusterrole admin --user NAME --namespace"
            f" {within}; or write another context",
        )


def _grants(rule: Tree, group: str, resource: str) -> bool:
    def within(value: str, key: str) -> bool:
        allowed = rule.get(key) or ()
        return value in allowed or "*" in allowed

    granted = within("patch", "verbs") and within(group, "apiGroups") and within(resource, "resources")
    return granted and not rule.get("resourceNames")


def _classes(classes: Mapping[str, Tree] | None, wanted: Wanted) -> Iterator[Fault]:
    if classes is None:
        return
    named, context = wanted.settings.storage.storage_class, wanted.settings.context
    remedy = f"write one that it has: {', '.join(sorted(classes))}" if classes else "make one in the cluster"
    if named is not None and named not in classes:
        yield Fault("storage.class", f"{context} has no storage class {named}", remedy)
    if named is None and not any(_is_default(found) for found in classes.values()):
        problem = f"{context} has no default storage class, and the stack names none"
        yield Fault("storage.class", problem, remedy)


def _is_default(found: Tree) -> bool:
    annotations = found["metadata"].get("annotations") or {}
    return bool(annotations.get(DEFAULT_CLASS) == "true")


def _claims(server: ApiServer, classes: Mapping[str, Tree] | None, wanted: Wanted) -> Iterator[Fault]:
    """Yield the claims that exist and could only be replaced to become what the stack says."""
    try:
        listed = server.ask(f"/api/v1/namespaces/{wanted.namespace}/persistentvolumeclaims")["items"]
    except Forbidden:
        return
    for claim in listed:
        name = claim["metadata"]["name"]
        reason = name in wanted.claims and _replaced(claim, wanted, classes or {})
        which = f"claim {name} of namespace {wanted.namespace} {reason}"
        if reason and wanted.settings.storage.replace:
            remedy = "pulumi up deletes it; to keep it, write what it has"
            yield Loss("storage", f"{which}: it will be replaced, and its content lost", remedy)
        elif reason:
            remedy = (
                "write what it has; or, to lose its content, first storage: {replace: true} and pulumi up"
            )
            yield Fault("storage", f"{which}: it would be replaced, and its content lost", remedy)


def _replaced(claim: Tree, wanted: Wanted, classes: Mapping[str, Tree]) -> str | None:
    """Return why a claim cannot change to what the stack says; None if it can."""
    from kubernetes.utils import parse_quantity

    has, wants = claim["spec"].get("storageClassName"), wanted.settings.storage.storage_class
    if wants is not None and has != wants:
        return f"has storage class {has}, and the stack says {wants}"
    held, size = claim["spec"]["resources"]["requests"]["storage"], wanted.claims[claim["metadata"]["name"]]
    grows = parse_quantity(size) - parse_quantity(held)  # type: ignore[no-untyped-call]
    if grows < 0:
        return f"has {held}, and the stack says {size}: a claim never shrinks"
    if grows > 0 and has in classes and not classes[has].get("allowVolumeExpansion"):
        return f"has {held}, the stack says {size}, and storage class {has} cannot grow a volume"
    return None
