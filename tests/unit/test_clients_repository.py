"""Repositories of registries, read and written, against a registry that refuses what distribution does."""

import io
import os
from collections.abc import Iterator

import pytest

from clients import repository as repositories
from clients.failures import Refused, Unreachable
from clients.manifests import Manifest, NoManifest
from clients.repository import Repository, Server
from tests.unit.strict_registry import Strict, digest_of, strict_registry

LAYER = os.urandom(300_000)
DIGEST = digest_of(LAYER)


@pytest.fixture
def held() -> Iterator[Strict]:
    with strict_registry() as registry:
        yield registry


def at(held: Strict, name: str = "fate/a", user: str = "", password: str = "") -> Repository:
    return Repository(Server(held.url, user, password, direct=True), name, "pull,push", pauses=(0.01, 0.01))


def content(start: int, size: int) -> io.BytesIO:
    return io.BytesIO(LAYER[start : start + size])


def test_a_blob_is_gone_on_with_where_the_network_broke(held: Strict) -> None:
    held.hold("fate/a", "1", LAYER)
    held.breaks = 5
    assert b"".join(at(held).blob(DIGEST, 0, len(LAYER))) == LAYER
    spans = held.gets(DIGEST)
    assert all(span.startswith("bytes=") for span in spans[1:]), "only the rest is asked for"
    assert len(spans) == 6, "more breaks than pauses are borne as long as each try brings something"


@pytest.mark.parametrize("ranges", [True, False])
def test_a_blob_is_read_from_where_it_is_known(held: Strict, ranges: bool) -> None:
    held.hold("fate/a", "1", LAYER)
    held.ranges = ranges
    assert b"".join(at(held).blob(DIGEST, 1234, len(LAYER))) == LAYER[1234:]


def test_a_blob_that_never_comes_further_is_given_up(held: Strict) -> None:
    held.hold("fate/a", "1", LAYER)
    held.breaks = 99
    with pytest.raises(Unreachable):
        list(at(held).blob(DIGEST, 0, len(LAYER)))


@pytest.mark.parametrize("piece", [1_000_000, 100_000, 99_999, 300_000])
def test_a_blob_is_sent_whole_or_in_pieces(held: Strict, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories, "PIECE", piece)
    at(held).upload(DIGEST, len(LAYER), content)
    assert held.blobs["fate/a", DIGEST] == LAYER
    patches = [path for method, path in held.wrote() if method == "PATCH"]
    assert len(patches) == (len(LAYER) - 1) // piece


def test_a_blob_of_other_bytes_is_refused_by_the_registry_and_its_upload_ended(held: Strict) -> None:
    with pytest.raises(Refused, match="DIGEST_INVALID"):
        at(held).upload("sha256:" + "0" * 64, len(LAYER), content)
    assert not held.blobs
    assert not held.uploads, "no upload is left open"


def test_a_blob_is_taken_over_from_another_image(held: Strict) -> None:
    held.hold("fate/b", "1", LAYER)
    assert at(held).mount(DIGEST, "fate/b")
    assert at(held).has_blob(DIGEST)


def test_a_registry_that_takes_nothing_over_is_left_without_an_open_upload(held: Strict) -> None:
    held.mounts = False
    assert not at(held).mount(DIGEST, "fate/b")
    assert not held.uploads


def test_a_manifest_before_its_blobs_is_refused(held: Strict) -> None:
    held.hold("fate/b", "1", LAYER)
    manifest = at(held, "fate/b").manifest("1")
    with pytest.raises(Refused, match="MANIFEST_BLOB_UNKNOWN"):
        at(held).put(manifest, "1")


@pytest.mark.parametrize("tokens", [True, False])
def test_who_logs_in_reads_and_writes(held: Strict, tokens: bool) -> None:
    held.login, held.tokens = "ann:secret", tokens
    digest = held.hold("fate/b", "1", LAYER)
    source, target = at(held, "fate/b", "ann", "secret"), at(held, "fate/a", "ann", "secret")
    assert source.digest_of("1") == digest
    assert b"".join(at(held, "fate/b", "ann", "secret").blob(DIGEST, 0, len(LAYER))) == LAYER
    target.upload(DIGEST, len(LAYER), content)
    assert held.blobs["fate/a", DIGEST] == LAYER
    assert "secret" not in repr(source), "a password is never shown"
    with pytest.raises(Refused, match="401"):
        at(held, "fate/b", "ann", "wrong").manifest("1")


@pytest.mark.parametrize(("times", "passes"), [(2, True), (3, False)])
def test_a_busy_registry_is_asked_again_so_often(held: Strict, times: int, passes: bool) -> None:
    digest = held.hold("fate/a", "1", LAYER)
    held.busy = times
    if passes:
        assert at(held).digest_of("1") == digest
    else:
        with pytest.raises(Refused, match="503 UNAVAILABLE: try again"):
            at(held).manifest("1")


def test_what_a_registry_refuses_is_not_asked_again(held: Strict) -> None:
    with pytest.raises(Refused, match="404"):
        at(held).manifest("none")
    assert len(held.asked) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>", "no manifest"),
        (b"[]", "no manifest"),
        (b'{"schemaVersion": 1, "fsLayers": []}', "names no layers by digest"),
        (b'{"config": {"digest": "sha512:1", "size": 1}, "layers": []}', "only sha256"),
    ],
)
def test_what_is_no_manifest_is_told(content: bytes, reason: str) -> None:
    with pytest.raises(NoManifest, match=reason):
        Manifest(content).check()
