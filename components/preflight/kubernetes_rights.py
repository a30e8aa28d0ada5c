"""What the operator must be allowed to do in a stack's namespaces, asked before anything is made.

The API server is asked what this user may do, not tried: first for a list of it, then for each right that an
incomplete list leaves open, several at a time. Gives no right; docs/role.yaml holds all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from components.preflight.kubernetes_access import AT_ONCE, ApiServer, Forbidden
from components.preflight.kubernetes_wanted import EVERYWHERE, Wanted
from config import Fault

RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

VERBS = ("get", "list", "watch", "create", "patch", "delete")
"""What is done with every kind of object that the stack makes."""
WATCHED = ("get", "list", "watch")
"""What is done with what is only looked at."""

Tree = Mapping[str, Any]
Right = tuple[str, str, str]
"""An API group, a resource of it, a verb."""


def rights_faults(server: ApiServer, wanted: Wanted) -> Iterator[Fault]:
    """Yield one fault for a namespace in which a right is missing, or which does not exist and should."""
    try:
        there = server.has(f"/api/v1/namespaces/{wanted.namespace}")
        missing = [*_namespace_rights(server, wanted, there), *_rights_within(server, wanted)]
    except Forbidden:
        problem = f"{server.context} lets this user ask nothing, not even what it may do"
        yield Fault("context", problem, "log in as a user that the cluster knows, or write another context")
        return
    if missing:
        yield _fault(server, wanted, missing, there)
    if there is False and not wanted.settings.create_namespace:
        yield Fault(
            "namespace",
            f"{server.context} has no namespace {wanted.namespace}, and the stack may not make it",
            f"kubectl create namespace {wanted.namespace}; or leave create-namespace out",
        )


def needed(wanted: Wanted) -> Iterator[Right]:
    """Yield every right that the objects of a namespace need."""
    for group, resources in (*EVERYWHERE.items(), *wanted.kinds.items()):
        for resource in resources:
            yield from ((group, resource, verb) for verb in VERBS)
    for group, resources in wanted.looked_at.items():
        for resource in resources:
            yield from ((group, resource, verb) for verb in WATCHED)


def _rights_within(server: ApiServer, wanted: Wanted) -> Iterable[Right]:
    """Return what is missing within the namespace; an incomplete list of rights is completed one by one."""
    status = server.ask(RULES, {"spec": {"namespace": wanted.namespace}})["status"]
    unlisted = [right for right in needed(wanted) if not _granted(status["resourceRules"], right)]
    if not status.get("incomplete"):
        return unlisted
    return _refused(server, unlisted, {"namespace": wanted.namespace})


def _namespace_rights(server: ApiServer, wanted: Wanted, there: bool | None) -> Iterator[Right]:
    """Yield what is missing to make the namespace, or to label the one that is there."""
    if not wanted.settings.create_namespace:
        return
    if there is None:
        yield "", "namespaces", "get"
    verbs = ("patch",) if there else ("create", "patch")
    yield from _refused(server, [("", "namespaces", verb) for verb in verbs], {"name": wanted.namespace})


def _granted(rules: Iterable[Tree], right: Right) -> bool:
    return any(_grants(rule, right) for rule in rules)


def _grants(rule: Tree, right: Right) -> bool:
    group, resource, verb = right

    def within(value: str, key: str) -> bool:
        allowed = rule.get(key) or ()
        return value in allowed or "*" in allowed

    granted = within(verb, "verbs") and within(group, "apiGroups") and within(resource, "resources")
    return granted and not rule.get("resourceNames")


def _refused(server: ApiServer, rights: Sequence[Right], where: Mapping[str, str]) -> list[Right]:
    """Ask for each right. Raises what the first question raises that has no answer."""
    with ThreadPoolExecutor(AT_ONCE) as asking:
        allowed = asking.map(lambda right: _allowed(server, right, where), rights)
        return [right for right, may in zip(rights, allowed, strict=True) if not may]


def _allowed(server: ApiServer, right: Right, where: Mapping[str, str]) -> bool:
    group, resource, verb = right
    attributes = {"group": group, "resource": resource, "verb": verb, **where}
    review = server.ask(REVIEW, {"spec": {"resourceAttributes": attributes}})
    return bool(review["status"].get("allowed"))


def _fault(server: ApiServer, wanted: Wanted, missing: Sequence[Right], there: bool | None) -> Fault:
    within = wanted.namespace
    state = ", which does not exist" if there is False else ""
    problem = f"the user of {server.context} may not {_told(missing)} in namespace {within}{state}"
    steps = [
        f"kubectl apply --namespace {within} --filename docs/role.yaml",
        f"kubectl create rolebinding fate --namespace {within} --role fate-operator --user NAME",
    ]
    if any(resource == "namespaces" for _, resource, _ in missing):
        if not there:
            steps.insert(0, f"kubectl create namespace {within}")
        steps.append(f"then write namespace: {within} and create-namespace: false")
    remedy = f"let an administrator run: {'; '.join(steps)}; or write another context"
    return Fault("context", problem, remedy)


def _told(missing: Iterable[Right]) -> str:
    """Return rights in words: the resources that lack the same verbs together."""
    verbs: dict[str, list[str]] = {}
    for _, resource, verb in missing:
        verbs.setdefault(resource, []).append(verb)
    together: dict[str, list[str]] = {}
    for resource, lacking in verbs.items():
        together.setdefault(", ".join(lacking), []).append(resource)
    return "; ".join(f"{lacking} {', '.join(resources)}" for lacking, resources in together.items())
