"""What parties have in a Kubernetes cluster: their namespaces, and the sizes of their claims."""

from collections.abc import Iterator

from config.catalogue import catalogue, claim_name
from config.faults import Fault, path, shown
from config.harbor import HarborMirror
from config.kubernetes import VOLUMES, KubernetesSettings
from config.mirror import DistributionMirror
from config.party import PartySettings
from config.plan import Plan


def a_namespace_a_party(plan: Plan) -> Iterator[Fault]:
    """Refuse two parties in one namespace: the Services of both have the same names."""
    together: dict[tuple[str, str], list[int]] = {}
    for place, _, runtime in plan.in_clusters():
        if runtime.namespace is not None:
            together.setdefault((runtime.place, runtime.namespace), []).append(place)
    for (cluster, namespace), places in together.items():
        if len(places) > 1:
            ids = ", ".join(plan.parties[place].id for place in places)
            yield Fault(
                path(*plan.runtime_at(places[-1]), "namespace"),
                f"{shown(namespace)} in {cluster} is the namespace of parties {ids}, whose Services have the"
                " same names",
                "leave namespace out, and each party has its own, or give all but one a runtime with another",
            )


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
    here = [_volumes(party) for party in plan.parties.values() if party.runtime is None]
    return set().union(*here, _of_the_mirror(plan))


def _volumes(party: PartySettings) -> set[str]:
    return {claim_name(name, volume) for name in party.service_names for volume in party.volumes_of(name)}


def _of_the_mirror(plan: Plan) -> set[str]:
    match plan.mirror:
        case DistributionMirror():
            names = tuple(catalogue().of("mirror"))
        case HarborMirror() as harbor:
            names = harbor.service_names
        case _:
            return set()
    services = catalogue().services
    return {claim_name(name, volume) for name in names for volume in services[name].volumes}
