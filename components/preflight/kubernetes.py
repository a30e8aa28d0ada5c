"""What a Kubernetes cluster must offer before anything is made on it.

Its API server answers to the stack's context, the operator has the rights, the storage classes exist, no
claim would have to be replaced, and nodes offer the GPUs that are wanted. Asks and makes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from clients.kubernetes.kubeconfig import files_of
from components.preflight.kubernetes_access import ApiServer
from components.preflight.kubernetes_charts import chart_faults
from components.preflight.kubernetes_gpus import Unasked, gpu_faults, wants_gpus
from components.preflight.kubernetes_owners import as_it_was, owner_faults
from components.preflight.kubernetes_rights import rights_faults
from components.preflight.kubernetes_storage import Loss, storage_classes, storage_of
from components.preflight.kubernetes_wanted import Wanted
from components.runtimes.claims import ClaimId, Kept
from components.runtimes.ownership import Ownership
from config import ConfigurationFault, Fault


@dataclass(frozen=True)
class Examined:
    """What a stack is to be warned of, the claims that stay, and the names of before of namespaces."""

    warnings: Sequence[Loss | Unasked]
    kept: Kept
    names: frozenset[str]


def preflight(wanted: Sequence[Wanted], ownership: Ownership) -> Examined:
    """Check the clusters of some namespaces.

    Raises ConfigurationFault with every fault at once.
    Each cluster is connected to once. What is wrong alike in several places is told once, with all of them.
    """
    clusters: dict[tuple[str, str], list[Wanted]] = {}
    for want in wanted:
        clusters.setdefault((files_of(want.settings.kubeconfig), want.settings.context), []).append(want)
    kept: dict[ClaimId, str] = {}
    names: set[str] = set()
    every = (_faults(wants, ownership, kept, names) for wants in clusters.values())
    found = _told_once([fault for faults in every for fault in faults])
    faults = [fault for fault in found if not isinstance(fault, Loss | Unasked)]
    if faults:
        raise ConfigurationFault(faults)
    warnings = [fault for fault in found if isinstance(fault, Loss | Unasked)]
    return Examined(warnings, kept, frozenset(names))


def _told_once(faults: Iterable[Fault]) -> list[Fault]:
    places: dict[Fault, dict[str, None]] = {}
    for fault in faults:
        places.setdefault(replace(fault, path=""), {})[fault.path] = None
    return [replace(fault, path=" and ".join(paths)) for fault, paths in places.items()]


def _faults(
    wants: Sequence[Wanted], ownership: Ownership, kept: dict[ClaimId, str], names: set[str]
) -> Iterator[Fault]:
    """Yield what one cluster lacks, and note the claims that stay and the namespaces of before.

    A cluster that does not answer once is asked no more.
    """
    try:
        server = ApiServer(wants[0].settings)
        classes = storage_classes(server)
        gpus = list(gpu_faults(server, wants))
        for wish in wants:
            want = as_it_was(server, wish, ownership)
            names.update({want.namespace} - {wish.namespace})
            owners = list(owner_faults(server, want, ownership)) or list(chart_faults(server, want))
            rights, storage = list(rights_faults(server, want)), storage_of(server, classes, want)
            kept.update(storage.kept)
            yield from _placed((*owners, *rights, *storage.faults), want)
            yield from _placed(gpus if wants_gpus(want) else (), want)
    except ConfigurationFault as fault:
        for want in wants:
            yield from _placed(fault.faults, want)


def _placed(faults: Iterable[Fault], want: Wanted) -> Iterator[Fault]:
    return (replace(fault, path=f"{want.path}.{fault.path}") for fault in faults)
