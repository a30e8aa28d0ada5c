"""`fate bundle` where something fails: what it says, and that nothing is lost or half done."""

import errno
import fcntl
import json
import re
import resource
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from ops.__main__ import main
from ops.bundle import archive, make
from ops.bundle.faults import BundleFault
from ops.bundle.opened import open_bundle
from ops.bundle.record import Record
from tests.unit.bundle_scene import BASE, Scene, scene
from tests.unit.strict_registry import QUOTA, Strict, digest_of

LAYER = f"blobs/sha256/{digest_of(BASE)[7:]}"


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with scene(tmp_path, monkeypatch) as made:
        yield made


def flip(file: Path, place: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        byte = opened.read(1)[0]
        opened.seek(place)
        opened.write(bytes([byte ^ 1]))


def place_of(file: Path, name: str) -> int:
    with tarfile.open(file) as tar:
        return tar.getmember(name).offset_data


DAMAGES: list[tuple[str, Callable[[Path], object], str]] = [
    (
        "a byte of a layer",
        lambda file: flip(file, place_of(file, LAYER) + 9),
        f"{LAYER} of fateflow, mariadb",
    ),
    (
        "a byte of the index",
        lambda file: flip(file, place_of(file, "index.json") + 9),
        "index.json: its bytes",
    ),
    ("a byte of the list", lambda file: flip(file, place_of(file, "CONTENTS.txt") + 9), "CONTENTS.txt: its"),
    ("a header", lambda file: flip(file, place_of(file, LAYER) - 512 + 140), "cannot be read after"),
    ("its end is cut", lambda file: cut(file, 1), "no end of a bundle"),
    ("its last kilobytes are cut", lambda file: cut(file, 12_000), "breaks off"),
    ("its half is cut", lambda file: cut(file, file.stat().st_size // 2), "breaks off"),
    ("it is empty", lambda file: file.write_bytes(b""), "is no bundle"),
    ("something follows it", lambda file: grow(file), "no end of a bundle"),
    ("it is another file", lambda file: file.write_bytes(b"PK" * 5000), "is no bundle"),
    ("it is gone", lambda file: file.unlink(), "No such file"),
]


def is_whole(file: Path) -> bool:
    try:
        open_bundle(file).verify()
    except BundleFault:
        return False
    return True


def cut(file: Path, size: int) -> None:
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size - size)


def grow(file: Path) -> None:
    with file.open("ab") as opened:
        opened.write(b"more")


@pytest.mark.parametrize(
    ("damage", "told"), [each[1:] for each in DAMAGES], ids=[each[0] for each in DAMAGES]
)
def test_a_damaged_bundle_is_refused_before_anything_is_pushed(
    both: Scene, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], object], told: str
) -> None:
    assert both.make() == 0
    damage(both.file)
    assert both.load() == 1
    assert told in capsys.readouterr().err
    assert both.far.asked == [], "the registry is not even asked"


def test_one_flipped_byte_anywhere_is_seen(both: Scene) -> None:
    assert both.make() == 0
    size = both.file.stat().st_size
    with tarfile.open(both.file) as tar:
        headers = [member.offset for member in tar]
        small = [member for member in tar if member.size < 5000]
    places = {offset + step for offset in headers for step in (0, 99, 100, 124, 150, 156, 300, 345, 511)}
    places |= {member.offset_data + at for member in small for at in range(0, member.size + 40, 401)}
    for place in sorted({*places, *range(0, size, 20_011), size - 1, size - 1025}):
        flip(both.file, place)
        assert not is_whole(both.file), f"byte {place} of {size} may be any"
        flip(both.file, place)
    assert is_whole(both.file)


@pytest.mark.parametrize("part", [10, 200])
def test_a_flipped_byte_of_a_signature_is_seen_by_who_does_not_ask_for_the_signer(
    both: Scene, part: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make("--sign-key", str(both.key("ann"))) == 0
    flip(both.file, place_of(both.file, "checksums.sha256.sig") + part)
    assert both.load() == 1
    assert "signature is damaged" in capsys.readouterr().err


def test_a_bundle_of_another_signer_is_refused(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert both.make("--sign-key", str(both.key("ann"))) == 0
    assert both.load("--signed-by", f"{both.key('bob')}.pub") == 1
    assert "not signed by the key in" in capsys.readouterr().err
    assert both.far.asked == []


def test_a_bundle_without_a_signature_is_refused_where_one_is_asked_for(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == 0
    assert both.load("--signed-by", f"{both.key('ann')}.pub") == 1
    assert "has no signature" in capsys.readouterr().err
    assert both.far.asked == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--sign-key", "gone"], "there is no such file"),
        (["--sign-key", "outputs.json"], "signs nothing"),
        (["--since", "gone.tar"], "No such file"),
        (["--since", "outputs.json"], "is no bundle"),
        (["--since", "dev.tar"], "would be written over"),
        (["--stack", "none"], "Pulumi.none.yaml cannot be used"),
        (["--ca-file", "outputs.json"], "cannot be read as certificates"),
        (["--output", "gone/dev.tar"], "there is no folder"),
        (["--output", "bin"], "is a folder"),
    ],
)
def test_what_cannot_be_bundled_so_is_told_and_leaves_the_earlier_bundle(
    both: Scene,
    words: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert both.make() == 0
    before = both.file.read_bytes()
    monkeypatch.chdir(both.folder)
    assert both.make(*words) == 1
    assert told in capsys.readouterr().err
    assert both.file.read_bytes() == before


def refuses(far: Strict) -> None:
    far.full = "requested access to the resource is denied"


def has_no_quota(far: Strict) -> None:
    far.full = QUOTA


def has_a_full_disk(far: Strict) -> None:
    far.full, far.full_status = "filesystem: no space left on device", 500


def wants_a_login(far: Strict) -> None:
    far.login = "ann:secret"


def mangles(far: Strict) -> None:
    far.mangles = True


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (refuses, r"DENIED: requested access .* docker login"),
        (has_no_quota, r"adding 1.2 GiB .* raise the quota"),
        (has_a_full_disk, r"500 DENIED: filesystem: no space left .* Make room"),
        (wants_a_login, r"401 Unauthorized.* docker login"),
    ],
)
def test_what_a_registry_refuses_is_told_and_the_same_command_goes_on(
    both: Scene, fault: Callable[[Strict], None], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == 0
    fault(both.far)
    assert both.load() == 1
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(told, said), said
    assert both.far.manifests == {}, "no image is named that lacks a layer"
    both.far.full = both.far.login = ""
    assert both.load() == 0
    assert both.far.blobs == both.near.blobs


def test_a_registry_that_gives_back_other_bytes_is_told(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == 0
    mangles(both.far)
    assert both.load() == 1
    assert "does not give it back" in capsys.readouterr().err


def test_a_registry_that_does_not_answer_is_told(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert both.make() == 0
    assert main(["bundle", "load", str(both.file), "--to", "localhost:1/fate"]) == 1
    assert "localhost:1 does not" in capsys.readouterr().err


def test_an_image_that_its_registry_lacks_is_named(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    both.near.manifests.clear()
    assert both.make() == 1
    told = capsys.readouterr().err
    assert "fate/fateflow" in told
    assert "404 " in told


def test_a_stack_that_was_never_up_is_told_so(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    both.tell({})
    assert both.make() == 1
    assert "pulumi up --stack dev" in capsys.readouterr().err


def test_a_registry_whose_layer_has_other_bytes_does_not_get_it_into_a_bundle(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    right = dict(both.near.blobs)
    both.near.blobs = {key: BASE[::-1] if value == BASE else value for key, value in right.items()}
    assert both.make() == 1
    assert f"{LAYER} came with other bytes" in capsys.readouterr().err
    assert not both.file.exists()
    both.near.blobs = right
    assert both.make() == both.load() == 0


def test_a_download_that_breaks_for_good_keeps_what_came(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    both.near.hold("fate/nginx", "broken", BASE)
    both.near.breaks = 40
    assert both.make() == 1
    assert "does not give" in capsys.readouterr().err
    assert both.file.with_name("dev.tar.partial").stat().st_size > len(BASE) / 2
    both.near.breaks = 0
    assert both.make() == both.load() == 0


def test_a_disk_without_room_is_told_before_anything_is_moved(
    both: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    assert both.make() == 1
    assert "does not fit there" in capsys.readouterr().err
    assert both.near.gets("/blobs/") == []


def test_a_disk_that_fills_up_keeps_what_is_written(
    both: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(archive, "ending", full)
        assert both.make() == 1
    told = capsys.readouterr().err
    assert "No space left on device" in told
    assert "dev.tar.partial" in told
    both.near.asked.clear()
    assert both.make() == 0
    assert both.near.gets("/blobs/") == [], "all of it was written"


def test_a_file_that_may_grow_no_further_in_a_layer_s_middle_is_gone_on_with(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    limit, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(BASE) // 2, hard))
    try:
        assert both.make() == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    assert "does not fit there (File too large)" in capsys.readouterr().err
    written = both.file.with_name("dev.tar.partial").stat().st_size
    assert len(BASE) / 4 < written <= len(BASE) / 2
    both.near.asked.clear()
    assert both.make() == both.load() == 0
    [span] = both.near.gets(digest_of(BASE))
    assert span.startswith("bytes="), "what is there is not fetched again"


def test_two_runs_do_not_write_one_file(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    with both.file.with_name("dev.tar.partial").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert both.make() == 1
    assert "another run writes" in capsys.readouterr().err
    assert both.make() == 0


def test_a_damaged_older_bundle_is_not_built_on(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert both.make() == 0
    flip(both.file, place_of(both.file, LAYER) + 9)
    assert both.make("--since", str(both.file), file=both.folder / "newer.tar") == 1
    assert "dev.tar is damaged" in capsys.readouterr().err


def test_an_interruption_is_no_traceback(
    both: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "write", interrupted)
    assert both.make() == 130
    assert "goes on from there" in capsys.readouterr().err


def test_a_bundle_of_a_newer_program_is_told_so(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert both.make() == 0
    whole = both.file.read_bytes()
    both.file.write_bytes(whole.replace(b'"format": 2,', b'"format": 9,', 1))
    assert both.load() == 1
    assert "newer version of this program" in capsys.readouterr().err


def test_a_bundle_of_an_earlier_program_is_read(both: Scene) -> None:
    assert both.make() == 0
    with tarfile.open(both.file) as tar:
        told = tar.extractfile("fate-bundle.json")
        assert told
        record = json.load(told)
    for each in record["images"]:
        del each["runs_as"]
    assert Record.model_validate({**record, "format": 1}).of_the_mirror == ()
