"""A live object, seen through the fields that were declared of it: what else it has is no drift.

Defaults of the server, its status and other managers' own fields are not seen. A list is compared as the
API server merges it, which `managedFields` tell: by element where elements have keys, else as a whole.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from offline.kubernetes import quantities
from offline.protocol.values import Plain

Nodes = list[Mapping[str, Any]] | None
Live = Mapping[str, Any]

OF_THE_SERVER = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
KEY_DEFAULTS = {"protocol": "TCP"}
WHOLE: Nodes = [{}]


def projected(inputs: Plain, live: Live) -> Plain:
    """Return the declared fields with the values that they have now; without those that are gone."""
    managed = (live.get("metadata") or {}).get("managedFields") or ()
    nodes = [each["fieldsV1"] for each in managed if each.get("fieldsV1") and not each.get("subresource")]
    seen = {**live, "stringData": _texts(live)} if "stringData" in inputs else live
    return _fields(inputs, seen, nodes or None, exact=True)


def declared(live: Live) -> Plain:
    """Return what one would have to declare for a live object: all of it that is not the server's own."""
    found = {name: value for name, value in visible(live).items() if name != "status"}
    kept = {name: value for name, value in found["metadata"].items() if name not in OF_THE_SERVER}
    return {**found, "metadata": kept}


def visible(live: Live) -> Plain:
    """Return a live object without `managedFields` and without kubectl's copy of what was declared."""
    metadata = {name: value for name, value in live["metadata"].items() if name != "managedFields"}
    if LAST_APPLIED in (metadata.get("annotations") or {}):
        notes = {name: value for name, value in metadata["annotations"].items() if name != LAST_APPLIED}
        metadata = {**metadata, "annotations": notes}
    return {**live, "metadata": metadata}


def _texts(live: Live) -> dict[str, str]:
    """Return a Secret's content as text."""
    return {
        name: base64.b64decode(value).decode(errors="replace")
        for name, value in (live.get("data") or {}).items()
    }


def _value(wanted: Any, live: Any, nodes: Nodes, exact: bool) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(wanted, dict) and isinstance(live, Mapping):
        return _fields(wanted, live, nodes, exact)
    if isinstance(wanted, list) and isinstance(live, list):
        return _elements(wanted, live, nodes, exact)
    same = wanted == live or (not exact and quantities.same(wanted, live))
    return wanted if same else live


def _fields(wanted: Plain, live: Live, nodes: Nodes, exact: bool) -> Plain:
    found = {}
    for name, part in wanted.items():
        if live.get(name) is not None:
            child = _child(nodes, f"f:{name}")
            found[name] = _value(part, live[name], child, exact and name not in quantities.HOLDERS)
        elif _empty(part):
            found[name] = part
    return found


def _empty(value: object) -> bool:
    """Return whether the server leaves such a value away when it answers."""
    if isinstance(value, Mapping):
        return all(map(_empty, value.values()))
    return value in (None, "", 0, False, [])


def _elements(wanted: list[Any], live: list[Any], nodes: Nodes, exact: bool) -> list[Any]:
    keys = _keys(wanted, nodes)
    if keys:
        return list(_keyed(wanted, live, nodes, exact, keys))
    if any(name.startswith("v:") for node in nodes or () for name in node):
        return [each for each in wanted if each in live]
    pairs = zip(wanted, live, strict=False)
    return [_value(ours, theirs, WHOLE, exact) for ours, theirs in pairs] + live[len(wanted) :]


def _keys(wanted: list[Any], nodes: Nodes) -> tuple[str, ...]:
    """Return the fields by which the elements of a list are told apart; none if it is one whole."""
    for node in nodes or ():
        for name in node:
            if name.startswith("k:"):
                return tuple(json.loads(name[2:]))
    unknown = nodes is None and wanted
    return ("name",) if unknown and all(isinstance(each, dict) and "name" in each for each in wanted) else ()


def _keyed(
    wanted: list[Any], live: list[Any], nodes: Nodes, exact: bool, keys: tuple[str, ...]
) -> Iterator[Any]:
    for ours in wanted:
        key = {name: ours.get(name, KEY_DEFAULTS.get(name)) for name in keys}
        given = {name: value for name, value in key.items() if value is not None}
        theirs = next((each for each in live if given.items() <= each.items()), None)
        if theirs is not None:
            child = _element_nodes(nodes, {name: theirs[name] for name in keys if name in theirs})
            yield _value(ours, theirs, child, exact)


def _element_nodes(nodes: Nodes, key: Mapping[str, Any]) -> Nodes:
    found = [
        part
        for node in nodes or ()
        for name, part in node.items()
        if name.startswith("k:") and json.loads(name[2:]) == key
    ]
    return found or None


def _child(nodes: Nodes, name: str) -> Nodes:
    """Return what is known of a field; inside of a whole, all is whole."""
    if nodes is None or not any(nodes):
        return nodes
    return [node[name] for node in nodes if name in node] or None
