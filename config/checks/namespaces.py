"""The namespaces of parties on Kubernetes."""

from collections.abc import Iterator

from config.faults import Fault, shown
from config.paths import path
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
