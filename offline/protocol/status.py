"""How failures travel to the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diff.state import FAILED
from diff.values import merged
from offline.protocol.wire import Packed, Struct, grpc, provider_pb2, status_pb2


@dataclass(frozen=True)
class Status(grpc.Status):  # type: ignore[misc] # grpcio ships no types
    """A gRPC status with its details."""

    code: Any
    details: str
    trailing_metadata: Any = ()


def refused(message: str) -> Status:
    """Return the status of an operation that was not done."""
    return Status(grpc.StatusCode.UNKNOWN, message)


def half_made(message: str, resource_id: str, inputs: Struct, outputs: Struct) -> Status:
    """Return the status of a resource that exists but does not work: its next diff tells so."""
    return incomplete(message, resource_id, inputs, merged(outputs, {FAILED: True}))


def incomplete(
    message: str, resource_id: str, inputs: Struct, outputs: Struct, reasons: Sequence[str] = ()
) -> Status:
    """Return the status of a resource that exists but does not work: the engine itself remembers that."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=resource_id, properties=outputs, reasons=[message, *reasons], inputs=inputs
    )
    packed = Packed()
    packed.Pack(detail)
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=message, details=[packed])
    return Status(code, message, (("grpc-status-details-bin", status.SerializeToString()),))
