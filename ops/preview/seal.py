"""Property values as a program gave them: plain Python, with marks where a secret or an unknown stands.

A secret is kept as a keyed digest of its value, which tells that it changed and not what it is.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from diff.values import UNKNOWN, Plain, Struct, Unknown, plain

SEALED_MARK = "$secret"
UNKNOWN_MARK = "$unknown"


@dataclass(frozen=True)
class Secret:
    """A secret value that nobody sees; two are equal when their values are."""

    digest: str


class Seal:
    """Turns secrets into digests under a key that lives as long as one preview."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def closed(self, value: object) -> Secret:
        """Return the mark that stands for a value."""
        return Secret(hmac.new(self._key, dumped(value).encode(), hashlib.sha256).hexdigest()[:32])

    def opened(self, properties: Struct) -> Plain:
        """Return properties as Python values, whole numbers as int, nulls left out."""
        return plain(properties, self.closed)


def dumped(value: object) -> str:
    """Return values as JSON on one line, the same text for the same values."""
    return json.dumps(value, default=_marked, sort_keys=True, ensure_ascii=False)


def parsed(text: str) -> Any:  # noqa: ANN401 - whatever was dumped
    """Return what `dumped` wrote."""
    return json.loads(text, object_hook=_unmarked)


def digest(*parts: object) -> str:
    """Return 64 hexadecimal digits that follow from the parts."""
    return hashlib.sha256(dumped(parts).encode()).hexdigest()


def _marked(value: object) -> object:
    if isinstance(value, Secret):
        return {SEALED_MARK: value.digest}
    if isinstance(value, Unknown):
        return {UNKNOWN_MARK: True}
    raise TypeError(f"{type(value).__name__} is no property value")


def _unmarked(found: dict[str, Any]) -> object:
    if SEALED_MARK in found:
        return Secret(found[SEALED_MARK])
    return UNKNOWN if UNKNOWN_MARK in found else found
