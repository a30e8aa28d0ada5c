"""Property values as the engine sends them, and as plain Python values.

Secrets lose their mark on the way in, so results are always made by copying the engine's own values
(`merged`), where the marks still stand. The messages of the protocol are named here for all, because they
ship no types of their own.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.empty_pb2 import Empty as Empty  # type: ignore[import-untyped]
from google.protobuf.struct_pb2 import NULL_VALUE, ListValue  # type: ignore[import-untyped]
from google.protobuf.struct_pb2 import Struct as Struct
from google.protobuf.struct_pb2 import Value as Value
from pulumi.runtime import rpc

Plain = dict[str, Any]
DEFAULTS = "__defaults"
SIGNATURE = rpc._special_sig_key
SECRET = rpc._special_secret_sig
OUTPUT = rpc._special_output_value_sig


class Refusal(Exception):
    """An operation that cannot be done. The message says what, why, and what to do."""


class Unknown:
    """A value that only `up` will know."""

    def __repr__(self) -> str:
        return "<known after up>"


UNKNOWN = Unknown()


def plain(properties: Struct, closed: Callable[[Any], Any] = lambda secret: secret) -> Plain:
    """Return properties as Python values: whole numbers as int, no nulls, secrets as `closed` has them."""
    return {
        key: _decoded(value, closed)
        for key, value in properties.fields.items()
        if value.WhichOneof("kind") not in (None, "null_value")
    }


def encoded(value: Any) -> Value:  # noqa: ANN401 -- a property value is any JSON value
    """Return a Python value as a property value."""
    if isinstance(value, Unknown):
        return Value(string_value=rpc.UNKNOWN)
    if value is None:
        return Value(null_value=NULL_VALUE)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, Mapping):
        fields = {key: encoded(part) for key, part in value.items()}
        return Value(struct_value=Struct(fields=fields))
    return Value(list_value=ListValue(values=[encoded(part) for part in value]))


def merged(properties: Struct, changes: Mapping[str, Any]) -> Struct:
    """Return a copy of properties with some changed; one that was secret stays secret."""
    result = Struct()
    result.CopyFrom(properties)
    for key, value in changes.items():
        secret = key in properties.fields and is_secret(properties.fields[key])
        result.fields[key].CopyFrom(as_secret(encoded(value)) if secret else encoded(value))
    return result


def secret(value: Any) -> Value:  # noqa: ANN401 -- a property value is any JSON value
    """Return a Python value as a property value that is secret."""
    return as_secret(encoded(value))


def is_secret(value: Value) -> bool:
    """Return whether a property value is marked as secret, as such or as an output that is."""
    fields = value.struct_value.fields if value.HasField("struct_value") else {}
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    return signature == SECRET or (signature == OUTPUT and "secret" in fields and fields["secret"].bool_value)


def contains_secret(value: Value) -> bool:
    """Return whether any part of a property value is secret."""
    if value.HasField("list_value"):
        return any(contains_secret(part) for part in value.list_value.values)
    if value.HasField("struct_value"):
        return is_secret(value) or any(map(contains_secret, value.struct_value.fields.values()))
    return False


def contains_unknown(value: Any) -> bool:  # noqa: ANN401 -- a property value is any JSON value
    """Return whether any part of a plain value is not known yet."""
    if isinstance(value, Mapping):
        return any(contains_unknown(part) for part in value.values())
    if isinstance(value, list):
        return any(contains_unknown(part) for part in value)
    return isinstance(value, Unknown)


def _decoded(value: Value, closed: Callable[[Any], Any]) -> Any:  # noqa: ANN401 -- any JSON value
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _decoded_struct(value.struct_value, closed)
    if kind == "list_value":
        return [_decoded(part, closed) for part in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value
    return value.bool_value if kind == "bool_value" else None


def _decoded_struct(struct: Struct, closed: Callable[[Any], Any]) -> Any:  # noqa: ANN401 -- any JSON value
    signature = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else ""
    if signature not in (SECRET, OUTPUT):
        return plain(struct, closed)
    inner = _decoded(struct.fields["value"], closed) if "value" in struct.fields else UNKNOWN
    return closed(inner) if signature == SECRET else inner


def as_secret(value: Value) -> Value:
    """Return a property value as one that is secret."""
    return encoded_fields({SIGNATURE: Value(string_value=SECRET), "value": value})


def encoded_fields(fields: Mapping[str, Value]) -> Value:
    """Return property values, already encoded, as one object."""
    return Value(struct_value=Struct(fields=fields))


def parsed(configuration: Plain) -> Plain:
    """Return a provider's configuration with its lists and tables, which the SDK sends as JSON, as such."""
    return {name: _parsed(value) for name, value in configuration.items()}


def _parsed(value: Any) -> Any:  # noqa: ANN401 -- a property value is any JSON value
    if isinstance(value, Unknown) or not isinstance(value, str) or not value.startswith(("[", "{")):
        return value
    return json.loads(value)
