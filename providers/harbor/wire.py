"""The messages and the transport of the provider protocol, in one place: they ship no types."""

import grpc  # type: ignore[import-untyped] # grpcio ships no types
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc

__all__ = ["engine_pb2", "engine_pb2_grpc", "grpc", "plugin_pb2", "provider_pb2", "provider_pb2_grpc"]
