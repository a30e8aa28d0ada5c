"""Questions that need not be asked: about objects in a namespace that is still to come.

To each of them an API server answers that the namespace is missing, unless a field is of a wrong kind, and
waits 50 ms before it says so. Of objects that have the same fields, of the same kinds, one is asked about.
"""

import threading
from collections.abc import Mapping
from typing import Any

from diff.values import Plain

KEYS = ("name", "port", "containerPort", "mountPath", "key")
"""Fields by which elements of lists are told apart: two of one key are refused."""


class StillToCome:
    """The namespaces that are missing, and the shapes of the objects that were asked about in them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._namespaces: set[str] = set()
        self._shapes: set[str] = set()

    def answered(self, inputs: Plain) -> None:
        """Remember that an object was refused for nothing but the namespace that it shall be in."""
        with self._lock:
            self._namespaces.add(_namespace(inputs))
            self._shapes.add(shape(inputs))

    def holds(self, inputs: Plain) -> bool:
        """Return whether the answer about an object is known."""
        with self._lock:
            return _namespace(inputs) in self._namespaces and shape(inputs) in self._shapes


def shape(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    """Return which fields there are, and of which kinds."""
    if isinstance(value, Mapping):
        return repr((value.get("kind"), sorted((name, shape(part)) for name, part in value.items())))
    if isinstance(value, list):
        return repr((_repeats(value), sorted({shape(each) for each in value})))
    return type(value).__name__


def _repeats(values: list[Any]) -> bool:
    keys = [repr([each.get(name) for name in KEYS]) for each in values if isinstance(each, Mapping)]
    return len({*keys}) < len(keys)


def _namespace(inputs: Plain) -> str:
    return str(inputs["metadata"].get("namespace", ""))
