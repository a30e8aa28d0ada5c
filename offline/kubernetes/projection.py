"""A live object, cut to what was declared of it: what else it has, nobody sees.

Lists are cut to the length that was declared, and their elements are told apart by their places alone: one
that another hand puts at the end stays unseen, and one that it puts before ours moves all that follow.
"""

from collections.abc import Mapping
from typing import Any

from diff.kubernetes.normal import READ_ONLY
from diff.values import Plain

Live = Mapping[str, Any]
REVISION = "deployment.kubernetes.io/revision"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def projected(inputs: Plain, live: Live) -> Plain:
    """Return the declared fields with the values that they have now; without those that are gone."""
    return {name: _value(inputs[name], value) for name, value in live.items() if name in inputs}


def declared(live: Live) -> Plain:
    """Return what one would have to declare for a live object: all of it that is not the server's own."""
    found = {name: value for name, value in live.items() if name != "status"}
    metadata = {name: value for name, value in live["metadata"].items() if name not in READ_ONLY}
    if notes := metadata.get("annotations"):
        kept = {name: value for name, value in notes.items() if name not in (REVISION, LAST_APPLIED)}
        metadata = {**metadata, "annotations": kept}
    return {**found, "metadata": metadata}


def _value(wanted: Any, live: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(wanted, dict) and isinstance(live, Mapping):
        return projected(wanted, live)
    if isinstance(wanted, list) and isinstance(live, list):
        return _elements(wanted, live)
    return live


def _elements(wanted: list[Any], live: list[Any]) -> list[Any]:
    if wanted and live and type(wanted[0]) is not type(live[0]):
        return live
    return [_value(ours, theirs) for ours, theirs in zip(wanted, live, strict=False)]
