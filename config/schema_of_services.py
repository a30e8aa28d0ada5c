"""The JSON schema of what a stack may set of each service, from the catalogue."""

from collections.abc import Iterator
from typing import Any

from config.catalogue import ConfigurationFile, Tree, catalogue
from config.paths import dotted
from config.services import PARTY_SERVICES

Schema = dict[str, Any]

TYPED = {"number": "integer", "flag": "boolean", "list": "array"}


def services_schema(override: Schema) -> Schema:
    """Return the schema of `services`: `override` for each, and the keys of its own configuration files."""
    properties = {name: {"allOf": [override, _configuration(name)]} for name in PARTY_SERVICES}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _configuration(name: str) -> Schema:
    files = catalogue().services[name].files
    by_file = {file_name: _keys(file, file.keys, ()) for file_name, file in files.items()}
    return {"properties": {"configuration": _closed(by_file)}}


def _keys(file: ConfigurationFile, tree: Tree, above: tuple[str, ...]) -> Schema:
    return _closed(dict(_free(file, tree, above)))


def _free(file: ConfigurationFile, tree: Tree, above: tuple[str, ...]) -> Iterator[tuple[str, Schema]]:
    for key, form in tree.root.items():
        at = (*above, key)
        if dotted(at) not in file.ours:
            yield key, _keys(file, form, at) if isinstance(form, Tree) else _leaf(file, form)


def _leaf(file: ConfigurationFile, form: str) -> Schema:
    if file.typed:
        return {"type": [TYPED.get(form, "string"), "null"]}
    return {"type": ["string", "number", "boolean"]}


def _closed(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}
