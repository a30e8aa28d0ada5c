"""Deletions that a killed run began on a cluster.

The API server goes on to delete what it was asked to, pods and all; until then it tells that the object is
there. It is waited for, and nothing is deleted here: what was not asked for yet simply stays.
"""

import time
from collections.abc import Iterable

from ops.doctor.exported import Cluster, Resource
from ops.doctor.kubernetes_api import Cluster as Api
from ops.doctor.kubernetes_api import cluster
from ops.doctor.kubernetes_unseen import path_of
from ops.doctor.symptoms import Ailment, Symptom
from ops.repair.found import Unmended

LIMIT = 180
"""Seconds: more than a pod gets for its end, and what its node needs to clear it away."""
NAMESPACE = "kubernetes:core/v1:Namespace"


def end(place: Cluster, going: Iterable[Resource]) -> None:
    """Wait until the objects are gone that are on their way out.

    Raises Unmended where one stays, and Ailment where the cluster does not answer.
    A namespace is left to itself: it goes with all that is in it, and no run of this program deletes one.
    """
    api, deadline = cluster(place.kubeconfig, place.context), time.monotonic() + LIMIT
    for path in [path_of(resource) for resource in going if resource.type != NAMESPACE]:
        while _is_going(api, path):
            if time.monotonic() > deadline:
                raise Unmended(
                    f"{path} was to be deleted, and is still there after {LIMIT} s. See what holds it:"
                    f" kubectl --context {place.context} get --raw {path}"
                )
            time.sleep(1)


def _is_going(api: Api, path: str) -> bool:
    try:
        return "deletionTimestamp" in api.get(path)["metadata"]
    except Ailment as fault:
        if fault.symptom is Symptom.MISSING:
            return False
        raise
