"""What the protocol calls a change, and what a URN says."""

from diff.differences import Change
from protocol.wire import provider_pb2

KINDS = {
    (Change.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Change.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Change.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Change.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
"""A change of a property, by its kind and whether the resource is made anew for it."""


def token_of(urn: str) -> str:
    """Return the type of the resource that a URN names."""
    return urn.split("::")[2].rsplit("$", 1)[-1]
