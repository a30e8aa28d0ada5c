"""A chart's objects, read from the text that Helm renders as the official plugin reads it.

That is YAML 1.1 as Kubernetes' own Go library has it: `on` is true and `017` is 15, while `1:30` and
`2026-01-01` stay text. A list of objects stands for each of them, and what is null counts as left out.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from diff.values import Plain
from offline.protocol.failures import Refusal

Object = Plain
SHOWN = 100
WORDS = {word: False for each in ("n", "no", "false", "off") for word in (each, each.upper(), each.title())}
WORDS |= {word: True for each in ("y", "yes", "true", "on") for word in (each, each.upper(), each.title())}
NUMBER = re.compile(
    r"""[-+]?(?:0b_*[01][01_]*|0o_*[0-7][0-7_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|
    (?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9][0-9_]*)?)$""",
    re.VERBOSE,
)
BASES = {"0b": 2, "0o": 8, "0x": 16}
PREFIX = "tag:yaml.org,2002:"


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # chosen at run time
    """Reads YAML as Go's library does."""

    yaml_implicit_resolvers: Mapping[str, Any] = {}


def objects(text: str) -> list[Object]:
    """Return the objects in a rendered chart; of two with one identity, the later."""
    try:
        documents = [_without_nulls(document) for document in yaml.load_all(text, Loader=Loader)]
    except (yaml.YAMLError, ValueError) as failure:
        raise Refusal(f"what helm rendered is no YAML: {failure}") from failure
    found = [each for document in documents if document for each in _expanded(document)]
    return list({json.dumps(identity(each)): each for each in map(_checked, found)}.values())


def identity(body: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return what tells an object apart in a cluster: group, kind, namespace and name."""
    metadata = body["metadata"]
    return group(body), str(body["kind"]), str(metadata.get("namespace") or ""), str(metadata["name"])


def group(body: Mapping[str, Any]) -> str:
    """Return the group of an object's kind; none for Kubernetes' oldest kinds."""
    name, slash, _ = str(body["apiVersion"]).rpartition("/")
    return name if slash and name != "core" else ""


def annotation(body: Mapping[str, Any], name: str) -> str | None:
    """Return an annotation of an object."""
    found = body["metadata"].get("annotations")
    value = found.get(name) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else None


def _expanded(document: Any) -> Iterator[Any]:  # noqa: ANN401 -- any JSON value
    items = document.get("items") if isinstance(document, Mapping) else None
    if not isinstance(items, list):
        yield document
        return
    for item in items:
        yield from _expanded(item)


def _checked(found: Any) -> Object:  # noqa: ANN401 -- any JSON value
    if not isinstance(found, dict) or not all(_is_text(found.get(name)) for name in ("kind", "apiVersion")):
        raise Refusal(f"Kubernetes resources require a kind and apiVersion: `{_shown(found)}`")
    metadata = found.get("metadata")
    if not isinstance(metadata, dict) or not _is_text(metadata.get("name")):
        raise Refusal(f"Kubernetes resources require a .metadata.name: `{_shown(found)}`")
    if found["apiVersion"].startswith("core/"):
        return {**found, "apiVersion": found["apiVersion"].removeprefix("core/")}
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _shown(found: object) -> str:
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), default=str)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, Mapping):
        return {_key(key): _without_nulls(part) for key, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value


def _key(key: object) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _word(loader: Any, node: Any) -> bool:  # noqa: ANN401 -- PyYAML ships no types
    return WORDS[node.value]


def _number(loader: Any, node: Any) -> int | float:  # noqa: ANN401 -- PyYAML ships no types
    """Return a number: whole ones by their base, which a leading nought makes 8; 08 is 8 all the same."""
    text = str(node.value).replace("_", "")
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    try:
        return sign * int(digits[2:], BASES[digits[:2]]) if digits[:2] in BASES else _decimal(text)
    except ValueError:
        return float(text)


def _decimal(text: str) -> int:
    digits = text.lstrip("+-")
    return int(text, 8 if digits.startswith("0") and len(digits) > 1 else 10)


def _bytes(loader: Any, node: Any) -> str:  # noqa: ANN401 -- PyYAML ships no types
    return str(loader.construct_yaml_binary(node).decode())


def _resolving(tag: str, pattern: Sequence[str] | re.Pattern[str], first: str | None = None) -> None:
    found = pattern if isinstance(pattern, re.Pattern) else re.compile(f"(?:{'|'.join(pattern)})$")
    Loader.add_implicit_resolver(tag, found, list(first) if first else None)


_resolving(f"{PREFIX}null", ("~", "null", "Null", "NULL", ""))
_resolving("!word", tuple(WORDS))
_resolving("!number", NUMBER, "-+.0123456789")
_resolving(f"{PREFIX}merge", ("<<",), "<")
Loader.add_constructor("!word", _word)
Loader.add_constructor("!number", _number)
Loader.add_constructor(f"{PREFIX}binary", _bytes)
