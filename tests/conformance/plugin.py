"""A plugin as a process, asked over Pulumi's provider protocol as the engine asks it: no CLI, no program."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import grpc  # type: ignore[import-untyped] # grpcio ships no types
from google.protobuf.json_format import MessageToDict, ParseDict  # type: ignore[import-untyped] # no types
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped] # protobuf ships no types
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

Values = dict[str, Any]

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
LIMIT = 120
MESSAGES = [("grpc.max_receive_message_length", 64 * 1024 * 1024)]
NO_KIND = ("none", "no difference")


class Refused(Exception):
    """What a plugin would not do. `half` is what it made nevertheless."""

    def __init__(self, message: str, half: "Resource | None" = None) -> None:
        super().__init__(message)
        self.half = half


@dataclass(frozen=True)
class Resource:
    """A resource as the engine's state has it."""

    token: str
    name: str
    id: str
    inputs: Values
    outputs: Values
    failed: bool = False

    @property
    def urn(self) -> str:
        """Return the name by which plugins know it."""
        return urn(self.token, self.name)


@dataclass(frozen=True)
class Told:
    """What a plugin says that a change leads to."""

    operation: str
    paths: Mapping[str, str] = field(default_factory=dict)
    replaces: tuple[str, ...] = ()
    deletes_first: bool = False


class Plugin:
    """One running plugin, configured for one Docker engine."""

    def __init__(self, executable: Path, configuration: Values) -> None:
        self._process = subprocess.Popen(
            [str(executable), "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout, "a plugin tells its port there"
        port = int(self._process.stdout.readline())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", MESSAGES)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.configure(configuration)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def configure(self, configuration: Values) -> None:
        """Check a provider's configuration and take it."""
        given = _packed({k: v if isinstance(v, str) else json.dumps(v) for k, v in configuration.items()})
        provider = urn("pulumi:providers:docker", "docker")
        checked = self._call("CheckConfig", provider_pb2.CheckRequest(urn=provider, news=given))
        _refuse(checked.failures)
        request = provider_pb2.ConfigureRequest(
            args=checked.inputs, acceptSecrets=True, acceptResources=True, sends_old_inputs=True
        )
        self._call("Configure", request)

    def diff_config(self, old: Values, new: Values) -> Told:
        """Return what a change of the provider's configuration leads to."""
        provider = urn("pulumi:providers:docker", "docker")
        checked = [
            self._call("CheckConfig", provider_pb2.CheckRequest(urn=provider, news=_packed(given))).inputs
            for given in (old, new)
        ]
        request = provider_pb2.DiffRequest(
            id="1", urn=provider, olds=checked[0], old_inputs=checked[0], news=checked[1]
        )
        return _told(self._call("DiffConfig", request))

    def check(self, token: str, name: str, inputs: Values, old: Values | None = None) -> Values:
        """Return inputs with what the plugin adds to them; refuse what it does not take."""
        request = provider_pb2.CheckRequest(
            urn=urn(token, name), news=_packed(inputs), olds=_packed(old or {}), randomSeed=b"conformance"
        )
        answer = self._call("Check", request)
        _refuse(answer.failures)
        return _unpacked(answer.inputs)

    def create(self, token: str, name: str, inputs: Values) -> Resource:
        """Make a resource."""
        checked = self.check(token, name, inputs)
        request = provider_pb2.CreateRequest(urn=urn(token, name), properties=_packed(checked), timeout=LIMIT)
        try:
            answer = self._call("Create", request)
        except grpc.RpcError as failure:
            half = _half(failure)
            made = half and Resource(
                token, name, half.id, _unpacked(half.inputs) or checked, _unpacked(half.properties), True
            )
            raise Refused(failure.details(), made) from failure
        return Resource(token, name, answer.id, checked, _unpacked(answer.properties))

    def diff(self, made: Resource, inputs: Values) -> Told:
        """Return what other inputs lead to."""
        checked = self.check(made.token, made.name, inputs, made.inputs)
        request = provider_pb2.DiffRequest(
            id=made.id,
            urn=made.urn,
            olds=_packed(made.outputs),
            old_inputs=_packed(made.inputs),
            news=_packed(checked),
        )
        told = _told(self._call("Diff", request))
        if made.failed and told.operation == "none":
            return Told("update")
        return told

    def update(self, made: Resource, inputs: Values) -> Resource:
        """Change a resource in place."""
        checked = self.check(made.token, made.name, inputs, made.inputs)
        request = provider_pb2.UpdateRequest(
            id=made.id,
            urn=made.urn,
            olds=_packed(made.outputs),
            old_inputs=_packed(made.inputs),
            news=_packed(checked),
            timeout=LIMIT,
        )
        try:
            answer = self._call("Update", request)
        except grpc.RpcError as failure:
            raise Refused(failure.details()) from failure
        return Resource(made.token, made.name, made.id, checked, _unpacked(answer.properties))

    def read(self, made: Resource) -> Resource | None:
        """Look at a resource as it is now."""
        request = provider_pb2.ReadRequest(
            id=made.id, urn=made.urn, properties=_packed(made.outputs), inputs=_packed(made.inputs)
        )
        answer = self._call("Read", request)
        if not answer.id:
            return None
        inputs = _unpacked(answer.inputs) or made.inputs
        return Resource(made.token, made.name, answer.id, inputs, _unpacked(answer.properties))

    def delete(self, made: Resource) -> None:
        """Take a resource away."""
        request = provider_pb2.DeleteRequest(
            id=made.id,
            urn=made.urn,
            properties=_packed(made.outputs),
            old_inputs=_packed(made.inputs),
            timeout=LIMIT,
        )
        try:
            self._call("Delete", request)
        except grpc.RpcError as failure:
            raise Refused(failure.details()) from failure

    def _call(self, name: str, request: object) -> Any:  # noqa: ANN401 -- the protocol's messages have no types
        return getattr(self._stub, name)(request, timeout=LIMIT)


def urn(token: str, name: str) -> str:
    """Return the name of a resource of these tests."""
    return f"urn:pulumi:t::conformance::{token}::{name}"


def secret(value: object) -> Values:
    """Return a value marked as a secret."""
    return {**SECRET, "value": value}


def _packed(values: Values) -> Struct:
    return ParseDict(values, Struct())


def _unpacked(values: Struct) -> Values:
    found: Values = MessageToDict(values)
    return found


def _refuse(failures: Any) -> None:  # noqa: ANN401 -- the protocol's messages have no types
    if failures:
        raise Refused("; ".join(f"{failure.property}: {failure.reason}" for failure in failures))


def _told(answer: Any) -> Told:  # noqa: ANN401 -- the protocol's messages have no types
    kinds = provider_pb2.PropertyDiff.Kind
    paths = {
        path: kinds.Name(diff.kind).lower().replace("_", "-") for path, diff in answer.detailedDiff.items()
    }
    if answer.changes == provider_pb2.DiffResponse.DIFF_NONE:
        return Told("none", paths)
    operation = "replace" if answer.replaces else "update"
    return Told(operation, paths, tuple(sorted(answer.replaces)), answer.deleteBeforeReplace)


def _half(failure: grpc.RpcError) -> Any:  # noqa: ANN401 -- the protocol's messages have no types
    """Return what was made though the operation failed."""
    for key, value in failure.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        status = status_pb2.Status.FromString(value)
        for packed in status.details:
            found = provider_pb2.ErrorResourceInitFailed()
            if packed.Unpack(found):
                return found
    return None
