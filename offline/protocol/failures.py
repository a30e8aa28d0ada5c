"""What may go wrong in a resource operation, and how the engine is told."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from diff.state import FAILED
from diff.values import Refusal as Refusal
from diff.values import merged
from protocol.wire import Packed, Struct, grpc, provider_pb2, status_pb2

Context = Any  # grpcio ships no types


class Half(Refusal):
    """A resource that was made but does not work: the state keeps it, and the next `up` sees to it."""

    def __init__(
        self, message: str, resource_id: str, computed: Mapping[str, Any], reasons: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.reasons = reasons
        self.resource_id = resource_id
        self.computed = computed


@contextmanager
def refusals(context: Context, inputs: Struct | None = None, outputs: Struct | None = None) -> Iterator[None]:
    """Tell the engine why an operation was refused, or that what it made does not work."""
    try:
        yield
    except Half as half:
        known = inputs or Struct()
        seen = merged(outputs or known, half.computed)
        context.abort_with_status(half_made(str(half), half.resource_id, known, seen))
    except Refusal as refusal:
        context.abort_with_status(refused(str(refusal)))


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
