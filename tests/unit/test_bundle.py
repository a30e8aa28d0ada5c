"""`fate bundle`: what is in the file, that it is gone on with, that the far side gets all and no more."""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.bundle import wanted
from ops.doctor.outputs import PROJECT
from tests.unit.bundle_scene import BASE, NAMES, Scene, bytes_of, fake_pip, scene
from tests.unit.strict_registry import digest_of


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with scene(tmp_path, monkeypatch) as made:
        yield made


def names_in(file: Path) -> list[str]:
    with tarfile.open(file) as tar:
        return tar.getnames()


def test_the_far_registry_gets_every_image_by_digest_and_by_tag(both: Scene) -> None:
    assert both.make() == 0
    assert both.load() == 0
    for (name, reference), (kind, content) in both.near.manifests.items():
        assert both.far.manifests[name, reference] == (kind, content), "byte by byte, digest and tag"
    assert both.far.blobs == both.near.blobs


def test_a_bundle_is_hardly_larger_than_its_layers_and_holds_a_shared_one_once(both: Scene) -> None:
    assert both.make() == 0
    layers = sum(len(content) for content in {digest_of(c): c for c in both.near.blobs.values()}.values())
    assert both.file.stat().st_size <= 1.05 * layers + 20_000, "20 kB are tar's own in so small a bundle"
    assert len([name for name in names_in(both.file) if name.endswith(digest_of(BASE)[7:])]) == 1


def test_loaded_twice_it_moves_nothing(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert both.make() == both.load() == 0
    before = len(both.far.wrote())
    assert before > 0
    assert both.load() == 0
    assert len(both.far.wrote()) == before
    assert capsys.readouterr().out.count("nothing: it is there") == len(NAMES)


def test_a_shared_layer_is_sent_once(both: Scene) -> None:
    assert both.make() == both.load() == 0
    sent = [path for method, path in both.far.wrote() if method == "PUT" and digest_of(BASE)[7:] in path]
    assert len(sent) == 1, "the others take it over within the registry"


def test_it_is_an_image_layout_that_other_tools_read(both: Scene, tmp_path: Path) -> None:
    assert both.make() == 0
    with tarfile.open(both.file) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    out = tmp_path / "out"
    assert json.loads((out / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    for entry in json.loads((out / "index.json").read_text())["manifests"]:
        content = (out / "blobs/sha256" / entry["digest"][7:]).read_bytes()
        assert (len(content), digest_of(content)) == (entry["size"], entry["digest"])
        name = entry["annotations"]["org.opencontainers.image.ref.name"]
        assert name.partition(":")[0] in NAMES
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "checksums.sha256"], cwd=out, capture_output=True
    )
    assert done.returncode == 0, done.stderr


def test_the_same_stack_gives_the_same_bytes(both: Scene, tmp_path: Path) -> None:
    assert both.make() == both.make(file=tmp_path / "again.tar") == 0
    assert both.file.read_bytes() == (tmp_path / "again.tar").read_bytes()


@pytest.mark.parametrize("part", [0.05, 0.3, 0.5, 0.9, 0.999])
def test_a_stopped_run_is_gone_on_with(both: Scene, part: float) -> None:
    assert both.make() == 0
    whole = both.file.read_bytes()
    cut = int(len(whole) * part)
    both.file.with_name("dev.tar.partial").write_bytes(whole[:cut])
    both.file.unlink()
    both.near.asked.clear()
    assert both.make() == 0
    assert both.file.read_bytes() == whole
    asked = sum(1 for method, path, _ in both.near.asked if method == "GET" and "/blobs/" in path)
    assert asked <= 9 * (1 - part) + 1, "what stands in the partial file is not fetched again"
    assert not both.file.with_name("dev.tar.partial").exists()


def test_a_blob_that_was_cut_is_gone_on_with_from_its_last_byte(both: Scene) -> None:
    assert both.make() == 0
    whole = both.file.read_bytes()
    place = whole.index(BASE[:100])
    both.file.rename(both.file.with_name("dev.tar.partial"))
    with both.file.with_name("dev.tar.partial").open("r+b") as partial:
        partial.truncate(place + 1000)
    both.near.asked.clear()
    assert both.make() == 0
    assert both.near.gets(digest_of(BASE)) == ["bytes=1000-"]
    assert both.file.read_bytes() == whole


def test_a_damaged_partial_file_does_not_get_into_the_bundle(both: Scene) -> None:
    assert both.make() == 0
    whole = both.file.read_bytes()
    damaged = bytearray(whole)
    damaged[whole.index(BASE[:100]) + 5] ^= 1
    both.file.with_name("dev.tar.partial").write_bytes(damaged)
    assert both.make() == 0
    assert both.file.read_bytes() == whole


def test_an_index_keeps_its_digest_and_every_platform_that_its_registry_has(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    children = [
        both.near.hold("fate/nginx", arch, bytes_of(arch, 999), arch=arch) for arch in ("amd64", "arm64")
    ]
    index = both.near.hold_index("fate/nginx", "many", [*children, "sha256:" + "5" * 64])
    outputs = json.loads((both.folder / "outputs.json").read_text())
    outputs["images"]["gateway"] = f"{both.near.address}/fate/nginx:many@{index}"
    both.tell(outputs)
    assert both.make() == 0
    assert {f"blobs/sha256/{each[7:]}" for each in [index, *children]} <= set(names_in(both.file))
    with tarfile.open(both.file) as tar:
        told = tar.extractfile("CONTENTS.txt")
        assert told
        assert f"NOT IN IT: nginx:many: sha256:{'5' * 64}: " in told.read().decode()
    capsys.readouterr()
    assert both.load() == 1, "distribution takes no index of which it lacks a part"
    assert "It takes no index of which it lacks a part" in capsys.readouterr().err


def test_an_index_is_loaded_after_what_it_lists(both: Scene) -> None:
    children = [
        both.near.hold("fate/nginx", arch, bytes_of(arch, 999), arch=arch) for arch in ("amd64", "arm64")
    ]
    index = both.near.hold_index("fate/nginx", "many", children)
    outputs = json.loads((both.folder / "outputs.json").read_text())
    outputs["images"]["gateway"] = f"{both.near.address}/fate/nginx:many@{index}"
    both.tell(outputs)
    assert both.make() == both.load() == 0
    assert both.far.manifests["fate/nginx", "many"] == both.near.manifests["fate/nginx", "many"]


def test_the_list_tells_people_what_there_is_and_what_not(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == 0
    capsys.readouterr()
    assert main(["bundle", "list", str(both.file)]) == 0
    told = capsys.readouterr().out
    assert "images: 10 files" in told
    assert "wheels: none\n  NOT IN IT: all: left out by --without" in told
    assert "charts: none" in told
    assert all(f"  {name}:" in told for name in NAMES)
    assert "not signed" in told


def test_a_newer_bundle_leaves_out_what_the_older_has(both: Scene, tmp_path: Path) -> None:
    older, newer = tmp_path / "older.tar", tmp_path / "newer.tar"
    assert both.make(file=older) == 0
    both.fill("2")
    assert both.make("--since", str(older), file=newer) == 0
    assert newer.stat().st_size < older.stat().st_size / 4
    assert both.load(file=older) == 0
    assert both.load(file=newer) == 0
    assert both.far.blobs == both.near.blobs


def test_an_older_bundle_that_was_not_loaded_is_named_before_anything_is_pushed(
    both: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older, newer = tmp_path / "older.tar", tmp_path / "newer.tar"
    assert both.make(file=older) == 0
    both.fill("2")
    assert both.make("--since", str(older), file=newer) == 0
    with tarfile.open(older) as tar:
        sums = tar.extractfile("checksums.sha256")
        assert sums
        identity = hashlib.sha256(sums.read()).hexdigest()
    assert both.load(file=newer) == 1
    told = capsys.readouterr().err
    assert "load older.tar before this one" in told
    assert identity in told
    assert both.far.wrote() == []


def test_a_newer_bundle_leaves_out_wheels_that_the_older_has(
    both: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    older, newer = tmp_path / "older.tar", tmp_path / "newer.tar"
    command = ["bundle", "--stack", "dev", "--without", "pulumi", "--without", "mirror"]
    fake_pip(tmp_path, monkeypatch, 'echo 1 >"$folder/one-1.0.whl"')
    assert main([*command, "--output", str(older)]) == 0
    assert "wheels/one-1.0.whl" in names_in(older)
    fake_pip(tmp_path, monkeypatch, 'echo 1 >"$folder/one-1.0.whl"; echo 2 >"$folder/two-2.0.whl"')
    assert main([*command, "--output", str(newer), "--since", str(older)]) == 0
    assert [name for name in names_in(newer) if name.startswith("wheels/")] == ["wheels/two-2.0.whl"]
    capsys.readouterr()
    assert main(["bundle", "list", str(newer)]) == 0
    assert "wheels: 1 file, " in capsys.readouterr().out
    assert not list(tmp_path.glob("*.wheels")), "the folder of the downloads is gone once the bundle is whole"


def test_a_third_bundle_builds_on_the_second_which_builds_on_the_first(both: Scene, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.tar" for number in (1, 2, 3)]
    assert both.make(file=files[0]) == 0
    both.fill("2")
    assert both.make("--since", str(files[0]), file=files[1]) == 0
    both.fill("3")
    assert both.make("--since", str(files[1]), file=files[2]) == 0
    assert digest_of(BASE)[7:] not in "".join(names_in(files[2])), "what the first has is not sent again"
    assert [both.load(file=file) for file in files] == [0, 0, 0]
    assert both.far.blobs == both.near.blobs


def test_a_left_out_layer_serves_an_image_that_the_older_bundle_did_not_have(
    both: Scene, tmp_path: Path
) -> None:
    outputs = json.loads((both.folder / "outputs.json").read_text())
    older, newer = tmp_path / "older.tar", tmp_path / "newer.tar"
    nginx = both.near.hold("fate/nginx", "old", bytes_of("other", 10))
    both.tell({"images": outputs["images"] | {"gateway": f"{both.near.address}/fate/nginx:old@{nginx}"}})
    assert both.make(file=older) == 0
    both.tell(outputs)
    assert both.make("--since", str(older), file=newer) == 0
    assert both.load(file=older) == 0
    assert both.load(file=newer) == 0
    assert ("fate/nginx", digest_of(BASE)) in both.far.blobs, "taken over from an image that has it"


def test_official_images_are_fetched_by_what_the_stacks_file_says(
    both: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {
        name: both.near.hold(f"fate/{name}", tag, bytes_of(name, 5000))
        for name, tag in (
            ("federatedai/fateflow", "2.2.0-release"),
            ("federatedai/eggroll", "3.2.0-release"),
            ("federatedai/osx", "2.2.0-release"),
            ("library/mysql", "8.0.28"),
        )
    }
    import yaml

    from tests.unit.stack_values import eggroll

    mirror = {"kind": "external", "address": f"{both.near.address}/fate"}
    values = {f"fate:{key}": value for key, value in {**eggroll(images={}), "mirror": mirror}.items()}
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": values}))
    monkeypatch.setattr(wanted, "PROJECT", tmp_path)
    both.tell({})
    assert both.make() == 0
    assert both.load() == 0
    for name, digest in held.items():
        assert ("fate/" + name, digest) in both.far.manifests, "under the name that a mirror has it by"


def test_signed_bundles_load_for_who_asks_for_the_signer(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    key = both.key("ann")
    assert both.make("--sign-key", str(key)) == 0
    assert both.load("--signed-by", f"{key}.pub") == 0
    capsys.readouterr()
    assert both.load() == 0
    assert "by whom was not asked" in capsys.readouterr().err


def test_without_an_address_it_is_only_checked(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert both.make() == 0
    assert main(["bundle", "load", str(both.file)]) == 0
    assert "every byte is what it was" in capsys.readouterr().out
    assert both.far.asked == []


@pytest.mark.parametrize("tokens", [True, False])
def test_registries_that_want_a_login_get_that_of_docker(both: Scene, tokens: bool) -> None:
    for registry in (both.near, both.far):
        registry.login, registry.tokens = "ann:secret", tokens
    logins = {each.address: {"auth": "YW5uOnNlY3JldA=="} for each in (both.near, both.far)}
    (both.folder / "config.json").write_text(json.dumps({"auths": logins}))
    assert both.make() == both.load() == 0
    assert both.far.blobs == both.near.blobs


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bundle"], "--stack NAME and --output FILE"),
        (["bundle", "--stack", "dev"], "--stack NAME and --output FILE"),
        (["bundle", "load", "x", "--to", "https://r.example/fate"], "write --to r.example/fate"),
    ],
)
def test_a_wrong_command_line_is_told_with_what_to_write(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert told in capsys.readouterr().err


def test_it_is_loaded_where_there_is_no_way_out(both: Scene) -> None:
    apart = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], capture_output=True).returncode:
        pytest.skip("this user may make no network of its own")
    assert both.make() == 0
    command = [sys.executable, "-m", "tests.unit.bundle_far_side", str(both.file)]
    done = subprocess.run([*apart, *command], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "has every image" in done.stdout
