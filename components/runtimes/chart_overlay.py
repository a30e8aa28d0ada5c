"""Values of an operator laid over those of a party; no Pulumi.

Helm lays one file over another in the same way, but that a null stays null there, which the schema refuses.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.runtimes.chart_values import PartyValues
from config.faults import Fault, nearest, path, shown

Tree = Mapping[str, Any]
At = Sequence[str | int]
NO_KEY = re.compile(r"constrained-|float$|int$|PortRange$")
"""What pydantic puts into a place beside the keys: which alternative of a union it tried."""


def values_tree(values: PartyValues) -> dict[str, Any]:
    """Return values as plain ones, nothing that is a default: what `fate chart values` prints."""
    return values.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)


def laid_over(values: Tree, overlay: Tree) -> dict[str, Any]:
    """Return values under others: maps are joined, null takes a key away, all else takes its place."""
    joined = dict(values)
    for key, over in overlay.items():
        under = joined.get(key)
        if over is None:
            joined.pop(key, None)
        elif isinstance(over, Mapping):
            joined[key] = laid_over(under if isinstance(under, Mapping) else {}, over)
        else:
            joined[key] = over
    return joined


def overlay_faults(values: PartyValues, overlay: Tree, at: At, party: str) -> Iterator[Fault]:
    """Yield what the chart's schema refuses of a party's values under these, which stand `at` a place."""
    named = overlay.get("services")
    strange = [name for name in named if name not in values.services] if isinstance(named, Mapping) else []
    for name in strange:
        near, listed = nearest(name, values.services), ", ".join(values.services)
        problem = f"{shown(name)} is no service of party {party}"
        yield Fault(path(*at, "services", name), problem, f"write {near or f'one of {listed}'}")
    yield from _fails(values, overlay, at)
    try:
        _check(laid_over(values_tree(values), overlay))
    except ValidationError as error:
        yield from _told_once(error, at, strange)


def _fails(values: PartyValues, overlay: Tree, at: At) -> Iterator[Fault]:
    """Yield what the schema takes, and the templates refuse."""
    if overlay.get("namespace", values.namespace) != values.namespace:
        problem = f"is {shown(overlay['namespace'])}, and the files of the services name {values.namespace}"
        yield Fault(path(*at, "namespace"), problem, "write namespace: in the runtime instead")
    services = overlay.get("services")
    named = services if isinstance(services, Mapping) else {}
    for name, service in values.services.items():
        over = named.get(name)
        if service.claims and isinstance(over, Mapping) and over.get("replicas"):
            problem = "pods of it would write to one claim, so it has one pod"
            yield Fault(path(*at, "services", name, "replicas"), problem, "leave replicas out")


def _check(tree: Tree) -> None:
    """Hold values to the models as the schema does, which takes no text for a number."""
    PartyValues.model_validate_json(json.dumps(tree), strict=True, by_alias=True, by_name=False)


def _told_once(error: ValidationError, at: At, strange: Sequence[str]) -> Iterator[Fault]:
    told: set[str] = set()
    for details in error.errors(include_url=False):
        keys = [key for key in details["loc"] if not (isinstance(key, str) and NO_KEY.match(key))]
        place = path(*at, *keys)
        if place not in told and not (keys[:1] == ["services"] and keys[1:2] and keys[1] in strange):
            told.add(place)
            yield Fault(place, *_words(details))


def _words(details: ErrorDetails) -> tuple[str, str]:
    remedy = "charts/fate-party/values.schema.json tells what may stand there"
    match details["type"]:
        case "extra_forbidden":
            return "is no value of the chart", remedy
        case "missing":
            return "is missing: a null there takes it away", remedy
        case _:
            return (
                f"is {shown(details['input'])}, and {details['msg'].lower().removeprefix('input ')}",
                remedy,
            )
