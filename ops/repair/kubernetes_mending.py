"""Takes from objects in a cluster what their stack does not declare."""

from collections.abc import Iterable

from ops.doctor.exported import Cluster
from ops.doctor.kubernetes_api import cluster
from ops.doctor.symptoms import Ailment
from ops.doctor.unseen import Added
from ops.repair.found import Unmended


def mend(place: Cluster, path: str, parts: Iterable[Added]) -> None:
    """Remove parts of one object, all of them or none. Raises Unmended where the cluster does not let it.

    Each removal first tests that the part is still what was seen; those at the end of a list go first, so
    that the places of the others stay.
    """
    steps = []
    for part in reversed(list(parts)):
        steps.append({"op": "test", "path": part.pointer, "value": part.value})
        steps.append({"op": "remove", "path": part.pointer})
    try:
        cluster(place.kubeconfig, place.context).patch(path, steps)
    except Ailment as fault:
        raise Unmended(fault.detail) from None
