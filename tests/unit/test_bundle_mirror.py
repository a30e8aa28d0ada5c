"""What a stack's own mirror starts from: in the bundle, by the registry to a registry, onto an engine."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from images.recipes import image_reference, recipe_digest, tag_of
from ops.__main__ import main
from ops.bundle import charts, wanted
from tests.unit.bundle_scene import ALONE, BASE, Scene, bytes_of, scene
from tests.unit.harbor_chart_examples import charted
from tests.unit.harbor_examples import alone
from tests.unit.image_engine import ImageEngine, digest_of, image_engine
from tests.unit.kubernetes_examples import two_in
from tests.unit.stack_values import Values, stack

BUILT = f"fate/registry:{tag_of('registry', 'fate-dev')}"
LOADED = image_reference("registry")
OWN = bytes_of("registry", 60_000)
CHART = Path(__file__).parents[1] / "harbor" / "chart"
HARBORS = 8


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(wanted, "PROJECT", tmp_path)
    monkeypatch.setattr(charts, "PROJECT", tmp_path)
    with scene(tmp_path, monkeypatch) as made:
        made.parts, made.near.plain = ALONE, True
        made.fill()
        yield made


@pytest.fixture
def near(both: Scene) -> Iterator[ImageEngine]:
    """Return the engine that built the registry of the stack dev."""
    with image_engine(both.folder / "near.sock") as engine:
        engine.hold(BUILT, BASE, OWN)
        write(both, stack(runtime={"kind": "docker", "host": engine.host}))
        yield engine


@pytest.fixture
def far(both: Scene) -> Iterator[ImageEngine]:
    """Return the engine of the far side, which has nothing."""
    with image_engine(both.folder / "far.sock") as engine:
        yield engine


def write(both: Scene, values: Values) -> None:
    keys = {f"fate:{key}": value for key, value in values.items()}
    (both.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": keys}))


def put(both: Scene, engine: ImageEngine, file: Path | None = None) -> int:
    return main(["bundle", "load", str(file or both.file), "--into-engine", engine.host])


def with_harbor(both: Scene, **keys: object) -> None:
    """Let the stack run a Harbor whose images the near registry has."""
    names = ("core", "db", "jobservice", "portal", "registryctl")
    for name in (*(f"harbor-{each}" for each in names), "nginx-photon", "registry-photon", "valkey-photon"):
        both.near.hold(f"goharbor/{name}", "v2.15.2", BASE, bytes_of(name, 500))
    write(both, alone(images={"prefix": f"{both.near.address}/goharbor"}, **keys))


def listed(both: Scene, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["bundle", "list", str(both.file)]) == 0
    return capsys.readouterr().out


def test_what_a_registry_starts_from_comes_from_its_engine_and_gets_onto_another(
    both: Scene, near: ImageEngine, far: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == 0
    told = listed(both, capsys)
    assert f"registry:{recipe_digest('registry')}" in told
    assert f"from {BUILT}, for mirror registry" in told
    assert put(both, far) == 0
    assert far.names == {LOADED: near.names[BUILT]}, "the same image, by the name that a far stack runs it by"
    assert "fate:mirror: {kind: distribution, builds: false}" in " ".join(capsys.readouterr().out.split())
    assert both.far.asked == [], "no registry is asked"


def test_a_layer_of_it_that_a_registry_has_is_there_once_and_the_rest_compressed(
    both: Scene, near: ImageEngine
) -> None:
    near.hold(BUILT, BASE, bytes(300_000))
    assert both.make() == 0
    with tarfile.open(both.file) as tar:
        sizes = {each.name: each.size for each in tar}
    assert len([name for name in sizes if name.endswith(digest_of(BASE)[7:])]) == 1
    assert sum(sizes.values()) < len(BASE) + 5 * 50_000 + 20_000, "zeros take no room"
    assert not list(both.folder.glob("*.layers"))


def test_the_same_engine_gives_the_same_bytes_also_to_a_run_that_goes_on(
    both: Scene, near: ImageEngine
) -> None:
    assert both.make() == 0
    whole = both.file.read_bytes()
    both.file.with_name("dev.tar.partial").write_bytes(whole[: len(whole) * 9 // 10])
    assert both.make() == 0
    assert both.file.read_bytes() == whole


def test_a_registry_gets_it_like_every_other_image(
    both: Scene, near: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == both.load() == 0
    kind, content = both.far.manifests["fate/registry", recipe_digest("registry")]
    held = f"{both.far.address}/fate/registry:{recipe_digest('registry')}@{digest_of(content)}"
    assert f'mirror on a cluster: image: "{held}"' in capsys.readouterr().out, "as mirror.image has it"
    assert kind == "application/vnd.docker.distribution.manifest.v2+json"


def test_what_the_engine_has_is_not_sent(
    both: Scene, near: ImageEngine, far: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == put(both, far) == put(both, far) == 0
    assert "nothing: it is there" in capsys.readouterr().out
    assert far.loads() == 1
    assert put(both, near) == 0
    assert near.loads() == 0, "it has the image by another name"
    assert near.names[LOADED] == near.names[BUILT]


def test_a_damaged_bundle_is_refused_before_an_engine_is_asked(
    both: Scene, near: ImageEngine, far: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == 0
    whole = bytearray(both.file.read_bytes())
    whole[len(whole) // 2] ^= 1
    both.file.write_bytes(whole)
    assert put(both, far) == 1
    assert "is damaged" in capsys.readouterr().err
    assert far.asked == []


def test_a_newer_bundle_is_put_after_the_older_that_has_its_layers(
    both: Scene, near: ImageEngine, far: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = both.folder / "newer.tar"
    assert both.make() == 0
    near.hold(BUILT, BASE, OWN, bytes_of("one more", 500))
    assert both.make("--since", str(both.file), file=newer) == 0
    assert newer.stat().st_size < both.file.stat().st_size / 4
    assert put(both, far, newer) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "Put them there with dev.tar first" in told
    assert not far.names
    assert put(both, far) == put(both, far, newer) == 0
    assert far.names == {LOADED: near.names[BUILT]}


def test_a_newer_bundle_that_has_nothing_of_it_is_enough_where_the_engine_has_it(
    both: Scene, near: ImageEngine, far: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = both.folder / "newer.tar"
    assert both.make() == both.make("--since", str(both.file), file=newer) == 0
    assert put(both, far, newer) == 1
    assert "Put them there with dev.tar first" in " ".join(capsys.readouterr().err.split())
    assert far.loads() == 0
    assert put(both, far) == put(both, far, newer) == 0
    assert far.loads() == 1


def test_a_harbor_is_in_the_bundle_and_gets_onto_an_engine_by_the_names_of_the_stacks_file(
    both: Scene, far: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    with_harbor(both)
    assert both.make() == 0
    assert "for mirror harborcore" in listed(both, capsys)
    assert put(both, far) == 0
    prefix = f"{both.near.address}/goharbor"
    assert len(far.names) == HARBORS
    assert f"{prefix}/harbor-core:v2.15.2" in far.names
    assert put(both, far) == 0
    assert capsys.readouterr().out.count("nothing: it is there") == HARBORS
    assert far.loads() == HARBORS


def test_a_part_of_harbor_that_others_run_is_not_in_the_bundle(both: Scene) -> None:
    with_harbor(both, external={"redis": {"host": "redis.bank.example"}})
    assert both.make() == 0
    images = wanted_of(both)
    assert "valkey-photon" not in images
    assert len(images) == HARBORS - 1


def wanted_of(both: Scene) -> dict[str, dict[str, Any]]:
    with tarfile.open(both.file) as tar:
        record = tar.extractfile("fate-bundle.json")
        assert record
        return {each["name"]: each for each in json.load(record)["images"]}


def test_the_image_of_the_engine_s_own_platform_is_chosen(
    both: Scene, far: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    with_harbor(both)
    held = [
        both.near.hold("goharbor/harbor-core", arch, bytes_of(arch, 99), arch=arch)
        for arch in ("arm64", "amd64")
    ]
    both.near.hold_index("goharbor/harbor-core", "v2.15.2", held)
    assert both.make() == put(both, far) == 0
    name = f"{both.near.address}/goharbor/harbor-core:v2.15.2"
    assert json.loads(far.images[far.names[name]])["architecture"] == "amd64"
    far.names.clear()
    far.images.clear()
    both.near.hold("goharbor/harbor-core", "s390x", bytes_of("s390x", 99), arch="s390x")
    s390x = digest_of(both.near.manifests["goharbor/harbor-core", "s390x"][1])
    both.near.hold_index("goharbor/harbor-core", "v2.15.2", [held[0], s390x])
    assert both.make() == 0
    assert put(both, far) == 1
    assert "for linux/arm64, linux/s390x" in " ".join(capsys.readouterr().err.split())
    assert far.loads() == HARBORS, "nothing was loaded"


def on_a_cluster(both: Scene) -> Values:
    with_harbor(both)
    values = {**charted(), "parties": []}
    values["mirror"] = {
        **values["mirror"],
        "chart": {"ref": str(CHART)},
        "images": {"prefix": f"{both.near.address}/goharbor"},
    }
    return values


def test_the_chart_of_a_harbor_on_a_cluster_is_there_and_told_like_a_party_s(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    write(both, on_a_cluster(both))
    assert both.make() == both.load() == 0
    told = capsys.readouterr().out
    assert f'mirror on a cluster: images: {{prefix: "{both.far.address}/fate"}}' in told
    assert f"and for the mirror: chart: {{ref: oci://{both.far.address}/fate/harbor" in told
    assert both.make("--without", "mirror") == 0
    assert "charts: none" in listed(both, capsys)


def test_a_registry_of_a_cluster_is_fetched_from_where_its_nodes_have_it(
    both: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = both.near.hold("library/registry", "2.8", OWN)
    image = f"{both.near.address}/library/registry:2.8@{digest}"
    write(both, two_in(mirror={"kind": "distribution", "port": 30500, "image": image}))
    assert both.make() == 0
    assert f"from {image}, for mirror registry" in listed(both, capsys)


FAULTS = {
    "an engine that has it not": (BUILT, "pulumi up --stack dev"),
    "an engine that is down": ("", "--without mirror"),
}


@pytest.mark.parametrize(("name", "way"), FAULTS.values(), ids=FAULTS)
def test_what_no_engine_gives_is_told_with_the_way_out(
    both: Scene, near: ImageEngine, name: str, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if name:
        del near.names[name]
    else:
        write(both, stack(runtime={"kind": "docker", "host": f"unix://{both.folder}/none.sock"}))
    assert both.make() == 1
    assert way in " ".join(capsys.readouterr().err.split())
    assert both.make("--without", "mirror") == 0


def test_a_bundle_without_a_mirror_is_not_for_an_engine(
    both: Scene, far: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    write(both, stack(mirror={"kind": "external", "address": f"{both.near.address}/fate"}))
    assert both.make() == 0
    assert put(both, far) == 1
    assert "has no image that a mirror runs" in " ".join(capsys.readouterr().err.split())


def test_an_engine_that_takes_nothing_or_is_none_is_told(
    both: Scene, near: ImageEngine, far: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert both.make() == 0
    far.full = True
    assert put(both, far) == 1
    assert "no space left on device" in capsys.readouterr().err
    far.host = f"unix://{both.folder}/none.sock"
    assert put(both, far) == 1
    assert "--into-engine unix://" in " ".join(capsys.readouterr().err.split())
