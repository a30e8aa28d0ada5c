"""Property values on the wire, in one place because they ship no types of their own."""

from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped] # protobuf ships no types
from google.protobuf.struct_pb2 import (  # type: ignore[import-untyped] # protobuf ships no types
    NULL_VALUE,
    ListValue,
    Struct,
    Value,
)

__all__ = ["NULL_VALUE", "Empty", "ListValue", "Struct", "Value"]
