"""In which order a chart's objects are made: what others need first, as the official plugin sorts them.

A custom resource comes after its definition, an object after its namespace, and after what its annotation
names. What may be made together is sorted by kind: accounts before workloads, say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from offline.kubernetes.manifests import Object, annotation, group, identity
from offline.protocol.check import unsupported
from offline.protocol.failures import Refusal

DEPENDS_ON = "config.kubernetes.io/depends-on"
MUTATION = "config.kubernetes.io/apply-time-mutation"
RBAC, ADMISSION = "rbac.authorization.k8s.io", "admissionregistration.k8s.io"
FIRST = (
    *(("", "Namespace"), ("", "ResourceQuota"), ("storage.k8s.io", "StorageClass")),
    *(("apiextensions.k8s.io", "CustomResourceDefinition"), (ADMISSION, "MutatingWebhookConfiguration")),
    *(("", "ServiceAccount"), ("extensions", "PodSecurityPolicy"), ("policy", "PodSecurityPolicy")),
    *((RBAC, "Role"), (RBAC, "ClusterRole"), (RBAC, "RoleBinding"), (RBAC, "ClusterRoleBinding")),
    *(("", "ConfigMap"), ("", "Secret"), ("", "Service"), ("", "LimitRange")),
    *(("scheduling.k8s.io", "PriorityClass"), ("extensions", "Deployment"), ("apps", "Deployment")),
    *(("apps", "StatefulSet"), ("batch", "CronJob"), ("policy", "PodDisruptionBudget")),
)
LAST = ((ADMISSION, "ValidatingWebhookConfiguration"),)
RANKS = {kind: rank - len(FIRST) for rank, kind in enumerate(FIRST)} | dict.fromkeys(LAST, 1)
Identity = tuple[str, str, str, str]


@dataclass(frozen=True)
class Step:
    """An object, and those that must be there before it."""

    body: Object
    after: Sequence[Identity]


def ordered(objects: Sequence[Object]) -> list[Step]:
    """Return objects in the order in which they are declared: none before one that it needs."""
    bodies = {identity(body): body for body in objects}
    needs = {name: list(dict.fromkeys(_needs(bodies, body))) for name, body in bodies.items()}
    waiting, steps = dict(needs), []
    while waiting:
        free = [name for name, others in waiting.items() if not any(other in waiting for other in others)]
        if not free:
            raise Refusal(f"objects of the chart wait for each other: {', '.join(map(_told, waiting))}")
        steps += [Step(bodies[name], needs[name]) for name in sorted(free, key=_rank)]
        waiting = {name: others for name, others in waiting.items() if name not in free}
    return steps


def kind_defined(body: Object) -> tuple[str, str] | None:
    """Return the group and kind that a custom resource definition makes."""
    if (group(body), body["kind"]) != ("apiextensions.k8s.io", "CustomResourceDefinition"):
        return None
    spec = body.get("spec", {})
    return str(spec.get("group", "")), str(spec.get("names", {}).get("kind", ""))


def _needs(bodies: Mapping[Identity, Object], body: Object) -> Iterator[Identity]:
    mine = identity(body)
    for name, other in bodies.items():
        if kind_defined(other) == mine[:2] or (
            mine[2] and name[:2] == ("", "Namespace") and name[3] == mine[2]
        ):
            yield name
    for other_name in _named(body, mine):
        if other_name not in bodies:
            raise Refusal(f"{_told(mine)} depends on {_told(other_name)}, which the chart does not have")
        yield other_name
    if annotation(body, MUTATION) is not None:
        raise Refusal(unsupported(f"annotation {MUTATION} of {_told(mine)}"))


def _named(body: Object, mine: Identity) -> Iterable[Identity]:
    written = annotation(body, DEPENDS_ON)
    for reference in (written or "").split(",") if written is not None else ():
        match reference.strip().split("/"):
            case [of, "namespaces", namespace, kind, name] if kind and name:
                yield of, kind, namespace, name
            case [of, kind, name] if kind and name:
                yield of, kind, "", name
            case _:
                raise Refusal(
                    f"{_told(mine)}: annotation {DEPENDS_ON} has {reference!r}, which names no object. "
                    "Write GROUP/KIND/NAME or GROUP/namespaces/NAMESPACE/KIND/NAME"
                )


def _rank(name: Identity) -> tuple[int, Identity]:
    return RANKS.get(name[:2], 0), name


def _told(name: Identity) -> str:
    _, kind, namespace, called = name
    return f"{kind} {namespace}/{called}" if namespace else f"{kind} {called}"
