"""The charts of a bundle: packed or fetched, listed, loaded beside the images; no version is written over."""

import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from clients.charts import chart_at, digest_of
from ops.__main__ import main
from ops.bundle import charts, wanted
from tests.charts import CHART, helm, needs_helm
from tests.unit.bundle_scene import Scene, scene
from tests.unit.kubernetes_examples import cluster, two_in
from tests.unit.stack_values import RABBITMQ, Values

NAME, VERSION = "fate-party", chart_at(CHART).version
HELD = f"fate/{NAME}"


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(wanted, "PROJECT", tmp_path)
    monkeypatch.setattr(charts, "PROJECT", tmp_path)
    shutil.copytree(CHART, tmp_path / "charts" / NAME)
    with scene(tmp_path, monkeypatch) as made:
        write(made, {})
        yield made


def write(both: Scene, first: Values | None, second: Values | None = None) -> None:
    """Write the stack's file: two parties, each with that chart, or with objects of the program's own."""
    runtimes = [cluster(**({} if chart is None else {"chart": chart})) for chart in (first, second)]
    parties = [
        {"id": id, "engines": RABBITMQ, "runtime": runtime}
        for id, runtime in zip(("9999", "10000"), runtimes, strict=True)
    ]
    mirror = {"kind": "external", "address": f"{both.near.address}/fate"}
    values = two_in(mirror=mirror, parties=parties)
    keys = {f"fate:{key}": value for key, value in values.items()}
    (both.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": keys}))


def change(folder: Path, version: str = VERSION) -> Path:
    """Give a chart other content, and perhaps another version."""
    (folder / "templates" / "NOTES.txt").write_text("others")
    about = folder / "Chart.yaml"
    about.write_text(about.read_text().replace(f"version: {VERSION}", f"version: {version}"))
    return folder


def archived(both: Scene) -> Path:
    (both.folder / "chart.tgz").write_bytes(chart_at(CHART).archive)
    return both.folder / "chart.tgz"


def pushed(both: Scene) -> Values:
    """Push the chart beside the images, and return how a stack names it there."""
    assert main(["chart", "push", "--to", f"{both.near.address}/fate"]) == 0
    return {"ref": f"oci://{both.near.address}/fate/{NAME}", "version": VERSION, "plain-http": True}


PLACES: dict[str, Callable[[Scene], Values]] = {
    "this checkout's": lambda both: {},
    "a folder elsewhere": lambda both: {"ref": str(CHART)},
    "an archive": lambda both: {"ref": archived(both).name},
    "a registry's": pushed,
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_chart_is_loaded_beside_the_images_wherever_it_lay(
    both: Scene, place: Callable[[Scene], Values], capsys: pytest.CaptureFixture[str]
) -> None:
    write(both, place(both))
    assert both.make() == 0
    assert "4 images, 1 chart." in capsys.readouterr().out
    assert both.load() == 0
    chart = chart_at(CHART)
    assert both.far.manifests[HELD, VERSION][1] == chart.manifest.content
    assert {digest: both.far.blobs[HELD, digest] for digest in chart.blobs} == chart.blobs
    told = capsys.readouterr().out
    way = f'{{ref: oci://{both.far.address}/{HELD}, version: "{VERSION}", plain-http: true}}'
    assert f"and for party 9999: chart: {way}" in told, "what the far stack writes"


def test_it_is_the_artifact_that_push_makes(both: Scene) -> None:
    assert both.make() == both.load() == 0
    pushed(both)
    assert both.far.manifests[HELD, VERSION] == both.near.manifests[HELD, VERSION]


@needs_helm
def test_helm_pulls_what_was_loaded(both: Scene) -> None:
    assert both.make() == both.load() == 0
    where = ("--version", VERSION, "--plain-http", "--destination", str(both.folder))
    helm("pull", f"oci://{both.far.address}/{HELD}", *where)
    assert (both.folder / f"{NAME}-{VERSION}.tgz").read_bytes() == chart_at(CHART).archive


def test_other_tools_find_it_in_the_layout_and_people_in_the_list(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == 0
    with tarfile.open(both.file) as tar:
        index = tar.extractfile("index.json")
        assert index
        entries = json.load(index)["manifests"]
    named = {each["annotations"]["org.opencontainers.image.ref.name"]: each["digest"] for each in entries}
    assert named[f"{NAME}:{VERSION}"] == chart_at(CHART).manifest.digest
    capsys.readouterr()
    assert main(["bundle", "list", str(both.file)]) == 0
    told = capsys.readouterr().out
    assert "images: 10 files" in told
    assert "charts: 3 files" in told
    assert f"  {NAME}:{VERSION}  {chart_at(CHART).manifest.digest}" in told
    assert f"from charts/{NAME}, for party 9999" in told


def test_loaded_twice_it_moves_nothing(both: Scene) -> None:
    assert both.make() == both.load() == 0
    before = both.far.wrote()
    assert both.load() == 0
    assert both.far.wrote() == before


@pytest.mark.parametrize("second", [{}, {"ref": "chart.tgz"}])
def test_one_chart_of_two_parties_is_there_once(
    both: Scene, second: Values, capsys: pytest.CaptureFixture[str]
) -> None:
    archived(both)
    write(both, {}, second)
    assert both.make() == both.load() == 0
    told = capsys.readouterr().out
    assert "1 chart." in told
    assert "and for party 9999, party 10000: chart: " in told


def test_a_stack_without_charts_has_none(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    write(both, None)
    assert both.make() == 0
    assert "4 images. " in capsys.readouterr().out
    assert main(["bundle", "list", str(both.file)]) == 0
    assert "charts: none" in capsys.readouterr().out


@pytest.mark.parametrize("place", [PLACES["this checkout's"], PLACES["a registry's"]])
def test_a_newer_bundle_leaves_out_a_chart_that_the_older_has(
    both: Scene, place: Callable[[Scene], Values]
) -> None:
    write(both, place(both))
    newer = both.folder / "newer.tar"
    assert both.make() == both.make("--since", str(both.file), file=newer) == 0
    with tarfile.open(newer) as tar:
        names = "".join(tar.getnames())
    assert not any(digest[7:] in names for digest in chart_at(CHART).blobs)
    assert both.load(file=newer) == 1
    assert both.load() == both.load(file=newer) == 0


def test_a_version_that_is_there_with_other_content_is_not_written_over(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == both.load() == 0
    change(both.folder / "charts" / NAME)
    assert both.make() == 0
    before, asked = dict(both.far.manifests), both.far.wrote()
    assert both.load() == 1
    told = capsys.readouterr().err
    assert f"has another chart as {HELD}:{VERSION}" in told
    assert "raise version in the Chart.yaml of charts/fate-party" in " ".join(told.split())
    assert (both.far.manifests, both.far.wrote()) == (before, asked), "nothing was pushed, no image either"
    change(both.folder / "charts" / NAME, "0.2.0")
    assert both.make() == both.load() == 0
    assert {tag for name, tag in both.far.manifests if name == HELD and ":" not in tag} == {VERSION, "0.2.0"}


def lacking(both: Scene, **chart: object) -> None:
    """Let the stack name a chart that is not there."""
    write(both, {**pushed(both), **chart})


def of_two(both: Scene) -> None:
    write(both, {}, {"ref": str(change(shutil.copytree(CHART, both.folder / "own")))})


REFUSED: dict[str, tuple[Callable[[Scene], None], str]] = {
    "a version that the registry lacks": (
        lambda both: lacking(both, version="9.9.9"),
        f"does not give 9.9.9 of {HELD}: 404 NOT_FOUND",
    ),
    "a registry that is down": (
        lambda both: lacking(both, ref=f"oci://localhost:1/{NAME}"),
        f"localhost:1 does not give {VERSION} of {NAME}",
    ),
    "another version than lies there": (
        lambda both: write(both, {"version": "9.9.9"}),
        f"charts/{NAME} is version {VERSION}, and the stack's file asks for 9.9.9",
    ),
    "no chart": (lambda both: write(both, {"ref": "Pulumi.dev.yaml"}), "Pulumi.dev.yaml is no chart"),
    "two of one version": (of_two, f"are both {NAME}:{VERSION}, with different content"),
}


@pytest.mark.parametrize(("fault", "told"), REFUSED.values(), ids=REFUSED)
def test_a_chart_that_cannot_be_had_is_told_and_leaves_the_earlier_bundle(
    both: Scene, fault: Callable[[Scene], None], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == 0
    before = both.file.read_bytes()
    fault(both)
    assert both.make() == 1
    assert told in " ".join(capsys.readouterr().err.split())
    assert both.file.read_bytes() == before


def test_a_flipped_byte_of_a_chart_is_named(both: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert both.make() == 0
    archive = chart_at(CHART).archive
    whole = bytearray(both.file.read_bytes())
    whole[whole.index(archive[:100]) + 50] ^= 1
    both.file.write_bytes(whole)
    assert both.load() == 1
    assert f"blobs/sha256/{digest_of(archive)[7:]} of {NAME}" in " ".join(capsys.readouterr().err.split())
    assert both.far.asked == []


def test_a_registry_that_lets_nobody_in_says_how_to_log_in(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    write(both, pushed(both))
    assert both.make() == 0
    both.near.login = "ann:secret"
    assert both.make() == 1
    assert f"docker login {both.near.address}" in capsys.readouterr().err
