"""The storage that a stack's claims ask of a cluster, and the claims that could only be replaced.

Asks before anything is made, and changes nothing. What a claim already lies on is not moved.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clients.kubernetes.quantities import amount
from components.preflight.kubernetes_access import ApiServer, Forbidden
from components.preflight.kubernetes_wanted import Wanted
from components.runtimes.claims import ClaimId, Kept
from config import Fault

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"

Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Loss(Fault):
    """A claim whose content goes, because the stack allows it."""


@dataclass(frozen=True)
class Storage:
    """What is wrong with a namespace's storage, or will be lost, and the claims that stay as they are."""

    faults: Sequence[Fault]
    kept: Kept


def storage_classes(server: ApiServer) -> Mapping[str, Tree] | None:
    """Return the cluster's storage classes by name; None where they may not be listed."""
    try:
        listed = server.ask(CLASSES)["items"]
    except Forbidden:
        return None
    return {found["metadata"]["name"]: found for found in listed}


def storage_of(server: ApiServer, classes: Mapping[str, Tree] | None, wanted: Wanted) -> Storage:
    """Look at a namespace's claims, and at what its storage cannot have."""
    faults = list(_classes(classes, wanted)) if classes is not None else []
    kept: dict[ClaimId, str] = {}
    for claim in _claims(server, wanted):
        if fault := _of_a_template(claim, wanted):
            faults.append(fault)
            continue
        reason, held = _replaced(claim, wanted, classes or {}), claim["spec"].get("storageClassName")
        if reason:
            faults.append(_told(claim, wanted, reason))
        elif held:
            kept[wanted.settings.place, wanted.namespace, claim["metadata"]["name"]] = held
    return Storage(faults, kept)


def _classes(classes: Mapping[str, Tree], wanted: Wanted) -> Iterator[Fault]:
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


def _claims(server: ApiServer, wanted: Wanted) -> Iterator[Tree]:
    """Yield the stack's claims that exist."""
    try:
        listed = server.ask(f"/api/v1/namespaces/{wanted.namespace}/persistentvolumeclaims")["items"]
    except Forbidden:
        return
    yield from (claim for claim in listed if claim["metadata"]["name"] in wanted.claims)


def _of_a_template(claim: Tree, wanted: Wanted) -> Fault | None:
    """Return that a claim would stay smaller than the stack says; None for one that Pulumi itself changes."""
    name = claim["metadata"]["name"]
    held, size = claim["spec"]["resources"]["requests"]["storage"], wanted.claims[name]
    if name not in wanted.templated or (amount(size) or 0) <= (amount(held) or 0):
        return None
    return Fault(
        "storage.size",
        f"claim {name} of namespace {wanted.namespace} has {held}, and the stack says {size}: its StatefulSet"
        " gives it no other size",
        f"raise it by hand first, where its class can grow a volume: kubectl edit pvc {name}; then write it",
    )


def _told(claim: Tree, wanted: Wanted, reason: str) -> Fault:
    which = f"claim {claim['metadata']['name']} of namespace {wanted.namespace} {reason}"
    if wanted.settings.storage.replace:
        remedy = "pulumi up deletes it; to keep it, write what it has"
        return Loss("storage", f"{which}: it will be replaced, and its content lost", remedy)
    remedy = "write what it has; or, to lose its content, first storage: {replace: true} and pulumi up"
    if wanted.is_by_chart:
        remedy = "write what it has; or, to lose its content, take it away by hand"
    return Fault("storage", f"{which}: it would be replaced, and its content lost", remedy)


def _replaced(claim: Tree, wanted: Wanted, classes: Mapping[str, Tree]) -> str | None:
    """Return why a claim cannot change to what the stack says; None if it can.

    Where the stack names no class, a claim keeps the one that it has.
    """
    has, wants = claim["spec"].get("storageClassName"), wanted.settings.storage.storage_class
    if wants is not None and has != wants:
        return f"has storage class {has}, and the stack says {wants}"
    modes, access = claim["spec"].get("accessModes") or [], wanted.settings.storage.access
    if modes != [access]:
        return f"has access {', '.join(modes)}, and the stack says {access}"
    held, size = claim["spec"]["resources"]["requests"]["storage"], wanted.claims[claim["metadata"]["name"]]
    grows = (amount(size) or 0) - (amount(held) or 0)
    if grows < 0:
        return f"has {held}, and the stack says {size}: a claim never shrinks"
    if grows > 0 and has in classes and not classes[has].get("allowVolumeExpansion"):
        return f"has {held}, the stack says {size}, and storage class {has} cannot grow a volume"
    return None
