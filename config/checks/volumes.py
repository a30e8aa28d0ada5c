"""The sizes of claims in a Kubernetes cluster."""

from collections.abc import Iterator

from config.cluster_storage import VOLUMES
from config.faults import Fault
from config.kubernetes import KubernetesSettings
from config.mirror import DistributionMirror
from config.party import PartySettings
from config.paths import path
from config.plan import Plan


def sizes_of_volumes_that_are_made(plan: Plan) -> Iterator[Fault]:
    """Refuse the size of a volume that nothing on that runtime has."""
    for place, party in plan.parties.items():
        if isinstance(party.runtime, KubernetesSettings):
            yield from _of_nothing(party.runtime, _volumes(party), ("parties", place, "runtime"))
    if isinstance(plan.runtime, KubernetesSettings) and plan.is_all_read:
        yield from _of_nothing(plan.runtime, _of_the_stack(plan), ("runtime",))


def _of_nothing(runtime: KubernetesSettings, made: set[str], at: tuple[str | int, ...]) -> Iterator[Fault]:
    listed = ", ".join(volume for volume in VOLUMES if volume in made)
    for volume in runtime.storage.size:
        if volume not in made:
            yield Fault(
                path(*at, "storage", "size", volume),
                f"nothing here has a volume {volume}",
                f"leave {volume} out; the volumes here are {listed}" if made else "leave size out",
            )


def _of_the_stack(plan: Plan) -> set[str]:
    here = (_volumes(party) for party in plan.parties.values() if party.runtime is None)
    mirror = {"registry"} if isinstance(plan.mirror, DistributionMirror) else set()
    return mirror.union(*here)


def _volumes(party: PartySettings) -> set[str]:
    return {
        volume
        for volume in VOLUMES
        if any(volume == name or volume.startswith(f"{name}-") for name in party.service_names)
    }
