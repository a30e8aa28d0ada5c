"""The messages and the transport of the protocol, in one place because they ship no types of their own."""

import grpc  # type: ignore[import-untyped] # grpcio ships no types
from google.protobuf.any_pb2 import Any as Packed  # type: ignore[import-untyped] # protobuf ships no types
from google.protobuf.struct_pb2 import ListValue  # type: ignore[import-untyped] # protobuf ships no types
from pulumi.runtime import rpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS as CHANNEL_OPTIONS
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
    status_pb2,
)

from diff.values import Empty, Struct, Value

__all__ = [
    "ARCHIVE",
    "ASSET",
    "CHANNEL_OPTIONS",
    "RESOURCE",
    "Empty",
    "ListValue",
    "Packed",
    "Struct",
    "Value",
    "engine_pb2",
    "engine_pb2_grpc",
    "grpc",
    "language_pb2",
    "language_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "resource_pb2",
    "resource_pb2_grpc",
    "status_pb2",
]

ASSET, ARCHIVE, RESOURCE = rpc._special_asset_sig, rpc._special_archive_sig, rpc._special_resource_sig
"""How the engine marks a file's content, many files, and another resource among property values."""
