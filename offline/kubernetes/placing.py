"""Where a chart's objects live that do not say so themselves."""

from collections.abc import Mapping, Sequence

from offline.kubernetes.kinds import ObjectType
from offline.kubernetes.manifests import Object, group
from offline.kubernetes.order import kind_defined


def placed_in(
    namespace: str, found: Sequence[Object], namespaced: Mapping[ObjectType, bool]
) -> tuple[list[Object], list[str]]:
    """Return objects with the namespace where their kind needs one, and the kinds of which that is not known.

    What a definition among the objects says of its kind comes before what the cluster has.
    """
    defined = {made: body for body in found if (made := kind_defined(body))}
    placed = []
    unknown: dict[str, None] = {}
    for body in found:
        kind = ObjectType(body["apiVersion"], body["kind"])
        definition = defined.get((group(body), kind.kind))
        needs = definition["spec"].get("scope") == "Namespaced" if definition else namespaced.get(kind)
        bare = not body["metadata"].get("namespace")
        if bare and needs is None:
            unknown[f"{kind.api_version}, Kind={kind.kind}"] = None
        metadata = {**body["metadata"], **({"namespace": namespace} if bare and needs else {})}
        placed.append({**body, "metadata": metadata})
    return placed, list(unknown)
