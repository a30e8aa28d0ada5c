"""A Kubernetes plugin as a process, asked over Pulumi's provider protocol as the engine asks it."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import grpc  # type: ignore[import-untyped] # grpcio ships no types
from google.protobuf.json_format import MessageToDict, ParseDict  # type: ignore[import-untyped] # no types
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped] # protobuf ships no types
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

Values = dict[str, Any]

NO_ENGINE = "127.0.0.1:1"
"""Nobody listens there: what a plugin logs is lost, and no operation fails for it."""
LIMIT = 60
MESSAGES = [("grpc.max_receive_message_length", 64 * 1024 * 1024)]


class Refused(Exception):
    """What a plugin would not do. `half` is what it did nevertheless."""

    def __init__(self, message: str, half: "Resource | None" = None) -> None:
        super().__init__(message)
        self.half = half


@dataclass(frozen=True)
class Resource:
    """An object as the engine's state has it; `complaints` say why it is not ready."""

    token: str
    name: str
    id: str
    inputs: Values
    outputs: Values
    complaints: str = ""

    @property
    def urn(self) -> str:
        """Return the name by which plugins know it."""
        return urn(self.token, self.name)


@dataclass(frozen=True)
class Told:
    """What a plugin says that a change leads to."""

    operation: str
    paths: Mapping[str, str] = field(default_factory=dict)
    deletes_first: bool = False


class Plugin:
    """One running plugin, configured for one cluster."""

    def __init__(self, executable: Path, configuration: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [str(executable), NO_ENGINE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout, "a plugin tells its port there"
        port = int(self._process.stdout.readline())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", MESSAGES)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        variables = {f"kubernetes:config:{name}": value for name, value in configuration.items()}
        self._call(
            "Configure",
            provider_pb2.ConfigureRequest(
                variables=variables,
                args=_packed(dict(configuration)),
                acceptSecrets=True,
                sends_old_inputs=True,
            ),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def check(self, token: str, name: str, inputs: Values, old: Values | None = None) -> Values:
        """Return inputs as the plugin takes them."""
        request = provider_pb2.CheckRequest(
            urn=urn(token, name), news=_packed(inputs), olds=_packed(old or {}), randomSeed=b"conformance"
        )
        answer = self._call("Check", request)
        if answer.failures:
            raise Refused("; ".join(f"{failure.property}: {failure.reason}" for failure in answer.failures))
        return _unpacked(answer.inputs)

    def create(self, token: str, name: str, checked: Values, limit: float, preview: bool = False) -> Resource:
        """Make an object, or in a preview tell what would be made."""
        request = provider_pb2.CreateRequest(
            urn=urn(token, name), properties=_packed(checked), timeout=limit, preview=preview
        )
        answer = self._call("Create", request, Resource(token, name, "", checked, {}))
        return Resource(token, name, answer.id, checked, _unpacked(answer.properties))

    def diff(self, made: Resource, checked: Values, ignored: Sequence[str] = ()) -> Told:
        """Return what other inputs lead to."""
        request = provider_pb2.DiffRequest(
            id=made.id,
            urn=made.urn,
            olds=_packed(made.outputs),
            old_inputs=_packed(made.inputs),
            news=_packed(checked),
            ignoreChanges=ignored,
        )
        told = _told(self._call("Diff", request))
        if made.complaints and told.operation == "none":
            return Told("update")  # so the engine does, for a resource that was not ready
        return told

    def update(
        self,
        made: Resource,
        checked: Values,
        limit: float,
        ignored: Sequence[str] = (),
        preview: bool = False,
    ) -> Resource:
        """Change an object in place, or in a preview tell what would come of it."""
        request = provider_pb2.UpdateRequest(
            id=made.id,
            urn=made.urn,
            olds=_packed(made.outputs),
            old_inputs=_packed(made.inputs),
            news=_packed(checked),
            timeout=limit,
            ignoreChanges=ignored,
            preview=preview,
        )
        answer = self._call("Update", request, Resource(made.token, made.name, made.id, checked, {}))
        return Resource(made.token, made.name, made.id, checked, _unpacked(answer.properties))

    def read(self, made: Resource) -> Resource | None:
        """Look at an object as it is now: None where it is gone."""
        request = provider_pb2.ReadRequest(
            id=made.id, urn=made.urn, properties=_packed(made.outputs), inputs=_packed(made.inputs)
        )
        try:
            answer = self._call("Read", request, made)
        except Refused as refused:
            if refused.half is None:
                raise
            return refused.half
        if not answer.id:
            return None
        return Resource(
            made.token, made.name, answer.id, _unpacked(answer.inputs), _unpacked(answer.properties)
        )

    def delete(self, made: Resource, limit: float) -> None:
        """Take an object away."""
        request = provider_pb2.DeleteRequest(
            id=made.id,
            urn=made.urn,
            properties=_packed(made.outputs),
            old_inputs=_packed(made.inputs),
            timeout=limit,
        )
        self._call("Delete", request)

    def _call(self, name: str, request: object, like: Resource | None = None) -> Any:  # noqa: ANN401 -- no types
        try:
            return getattr(self._stub, name)(request, timeout=LIMIT)
        except grpc.RpcError as failure:
            half = _half(failure)
            if half is None or like is None:
                raise Refused(failure.details()) from failure
            told = "\n".join(half.reasons)
            inputs = _unpacked(half.inputs) or like.inputs
            made = Resource(like.token, like.name, half.id, inputs, _unpacked(half.properties), told)
            raise Refused(told, made) from failure


def urn(token: str, name: str) -> str:
    """Return the name of a resource of these tests."""
    return f"urn:pulumi:t::conformance::{token}::{name}"


def _packed(values: Values) -> Struct:
    return ParseDict(values, Struct())


def _unpacked(values: Struct) -> Values:
    found: Values = MessageToDict(values)
    return found


def _told(answer: Any) -> Told:  # noqa: ANN401 -- the protocol's messages have no types
    kinds = provider_pb2.PropertyDiff.Kind
    paths = {
        path: kinds.Name(diff.kind).lower().replace("_", "-") for path, diff in answer.detailedDiff.items()
    }
    if answer.changes == provider_pb2.DiffResponse.DIFF_NONE:
        return Told("none", paths)
    return Told("replace" if answer.replaces else "update", paths, answer.deleteBeforeReplace)


def _half(failure: grpc.RpcError) -> Any:  # noqa: ANN401 -- the protocol's messages have no types
    """Return what was done though the operation failed."""
    for key, value in failure.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for packed in status_pb2.Status.FromString(value).details:
                found = provider_pb2.ErrorResourceInitFailed()
                if packed.Unpack(found):
                    return found
    return None
