"""A plugin as a process, asked over Pulumi's provider protocol as the engine asks it: no CLI, no program."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Self

import grpc  # type: ignore[import-untyped] # grpcio ships no types
from google.protobuf.json_format import MessageToDict, ParseDict  # type: ignore[import-untyped] # no types
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped] # protobuf ships no types
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from tests.project import ROOT

Values = dict[str, Any]

NO_ENGINE = "127.0.0.1:1"
"""Nobody listens there: what a plugin logs is lost, and no operation fails for it."""
LIMIT = 120
MESSAGES = [("grpc.max_receive_message_length", 64 * 1024 * 1024)]


class Refused(Exception):
    """What a plugin would not do. `half` is what it did nevertheless."""

    def __init__(self, message: str, half: "Resource | None" = None) -> None:
        super().__init__(message)
        self.half = half


@dataclass(frozen=True)
class Resource:
    """A resource as the engine's state has it; `complaints` say why it does not work."""

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
    """One running plugin. Those of this folder say how it is configured.

    It works outside of the checkout, where a repair would take it for one whose Pulumi was killed.
    """

    def __init__(self, executable: Path, engine: str = NO_ENGINE) -> None:
        self._process = subprocess.Popen(
            [str(executable), engine],
            cwd=gettempdir(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout, "a plugin tells its port there"
        port = int(self._process.stdout.readline())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", MESSAGES)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the plugin."""
        self._channel.close()
        self._process.kill()
        self._process.communicate()

    def check(self, token: str, name: str, inputs: Values, old: Values | None = None) -> Values:
        """Return inputs with what the plugin adds to them; refuse what it does not take."""
        request = provider_pb2.CheckRequest(
            urn=urn(token, name), news=packed(inputs), olds=packed(old or {}), randomSeed=b"conformance"
        )
        answer = self._call("Check", request)
        refuse(answer.failures)
        return unpacked(answer.inputs)

    def delete(self, made: Resource, limit: float = LIMIT) -> None:
        """Take a resource away."""
        request = provider_pb2.DeleteRequest(
            id=made.id,
            urn=made.urn,
            properties=packed(made.outputs),
            old_inputs=packed(made.inputs),
            timeout=limit,
        )
        self._call("Delete", request)

    def _call(self, name: str, request: object, like: Resource | None = None) -> Any:  # noqa: ANN401 -- no types
        """Ask; what fails is refused, with the resource `like` that was half made."""
        try:
            return getattr(self._stub, name)(request, timeout=LIMIT)
        except grpc.RpcError as failure:
            half = _half(failure)
            if half is None or like is None:
                raise Refused(failure.details()) from failure
            told = "\n".join(half.reasons)
            inputs = unpacked(half.inputs) or like.inputs
            made = Resource(like.token, like.name, half.id, inputs, unpacked(half.properties), told)
            raise Refused(told, made) from failure


class ResourcePlugin(Plugin):
    """A running plugin whose resources are made, changed and read by what `Check` returns of their inputs."""

    def create(self, token: str, name: str, inputs: Values) -> Resource:
        """Make a resource."""
        checked = self.check(token, name, inputs)
        request = provider_pb2.CreateRequest(urn=urn(token, name), properties=packed(checked), timeout=LIMIT)
        answer = self._call("Create", request, Resource(token, name, "", checked, {}))
        return Resource(token, name, answer.id, checked, unpacked(answer.properties))

    def diff(self, made: Resource, inputs: Values) -> Told:
        """Return what other inputs lead to."""
        checked = self.check(made.token, made.name, inputs, made.inputs)
        request = provider_pb2.DiffRequest(
            id=made.id,
            urn=made.urn,
            olds=packed(made.outputs),
            old_inputs=packed(made.inputs),
            news=packed(checked),
        )
        return told(made, self._call("Diff", request))

    def update(self, made: Resource, inputs: Values) -> Resource:
        """Change a resource in place."""
        checked = self.check(made.token, made.name, inputs, made.inputs)
        answer = self._call("Update", changed(made, checked, timeout=LIMIT))
        return Resource(made.token, made.name, made.id, checked, unpacked(answer.properties))

    def read(self, made: Resource) -> Resource | None:
        """Look at a resource as it is now."""
        request = provider_pb2.ReadRequest(
            id=made.id, urn=made.urn, properties=packed(made.outputs), inputs=packed(made.inputs)
        )
        answer = self._call("Read", request)
        if not answer.id:
            return None
        inputs = unpacked(answer.inputs) or made.inputs
        return Resource(made.token, made.name, answer.id, inputs, unpacked(answer.properties))


def changed(made: Resource, checked: Values, **more: Any) -> object:  # noqa: ANN401 -- its other fields
    """Return the request that an update makes of a resource and its checked inputs."""
    return provider_pb2.UpdateRequest(
        id=made.id,
        urn=made.urn,
        olds=packed(made.outputs),
        old_inputs=packed(made.inputs),
        news=packed(checked),
        **more,
    )


def executable(package: str, version: str, folder: Path) -> Path:
    """Return the plugin that this machine or this checkout has, else the stand-in, put into `folder`."""
    program = f"pulumi-resource-{package}"
    for home in (os.environ.get("PULUMI_HOME"), ROOT / ".local/pulumi-home"):
        found = Path(home or "", f"plugins/resource-{package}-v{version}", program)
        if home and found.is_file():
            return found
    stand_in = folder / program
    command = f'PYTHONPATH="{ROOT}" exec "{ROOT}/.venv/bin/python" -P -m offline.{package} "$@"'
    stand_in.write_text(f"#!/bin/sh\n{command}\n")
    stand_in.chmod(0o755)
    return stand_in


def is_stand_in(plugin: Path) -> bool:
    """Return whether a plugin is the checkout's own: a script, where the official one is a program."""
    return plugin.read_bytes().startswith(b"#!")


def urn(token: str, name: str) -> str:
    """Return the name of a resource of these tests."""
    return f"urn:pulumi:t::conformance::{token}::{name}"


def packed(values: Values) -> Struct:
    """Return values as the protocol has them."""
    return ParseDict(values, Struct())


def unpacked(values: Struct) -> Values:
    """Return values of the protocol as Python has them."""
    found: Values = MessageToDict(values)
    return found


def refuse(failures: Any) -> None:  # noqa: ANN401 -- the protocol's messages have no types
    """Raise Refused for inputs that a plugin did not take."""
    if failures:
        raise Refused("; ".join(f"{failure.property}: {failure.reason}" for failure in failures))


def told(made: Resource | None, answer: Any) -> Told:  # noqa: ANN401 -- the protocol's messages have no types
    """Return what an answer to a question for differences says, as the engine takes it."""
    kinds = provider_pb2.PropertyDiff.Kind
    paths = {
        path: kinds.Name(diff.kind).lower().replace("_", "-") for path, diff in answer.detailedDiff.items()
    }
    if answer.changes == provider_pb2.DiffResponse.DIFF_NONE:
        # A resource that did not work is worked on again.
        return Told("update") if made and made.complaints else Told("none", paths)
    return Told("replace" if answer.replaces else "update", paths, answer.deleteBeforeReplace)


def _half(failure: grpc.RpcError) -> Any:  # noqa: ANN401 -- the protocol's messages have no types
    """Return what was done though the operation failed."""
    for key, value in failure.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                found = provider_pb2.ErrorResourceInitFailed()
                if detail.Unpack(found):
                    return found
    return None
