"""Whose a namespace is that a stack wants, and in one that the stack was given, whose the objects are.

Asks before anything is made: the provider takes over whatever has the name of what it makes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from components.preflight.kubernetes_access import ApiServer, Forbidden
from components.preflight.kubernetes_wanted import EVERYWHERE, Wanted
from components.runtimes.ownership import RENAME, Ownership, Stranger, remedy_for
from config import Fault

METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
"""Lists come without the objects' content: nobody's secrets are read."""

GROUPS = {"": "/api/v1", "apps": "/apis/apps/v1", "networking.k8s.io": "/apis/networking.k8s.io/v1"}
"""Where objects are listed. Those of other groups stand and fall with the services that they are for."""

Labels = Mapping[str, str]


def as_it_was(server: ApiServer, wanted: Wanted, ownership: Ownership) -> Wanted:
    """Return what is wanted within the namespace of before, where that is there and this stack's."""
    if wanted.before in (None, wanted.namespace):
        return wanted
    there = _namespace(server, wanted.before)
    if not there or ownership.stranger_in(there) or _namespace(server, wanted.namespace) is not None:
        return wanted
    return replace(wanted, namespace=wanted.before)


def owner_faults(server: ApiServer, wanted: Wanted, ownership: Ownership) -> Iterator[Fault]:
    """Yield a namespace that is another's, or objects of another in a namespace that the stack was given.

    In a namespace of its own a stack asks for no single object.
    """
    ownership = ownership.of_one_key() if wanted.keeps_key else ownership
    if not wanted.settings.create_namespace:
        yield from _foreign_objects(server, wanted, ownership)
        return
    labels = _namespace(server, wanted.namespace)
    if labels is not None and (stranger := ownership.stranger_in(labels)):
        yield _foreign_namespace(server, wanted, stranger, ownership)


def _namespace(server: ApiServer, name: str) -> Labels | None:
    """Return the labels of a namespace; None where there is none, or this user may not know."""
    try:
        found = server.found(f"/api/v1/namespaces/{name}")
    except Forbidden:
        return None
    return None if found is None else _labels(found)


def _labels(found: Mapping[str, Any]) -> Labels:
    labels: Labels = (found.get("metadata") or {}).get("labels") or {}
    return labels


def _foreign_namespace(server: ApiServer, wanted: Wanted, stranger: Stranger, ownership: Ownership) -> Fault:
    name, given = wanted.namespace, wanted.settings.namespace
    problem = f"{server.context} already has namespace {name}, {ownership.describe(stranger)}"
    remedy = remedy_for(stranger, ownership, "write another namespace" if given else RENAME, wanted.keeps_key)
    if stranger.stack is None:
        lent = f"if it was made for this stack, write namespace: {name} and create-namespace: false"
        remedy = f"{lent}; or {remedy}"
    return Fault("namespace", problem, remedy)


def _foreign_objects(server: ApiServer, wanted: Wanted, ownership: Ownership) -> Iterator[Fault]:
    foreign: dict[Stranger, list[str]] = {}
    for what, labels in _present(server, wanted):
        if stranger := ownership.stranger_in(labels):
            foreign.setdefault(stranger, []).append(what)
    for stranger, (first, *others) in foreign.items():
        more = f" and {len(others)} more of the names that this stack wants" if others else ""
        problem = f"{wanted.namespace} already has {first}{more}, {ownership.describe(stranger)}"
        remedy = remedy_for(stranger, ownership, "write another namespace", wanted.keeps_key)
        yield Fault("namespace", problem, remedy)


def _present(server: ApiServer, wanted: Wanted) -> Iterator[tuple[str, Labels]]:
    """Yield the objects that have a name which the stack makes, one listing a kind."""
    for group, resources in EVERYWHERE.items():
        for resource in resources:
            names = wanted.names_of(resource)
            for found in _listed(server, f"{GROUPS[group]}/namespaces/{wanted.namespace}/{resource}"):
                if found["metadata"]["name"] in names:
                    yield f"{resource}/{found['metadata']['name']}", _labels(found)


def _listed(server: ApiServer, url: str) -> list[Mapping[str, Any]]:
    try:
        found = server.found(url, METADATA)
    except Forbidden:
        return []
    return list((found or {}).get("items") or ())
