"""The JSON schema of a stack's file, for editors: keys, types and meanings.

It does not know what only a whole plan shows: ports, peers, engines. `fate check` does.
"""

import json
from pathlib import Path
from typing import Any

from config.schema_of_services import services_schema
from config.secret_key import REMEDY, SECRET_KEY
from config.stack import StackSettings

SCHEMA_FILE = Path(__file__).parent / "schema" / "stack.schema.json"

Schema = dict[str, Any]


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
