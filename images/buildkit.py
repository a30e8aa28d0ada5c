"""Builds with the BuildKit of a Docker engine, over the engine's own API: no `docker` command is needed.

A build's secrets reach it as the engine asks for them, through a session: gRPC over the connection of
`POST /session`, in which the engine is the client (source: moby/buildkit, session/). They are part of no
context, layer, history or cache. Registries' logins are not offered.
"""

import base64
import json
import re
import secrets as randomness
import socket
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import docker
import grpc  # type: ignore[import-untyped] # grpcio ships no types
import requests
from docker.errors import create_api_error_from_http_exception
from docker.utils.build import exclude_paths
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped] # protobuf ships no types
from google.protobuf.unknown_fields import UnknownFieldSet  # type: ignore[import-untyped]
from google.protobuf.wrappers_pb2 import BytesValue, StringValue, UInt32Value  # type: ignore[import-untyped]

Message = dict[str, Any]

GET_SECRET = ("moby.buildkit.secrets.v1.Secrets", "GetSecret")
CHECK = ("grpc.health.v1.Health", "Check")
SERVING: bytes = UInt32Value(value=1).SerializeToString()
CHUNK = 65536
_STEP = re.compile(r"\[(?:(?P<stage>[^\]]*?) )?(?P<step>\d+/\d+)\] (?P<instruction>.*)", re.DOTALL)


@dataclass(frozen=True)
class Build:
    """What is built, and what it is built with."""

    context: Path
    tag: str
    dockerfile: str = "Dockerfile"
    arguments: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Path] = field(default_factory=dict)
    """Files by the ids that `RUN --mount=type=secret,id=…` names them by."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Further parameters of the engine's `POST /build`."""


def run(api: docker.APIClient, build: Build) -> Iterator[Message]:
    """Build an image and yield what the engine tells, in the words of its classic builder.

    `{"stream": "Step 2/7 : RUN …"}` for a step that starts, `{"stream": …}` for its output, `{"error": …}`,
    and last `{"aux": {"ID": "sha256:…"}}`. Raises OSError for a context or a secret that cannot be read.
    """
    held = {id: path.read_bytes() for id, path in build.secrets.items()}
    with _session(api, held) as session, _packed(build) as archive:
        headers = {"Content-Type": "application/x-tar"}
        response = _posted(api, "build", headers, params=_parameters(build, session), data=archive)
        for line in response.iter_lines():
            yield from _told(json.loads(line))


def _posted(
    api: docker.APIClient,
    path: str,
    headers: Mapping[str, str],
    **request: Any,  # noqa: ANN401 - of requests
) -> requests.Response:
    """Post to the engine and leave the answer open. Raises docker.errors.APIError for a refusal."""
    url = f"{api.base_url}/v{api.api_version}/{path}"
    response = api.post(url, headers=dict(headers), stream=True, timeout=None, **request)
    try:
        response.raise_for_status()
    except requests.HTTPError as refused:
        create_api_error_from_http_exception(refused)
    return response


def _parameters(build: Build, session: str) -> dict[str, str]:
    return {
        "version": "2",
        "session": session,
        "t": build.tag,
        "dockerfile": build.dockerfile,
        "buildargs": json.dumps(dict(build.arguments)),
        "labels": json.dumps(dict(build.labels)),
        **build.options,
    }


def _packed(build: Build) -> IO[bytes]:
    """Return the context as an archive: root's, without times.

    Not in Python's own format: the engine takes an archive that starts with a PAX header for a Dockerfile.
    """
    ignored = build.context / ".dockerignore"
    patterns = ignored.read_text().split() if ignored.is_file() else []
    archive = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(exclude_paths(str(build.context), patterns, build.dockerfile)):
            tar.add(build.context / name, name, recursive=False, filter=_anonymous)
    archive.seek(0)
    return archive


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def _told(message: Message) -> Iterator[Message]:
    match message.get("id"):
        case "moby.buildkit.trace":
            yield from ({"stream": line} for line in _progress(base64.b64decode(message["aux"])))
        case "moby.image.id":
            yield {"aux": message["aux"]}
        case _:
            yield message


def _progress(status: bytes) -> Iterator[str]:
    """Yield the steps that start and what they print, from a `moby.buildkit.v1.StatusResponse`."""
    for number, part in _fields(status):
        read = dict(_fields(part)) if isinstance(part, bytes) else {}
        match number:
            case 1 if 5 in read and 6 not in read:
                if step := _STEP.fullmatch(_text(read.get(3))):
                    of_stage = f" ({step['stage']})" if step["stage"] else ""
                    yield f"Step {step['step']} : {step['instruction']}{of_stage}"
            case 1 if read.get(7):
                yield _text(read[7])
            case 3:
                yield _text(read.get(4)).rstrip("\n")


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the number and the value of each field of a message whose definition is BuildKit's own."""
    for found in UnknownFieldSet(Empty.FromString(message)):
        yield found.field_number, found.data


def _text(value: int | bytes | None) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else ""


@contextmanager
def _session(api: docker.APIClient, held: Mapping[str, bytes]) -> Iterator[str]:
    """Serve a build's secrets to the engine for as long as it builds; yield the session's id."""
    session = randomness.token_hex(12)
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((_handler(GET_SECRET, _secret_of(held)), _handler(CHECK, _healthy)))
    with tempfile.TemporaryDirectory(prefix="fate-build-") as folder:
        address = f"{folder}/session.sock"
        server.add_insecure_port(f"unix:{address}")
        server.start()
        try:
            with _opened(api, session) as (reader, connection), _joined(reader, connection, address):
                yield session
        finally:
            server.stop(grace=None)


def _handler(
    method: tuple[str, str], answer: Callable[[bytes, grpc.ServicerContext], bytes]
) -> grpc.GenericRpcHandler:
    service, name = method
    return grpc.method_handlers_generic_handler(service, {name: grpc.unary_unary_rpc_method_handler(answer)})


def _secret_of(held: Mapping[str, bytes]) -> Callable[[bytes, grpc.ServicerContext], bytes]:
    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        wanted = StringValue.FromString(request).value
        if wanted not in held:
            context.abort(grpc.StatusCode.NOT_FOUND, f"this build is given no secret {wanted}")
        return bytes(BytesValue(value=held[wanted]).SerializeToString())

    return answer


def _healthy(_: bytes, __: grpc.ServicerContext) -> bytes:
    return SERVING


@contextmanager
def _opened(api: docker.APIClient, session: str) -> Iterator[tuple[IO[bytes], socket.socket]]:
    """Open a session at the engine; what it sends is read from the first, what it gets goes to the second.

    The response is held as long: without it, both would be closed.
    """
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "h2c",
        "X-Docker-Expose-Session-Uuid": session,
        "X-Docker-Expose-Session-Name": "fate",
        "X-Docker-Expose-Session-Grpc-Method": "/" + "/".join(GET_SECRET),
    }
    response = _posted(api, "session", headers)
    raw: Any = response.raw  # urllib3 and http.client have no public way to a connection that was upgraded
    reader, connection = raw._fp.fp, raw._fp.fp.raw._sock
    connection.settimeout(None)
    try:
        yield reader, connection
    finally:
        response.close()


@contextmanager
def _joined(reader: IO[bytes], connection: socket.socket, address: str) -> Iterator[None]:
    """Carry bytes between the engine and the server at `address`."""
    with socket.socket(socket.AF_UNIX) as local:
        local.connect(address)
        ways = (
            threading.Thread(target=_carry, args=(reader.read1, local), daemon=True),  # type: ignore[attr-defined]
            threading.Thread(target=_carry, args=(local.recv, connection), daemon=True),
        )
        for way in ways:
            way.start()
        try:
            yield
        finally:
            for end in (connection, local):
                with _quiet():
                    end.shutdown(socket.SHUT_RDWR)


def _carry(read: Callable[[int], bytes], to: socket.socket) -> None:
    with _quiet():
        while carried := read(CHUNK):
            to.sendall(carried)


@contextmanager
def _quiet() -> Iterator[None]:
    """Let a connection end: a session closes it under the hands of those who carry."""
    try:
        yield
    except (OSError, ValueError):
        return
