"""A stack behind an air gap: from one file, on an engine without images, in a network without a way out."""

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.federation.conftest import ENGINES, VALUES
from tests.federation.far_side import FarSide, far_side, what_is_missing
from tests.project import ROOT, Stack

REGISTRY = "localhost:5000"
MIRROR = "fate-far-registry"
FAR = {**VALUES, "mirror": {"kind": "distribution", "port": 5000, "builds": False}}
PARTIES = [{"id": "9999", "engines": ENGINES, "peers": []}]
OUTSIDE = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=5)"
NEAR_MIRROR = f"import socket; socket.create_connection(('127.0.0.1', {VALUES['mirror']['port']}), timeout=5)"

pytestmark = pytest.mark.skipif(bool(reason := what_is_missing()), reason=reason)


@dataclass(frozen=True)
class Carried:
    """What is carried over the gap beside the checkout: the bundle, and the key that must have signed it."""

    file: Path
    key: Path

    @property
    def sizes(self) -> dict[str, int]:
        with tarfile.open(self.file) as tar:
            return {member.name: member.size for member in tar}

    def read(self, path: str) -> dict[str, Any]:
        with tarfile.open(self.file) as tar:
            found = tar.extractfile(path)
            assert found
            told: dict[str, Any] = json.load(found)
            return told


@pytest.fixture(scope="module")
def carried(trial: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carried]:
    """Bundle the stack trial with everything, signed."""
    folder = tmp_path_factory.mktemp("carried")
    made = Carried(folder / "trial.tar", folder / "key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made.key], check=True)
    if not (requirements := trial.project.folder / "requirements.txt").exists():
        requirements.symlink_to(ROOT / requirements.name)
    fate = (sys.executable, "-m", "ops", "bundle", "--stack", trial.name, "--output", str(made.file))
    trial.project.run(*fate, "--sign-key", str(made.key))
    yield made
    made.file.unlink()


@pytest.fixture(scope="module")
def far(carried: Carried) -> Iterator[FarSide]:
    """Make the far side, with what the bundle has beside images."""
    with far_side() as side:
        side.run(f"mkdir .local && tar --extract --file {carried.file} --directory .local wheels pulumi")
        side.run("make venv pulumi")
        yield side


@pytest.fixture(scope="module")
def mirror(far: FarSide, carried: Carried) -> FarSide:
    """Put what the mirror runs onto the engine, bring it up alone, and return where it is up."""
    far.run(load(carried, "--into-engine"))
    bring_up(far, [], "setup/stack.sh far")
    return far


@pytest.fixture(scope="module")
def loaded(mirror: FarSide, carried: Carried) -> str:
    """Load the bundle, and return what that said."""
    return mirror.run(load(carried, f"--to {REGISTRY}/fate")).stdout


def load(carried: Carried, where: str) -> str:
    words = f"bundle load {carried.file} --signed-by {carried.key}.pub {where}"
    return f". setup/activate && fate {words}"


@pytest.fixture(scope="module")
def stack(far: FarSide, loaded: str) -> FarSide:
    """Bring the party up there, and return where it is up."""
    bring_up(far, PARTIES)
    return far


def bring_up(far: FarSide, parties: Sequence[object], before: str = "true") -> None:
    keys = {**FAR, "runtime": {"kind": "docker", "host": far.engine}, "parties": parties}
    text = yaml.safe_dump({"config": {f"fate:{key}": value for key, value in keys.items()}})
    (far.checkout / "Pulumi.far.yaml").write_text(text)
    far.run(f"{before} && . setup/activate && pulumi up --stack far --yes --skip-preview")


def test_a_bundle_is_hardly_larger_than_its_compressed_layers(carried: Carried) -> None:
    sizes = carried.sizes
    apart = sum(size for name, size in sizes.items() if name.startswith(("wheels/", "pulumi/")))
    layers: dict[str, int] = {}
    for image in carried.read("index.json")["manifests"]:
        parts = carried.read(f"blobs/sha256/{image['digest'][7:]}")["layers"]
        layers |= {part["digest"]: part["size"] for part in parts}
    ratio = (carried.file.stat().st_size - apart) / sum(layers.values())
    print(f"bundle without wheels and Pulumi's files: {ratio:.4f} times the compressed layers")
    assert ratio <= 1.05


def test_the_far_side_has_no_way_out(far: FarSide) -> None:
    for way, told in ((OUTSIDE, "Network is unreachable"), (NEAR_MIRROR, "Connection refused")):
        assert told in far.run(f'.venv/bin/python -c "{way}"', check=False).stderr
    subprocess.run([sys.executable, "-c", NEAR_MIRROR], check=True)  # which answers on this side of the gap


def test_its_environment_is_made_of_the_wheels_alone(far: FarSide, carried: Carried) -> None:
    wheels = {
        name.partition("/")[2].partition("-")[0] for name in carried.sizes if name.startswith("wheels/")
    }
    told = json.loads(far.run(".venv/bin/pip list --format json --disable-pip-version-check").stdout)
    made = {each["name"].replace("-", "_").lower() for each in told} - {"pip", "setuptools"}
    assert made == {wheel.replace(".", "_").lower() for wheel in wheels}


def test_the_mirror_runs_what_came_by_the_bundle(mirror: FarSide, carried: Carried) -> None:
    image = next(each for each in carried.read("fate-bundle.json")["images"] if each["runs_as"])
    config = carried.read(f"blobs/sha256/{image['digest'][7:]}")["config"]["digest"]
    assert mirror.docker("container", "inspect", "--format", "{{.Image}}", MIRROR) == config


def test_loaded_twice_it_moves_nothing(far: FarSide, carried: Carried, loaded: str) -> None:
    images = carried.read("fate-bundle.json")["images"]
    assert "nothing: it is there" not in loaded
    before = written(far)
    assert before
    told = far.run(load(carried, f"--to {REGISTRY}/fate")).stdout
    assert told.count("nothing: it is there") == len(images)
    assert written(far) == before, "not even an upload was begun"


def written(far: FarSide) -> list[str]:
    """Return the requests by which the registry there was given something."""
    ended = far.run(f"docker logs {MIRROR}")
    return [line for line in (ended.stdout + ended.stderr).splitlines() if is_writing(line)]


def is_writing(line: str) -> bool:
    return any(f'"{method} /v2/' in line for method in ("POST", "PATCH", "PUT"))


def test_a_stack_comes_up_there_and_works(stack: FarSide) -> None:
    stack.run(". setup/activate && fate doctor --stack far --jobs none")
    stack.run(". setup/activate && pulumi preview --stack far --expect-no-changes")


def test_it_runs_the_images_of_the_bundle_and_no_others(stack: FarSide, carried: Carried) -> None:
    images = carried.read("fate-bundle.json")["images"]
    bundled = {f"{REGISTRY}/fate/{each['name']}@{each['digest']}" for each in images if not each["runs_as"]}
    party = stack.docker("container", "ls", "--quiet", "--filter", "label=fate.party=9999").split()
    ran = stack.docker("container", "inspect", "--format", "{{.Image}}", *party).split()
    digests = stack.docker("image", "inspect", "--format", '{{join .RepoDigests " "}}', *ran).split()
    assert len(ran) == len(bundled)
    assert set(digests) == bundled, "pulled from the registry there, and by nothing else's name"


def test_its_containers_have_no_way_out_either(stack: FarSide) -> None:
    container = stack.docker("container", "ls", "--quiet", "--filter", "label=fate.service=fateflow")
    ended = subprocess.run(
        ["docker", "--host", stack.engine, "exec", container, "python", "-c", OUTSIDE],
        capture_output=True,
        text=True,
    )
    assert ended.returncode, "a container reached what is outside"
    assert "unreachable" in ended.stderr or "No route" in ended.stderr
