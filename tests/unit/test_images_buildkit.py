"""A build over BuildKit's own protocol: what is packed, what is told, which secret is given."""

import base64
import tarfile
from pathlib import Path

import grpc  # type: ignore[import-untyped] # grpcio ships no types
import pytest
from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # protobuf ships no types

from images import buildkit
from images.buildkit import Build


def text(field: int, value: bytes) -> bytes:
    """Return a field of a message, as protobuf spells it."""
    return bytes([field << 3 | 2, len(value)]) + value


STARTED, COMPLETED = text(5, b"time"), text(6, b"time")


def trace(*parts: bytes) -> buildkit.Message:
    return {"id": "moby.buildkit.trace", "aux": base64.b64encode(b"".join(parts)).decode()}


def vertex(name: str, *more: bytes) -> bytes:
    return text(1, text(3, name.encode()) + b"".join(more))


def test_what_is_no_message_is_refused() -> None:
    for part in (b"\x0f", b"\x80"):
        with pytest.raises(DecodeError):
            list(buildkit._told(trace(part)))


def test_a_step_is_told_when_it_starts_in_the_classic_builder_s_words() -> None:
    started = trace(vertex("[wheels 3/4] RUN sh install.sh", STARTED))
    assert list(buildkit._told(started)) == [{"stream": "Step 3/4 : RUN sh install.sh (wheels)"}]
    unnamed = trace(vertex("[2/5] COPY a b", STARTED))
    assert list(buildkit._told(unnamed)) == [{"stream": "Step 2/5 : COPY a b"}]


def test_what_is_planned_or_done_or_the_builder_s_own_is_not_told() -> None:
    for part in (
        vertex("[1/2] FROM x"),
        vertex("[1/2] FROM x", STARTED, COMPLETED),
        vertex("[internal] load build context", STARTED),
    ):
        assert list(buildkit._told(trace(part))) == []


def test_output_a_failure_and_the_result_are_told() -> None:
    output = trace(text(3, text(4, b"12 packages\n")))
    assert list(buildkit._told(output)) == [{"stream": "12 packages"}]
    result: buildkit.Message = {"id": "moby.image.id", "aux": {"ID": "sha256:1"}}
    assert list(buildkit._told(result)) == [{"aux": {"ID": "sha256:1"}}]
    failure: buildkit.Message = {"error": "exit code: 1"}
    assert list(buildkit._told(failure)) == [failure]


def test_a_context_is_packed_without_owners_times_and_what_is_ignored(tmp_path: Path) -> None:
    for name in ("Dockerfile", "script.sh", "left-out"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".dockerignore").write_text("left-out\n")
    with buildkit._packed(Build(tmp_path, "t")) as archive, tarfile.open(fileobj=archive) as tar:
        entries = tar.getmembers()
    assert {entry.name for entry in entries} == {".dockerignore", "Dockerfile", "script.sh"}
    assert {(entry.uid, entry.mtime, entry.uname) for entry in entries} == {(0, 0, "")}


def test_a_context_does_not_start_with_a_header_that_the_engine_takes_for_text(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    with buildkit._packed(Build(tmp_path, "t")) as archive:
        assert not archive.read().startswith(b"././@PaxHeader")


class Asked(grpc.ServicerContext):  # type: ignore[misc] # grpcio ships no types
    """A call that can be refused."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        """Refuse as the server does."""
        raise LookupError(code, details)


Asked.__abstractmethods__ = frozenset()


def test_a_secret_is_given_by_its_id_and_no_other() -> None:
    answer = buildkit._secret_of({"pip.conf": b"[global]"})
    assert answer(text(1, b"pip.conf"), Asked()) == text(1, b"[global]")
    with pytest.raises(LookupError, match="no secret other"):
        answer(text(1, b"other"), Asked())


def test_a_secret_that_cannot_be_read_fails_before_the_engine_is_asked(tmp_path: Path) -> None:
    build = Build(tmp_path, "t", secrets={"pip.conf": tmp_path / "absent"})
    with pytest.raises(OSError, match="absent"):
        list(buildkit.run(None, build))  # type: ignore[arg-type] # it is not asked
