"""What a killed run left on a cluster: objects that carry the stack's labels and that no state knows.

The Kubernetes plugin takes them over in the next `up`; but where `destroy` comes next, or a party was
removed, nobody would ever take them away, a Secret with its passwords among them. Claims and namespaces stay.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ops.doctor.exported import Cluster, Exported, Resource
from ops.doctor.kubernetes_api import Cluster as Api
from ops.doctor.kubernetes_api import cluster
from ops.doctor.symptoms import Ailment, Symptom
from ops.repair.found import Found, Kind, Unmended
from ops.repair.owner import STACK, Owner

COLLECTIONS: Mapping[str, str] = {
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "StatefulSet": "/apis/apps/v1/namespaces/{}/statefulsets",
    "Ingress": "/apis/networking.k8s.io/v1/namespaces/{}/ingresses",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "PodDisruptionBudget": "/apis/policy/v1/namespaces/{}/poddisruptionbudgets",
    "Service": "/api/v1/namespaces/{}/services",
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Secret": "/api/v1/namespaces/{}/secrets",
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
}
"""The kinds that hold no data, workloads first: what they need goes after them."""


def leftovers(state: Exported, place: Cluster, owner: Owner) -> Iterator[Found]:
    """Yield what is left over. Raises Ailment where the cluster does not answer.

    A kind that this account may not list is passed over: neither did its run make any.
    """
    api = cluster(place.kubeconfig, place.context)
    here = [*state.on(place), *state.pending_on(place)]
    known = {_identity(resource) for resource in state.on(place)}
    for namespace in sorted({space for one in here if (space := _namespace(one))}):
        for kind, collection in COLLECTIONS.items():
            path = collection.format(namespace)
            for one in _listed(api, path, owner):
                about = one["metadata"]
                if (kind, namespace, about["name"]) not in known and _is_ours(about, owner):
                    yield _left(api, place, kind, f"{path}/{about['name']}", about)


def _listed(api: Api, path: str, owner: Owner) -> list[Mapping[str, Any]]:
    try:
        return api.listed(path, f"{STACK}={owner.stack}")
    except Ailment as fault:
        if fault.symptom in (Symptom.FORBIDDEN, Symptom.MISSING):
            return []
        raise


def _is_ours(about: Mapping[str, Any], owner: Owner) -> bool:
    made_by_another = about.get("ownerReferences") or about.get("deletionTimestamp")
    return not made_by_another and owner.owns(about["name"], about.get("labels") or {})


def _identity(resource: Resource) -> tuple[str, str, str]:
    about = resource.inputs.get("metadata") or {}
    return resource.type.rpartition(":")[2], about.get("namespace", ""), about.get("name", "")


def _namespace(resource: Resource) -> str:
    about = resource.inputs.get("metadata") or {}
    return str(about.get("name" if resource.type.endswith(":Namespace") else "namespace") or "")


def _left(api: Api, place: Cluster, kind: str, path: str, about: Mapping[str, Any]) -> Found:
    return Found(
        kind=Kind.OBJECT,
        where=place.context,
        name=f"{kind} {about['namespace']}/{about['name']}",
        wrong="is this stack's, and its state does not know it",
        remedy="delete it",
        mend=_deletion(api, path),
    )


def _deletion(api: Api, path: str) -> Callable[[], None]:
    def mend() -> None:
        try:
            api.delete(path)
        except Ailment as fault:
            if fault.symptom is not Symptom.MISSING:
                raise Unmended(fault.detail) from None

    return mend
