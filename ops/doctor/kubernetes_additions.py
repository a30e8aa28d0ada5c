"""Which parts of a live object its stack does not declare. Pure functions of objects as JSON.

Only parts that the API server never adds by itself: elements of lists that go by name, keys of a ConfigMap,
rules of a NetworkPolicy. Labels and annotations are left alone: other programs keep their notes in them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Tree = Mapping[str, Any]


class Addition(NamedTuple):
    """A part that was added: its place as JSON Pointer writes it, what it is in words, and its value."""

    pointer: str
    what: str
    value: object


def additions(kind: str, declared: Tree, live: Tree) -> Iterator[Addition]:
    """Yield what `live`, an object of a kind, has beyond what was declared."""
    yield from _OF_KIND[kind](declared, live)


def _in_workload(declared: Tree, live: Tree) -> Iterator[Addition]:
    ours, theirs = (tree["spec"]["template"]["spec"] for tree in (declared, live))
    at = "/spec/template/spec"
    for key, what in (("containers", "container"), ("initContainers", "init container")):
        yield from _in_containers(f"{at}/{key}", what, ours.get(key) or (), theirs.get(key) or ())
    yield from _by(
        "name", f"{at}/volumes", "volume", "", ours.get("volumes") or (), theirs.get("volumes") or ()
    )


def _in_containers(at: str, what: str, ours: Any, theirs: Any) -> Iterator[Addition]:  # noqa: ANN401 - JSON
    yield from _by("name", at, what, "", ours, theirs)
    declared = {container["name"]: container for container in ours}
    for index, live in enumerate(theirs):
        if container := declared.get(live["name"]):
            yield from _in_container(f"{at}/{index}", container, live)


def _in_container(at: str, declared: Tree, live: Tree) -> Iterator[Addition]:
    inside = f" in container {live['name']}"
    for key, identity, what in _OF_CONTAINER:
        yield from _by(identity, f"{at}/{key}", what, inside, declared.get(key) or (), live.get(key) or ())
    sources = len(declared.get("envFrom") or ())
    for index, source in list(enumerate(live.get("envFrom") or ()))[sources:]:
        yield Addition(f"{at}/envFrom/{index}", f"a source of environment variables{inside}", source)


def _by(identity: str, at: str, what: str, inside: str, ours: Any, theirs: Any) -> Iterator[Addition]:  # noqa: ANN401
    """Yield the elements of a list whose identity none of ours has."""
    declared = {one.get(identity) for one in ours}
    for index, one in enumerate(theirs):
        if one.get(identity) not in declared:
            yield Addition(f"{at}/{index}", f"{what} {one.get(identity)}{inside}", one)


def _in_configmap(declared: Tree, live: Tree) -> Iterator[Addition]:
    for part in ("data", "binaryData"):
        ours, theirs = declared.get(part) or {}, live.get(part) or {}
        for key in sorted(set(theirs) - set(ours)):
            yield Addition(f"/{part}/{_escaped(key)}", f"key {key}", theirs[key])


def _in_policy(declared: Tree, live: Tree) -> Iterator[Addition]:
    rules = {"ingress": [], "egress": [], **declared["spec"]}
    for pointer, value in _beyond(rules, live["spec"], "/spec"):
        yield Addition(pointer, f"rule {pointer.removeprefix('/spec/')}", value)


def _beyond(ours: Any, theirs: Any, at: str) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - JSON
    """Yield the elements after the last of ours, and the content of what we declare empty."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in sorted(set(ours) & set(theirs) if ours else theirs):
            place = f"{at}/{_escaped(key)}"
            yield from _beyond(ours[key], theirs[key], place) if ours else ((place, theirs[key]),)
    elif isinstance(ours, list) and isinstance(theirs, list):
        for index, one in enumerate(theirs):
            if index >= len(ours):
                yield f"{at}/{index}", one
            else:
                yield from _beyond(ours[index], one, f"{at}/{index}")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


_OF_CONTAINER = (
    ("env", "name", "environment variable"),
    ("volumeMounts", "mountPath", "mount"),
    ("ports", "containerPort", "port"),
)
_OF_KIND: Mapping[str, Callable[[Tree, Tree], Iterator[Addition]]] = {
    "Deployment": _in_workload,
    "StatefulSet": _in_workload,
    "ConfigMap": _in_configmap,
    "NetworkPolicy": _in_policy,
}
KINDS = frozenset(_OF_KIND)
