"""What a Kubernetes cluster must offer before anything is made on it.

Its API server answers to the stack's context, the operator has the rights, the storage classes exist, and no
claim would have to be replaced. Asks and makes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from components.runtimes.claims import ClaimId, Kept
from components.runtimes.kubernetes_access import ApiServer, kubeconfig_of
from components.runtimes.kubernetes_rights import rights_faults
from components.runtimes.kubernetes_storage import Loss, storage_classes, storage_of
from components.runtimes.kubernetes_wanted import Wanted
from config import ConfigurationFault, Fault


@dataclass(frozen=True)
class Examined:
    """What the stack allows to be lost, and the claims that stay."""

    losses: Sequence[Loss]
    kept: Kept


def preflight(wanted: Sequence[Wanted]) -> Examined:
    """Check the clusters of some namespaces.

    Raises ConfigurationFault with every fault at once.
    Each cluster is connected to once. What is wrong alike in several places is told once, with all of them.
    """
    clusters: dict[tuple[str, str], list[Wanted]] = {}
    for want in wanted:
        clusters.setdefault((kubeconfig_of(want.settings), want.settings.context), []).append(want)
    kept: dict[ClaimId, str] = {}
    found = _told_once([fault for wants in clusters.values() for fault in _faults(wants, kept)])
    faults = [fault for fault in found if not isinstance(fault, Loss)]
    if faults:
        raise ConfigurationFault(faults)
    return Examined([fault for fault in found if isinstance(fault, Loss)], kept)


def _told_once(faults: Iterable[Fault]) -> list[Fault]:
    places: dict[Fault, dict[str, None]] = {}
    for fault in faults:
        places.setdefault(replace(fault, path=""), {})[fault.path] = None
    return [replace(fault, path=" and ".join(paths)) for fault, paths in places.items()]


def _faults(wants: Sequence[Wanted], kept: dict[ClaimId, str]) -> Iterator[Fault]:
    """Yield what one cluster lacks, and note the claims that stay.

    A cluster that does not answer once is asked no more.
    """
    try:
        server = ApiServer(wants[0].settings)
        classes = storage_classes(server)
        for want in wants:
            rights, storage = list(rights_faults(server, want)), storage_of(server, classes, want)
            kept.update(storage.kept)
            yield from _placed((*rights, *storage.faults), want)
    except ConfigurationFault as fault:
        for want in wants:
            yield from _placed(fault.faults, want)


def _placed(faults: Iterable[Fault], want: Wanted) -> Iterator[Fault]:
    return (replace(fault, path=f"{want.path}.{fault.path}") for fault in faults)
