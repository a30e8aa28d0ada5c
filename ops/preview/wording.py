"""Values as a reader sees them: short, on one line, and never a secret."""

import json
from collections.abc import Mapping

from diff.values import Unknown
from ops.preview.values import Secret

SECRET = "[secret]"
OTHER_SECRET = "[another secret]"
UNKNOWN = "(known after up)"
LONGEST = 160


def shown(value: object) -> str:
    """Return a value on one line, cut where it is long."""
    text = _text(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _text(value: object) -> str:
    if isinstance(value, Secret):
        return SECRET
    if isinstance(value, Unknown):
        return UNKNOWN
    return json.dumps(_visible(value), ensure_ascii=False)


def _visible(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _visible(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_visible(part) for part in value]
    if isinstance(value, Secret):
        return SECRET
    return UNKNOWN if isinstance(value, Unknown) else value
