"""The messages and the transport of the protocol, in one place because they ship no types of their own."""

import grpc  # type: ignore[import-untyped] # grpcio ships no types
from google.protobuf.any_pb2 import Any as Packed  # type: ignore[import-untyped] # protobuf ships no types
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS as CHANNEL_OPTIONS
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from diff.values import Empty, Struct, Value

__all__ = [
    "CHANNEL_OPTIONS",
    "Empty",
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
    "status_pb2",
]
