"""The JSON schema of a stack's file, for editors: keys, types and meanings.

It does not know what only a whole plan shows: ports, peers, engines. `fate check` does.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.catalogue import ConfigurationFile, Tree, catalogue
from config.faults import dotted
from config.secret_key import REMEDY, SECRET_KEY
from config.services import PARTY_SERVICES
from config.stack import StackSettings

SCHEMA_FILE = Path(__file__).parent / "schema" / "stack.schema.json"

Schema = dict[str, Any]
TYPED = {"number": "integer", "flag": "boolean", "list": "array"}


def settings_schema() -> Schema:
    """Return the schema of the stack's own keys, written without `fate:`, and of all below them."""
    schema = StackSettings.model_json_schema(by_alias=True)
    for definition in schema["$defs"].values():
        _require_the_deciding_key(definition)
        _close_keys_of_a_pattern(definition)
    return schema


def stack_file_schema() -> Schema:
    """Return the schema of a whole `Pulumi.<stack>.yaml`."""
    settings = settings_schema()
    services = settings["$defs"]["PartySettings"]["properties"]["services"]
    services |= services_schema({"$ref": "#/$defs/ServiceOverride"})
    keys = {f"fate:{key}": value for key, value in settings["properties"].items()}
    config = {
        "type": "object",
        "description": settings["description"],
        "properties": {f"fate:{SECRET_KEY}": _secret(), **keys},
        "required": [f"fate:{key}" for key in settings["required"]],
        "patternProperties": {"^(?!fate:)[^:]+:": {}},
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of a FATE federation",
        "type": "object",
        "properties": {
            "config": config,
            "encryptionsalt": {
                "type": "string",
                "description": "written by pulumi; belongs in the repository",
            },
            "encryptedkey": {"type": "string", "description": "written by pulumi"},
            "secretsprovider": {"type": "string", "description": "what encrypts the stack's secrets"},
        },
        "required": ["config"],
        "$defs": settings["$defs"],
    }


def render() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(stack_file_schema(), indent=2, ensure_ascii=False) + "\n"


def _secret() -> Schema:
    return {
        "type": "object",
        "description": f"the one secret of a stack; {REMEDY}",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
    }


def _close_keys_of_a_pattern(definition: Schema) -> None:
    for value in definition.get("properties", {}).values():
        if "patternProperties" in value:
            value["additionalProperties"] = False


def _require_the_deciding_key(definition: Schema) -> None:
    """Require `kind` or `from`, except docker's: a party's own runtime is Docker without saying so."""
    deciding = [key for key, value in definition.get("properties", {}).items() if "const" in value]
    if deciding and definition["title"] != "DockerSettings":
        definition["required"] = [*deciding, *definition.get("required", [])]


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
