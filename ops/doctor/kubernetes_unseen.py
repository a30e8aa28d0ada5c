"""What differs on a cluster from a stack's state without the Kubernetes plugin seeing it."""

from collections.abc import Iterator

from ops.doctor.exported import Cluster, Exported, Resource
from ops.doctor.kubernetes_additions import KINDS, additions
from ops.doctor.kubernetes_api import Cluster as Api
from ops.doctor.kubernetes_api import cluster
from ops.doctor.symptoms import Ailment, Symptom
from ops.doctor.unseen import MIRROR, Added, Unseen

ENDINGS = {"y": "ies", "s": "ses"}
"""How the plural of a kind ends in the API, where it is not with an `s` more."""


def unseen_on(state: Exported, place: Cluster) -> Iterator[Unseen]:
    """Yield what differs. Changes nothing.

    Raises Ailment where the cluster does not answer, or this account may not read workloads, ConfigMaps and
    NetworkPolicies.
    """
    api = cluster(place.kubeconfig, place.context)
    for resource in state.on(place):
        if resource.type.rpartition(":")[2] in KINDS:
            yield from _of_object(api, place, resource)


def path_of(declared: Resource) -> str:
    """Return the place of a namespaced object in the API."""
    _, version, kind = declared.type.split(":")
    root = f"/api/{version.removeprefix('core/')}" if version.startswith("core/") else f"/apis/{version}"
    about, name = declared.inputs["metadata"], kind.lower()
    plural = name[:-1] + ENDINGS.get(name[-1], f"{name[-1]}s")
    return f"{root}/namespaces/{about['namespace']}/{plural}/{about['name']}"


def _of_object(api: Api, place: Cluster, declared: Resource) -> Iterator[Unseen]:
    path, kind = path_of(declared), declared.type.rpartition(":")[2]
    try:
        live = api.get(path)
    except Ailment as fault:
        if fault.symptom is Symptom.MISSING:
            return
        raise
    about, labels = declared.inputs["metadata"], declared.labels
    party, service = labels.get("fate.party", MIRROR), labels.get("app.kubernetes.io/name", "")
    name = f"{kind} {about['name']} of namespace {about['namespace']}"
    for added in additions(kind, declared.inputs, live):
        detail = f"{name} has {added.what}, which the stack does not declare"
        yield Added(
            place,
            party,
            service,
            about["name"],
            detail,
            name,
            added.what,
            path,
            added.pointer,
            added.value,
        )
