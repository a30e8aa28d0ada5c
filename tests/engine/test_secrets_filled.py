"""The short-lived container that fills a foreign image's secrets, run on an engine without a capability."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from components.runtimes.docker import FILL_AS_ROOT
from tests.engine.plugin_project import rootfs


@pytest.fixture
def engine() -> Iterator[docker.DockerClient]:
    try:
        client = docker.from_env()
    except DockerException as reason:
        pytest.skip(f"no Docker engine: {reason}")
    yield client
    client.close()


def run(engine: docker.DockerClient, image: str, command: str, mounts: dict[str, dict[str, str]]) -> str:
    """Run a shell as the filler runs, and return what it says; raise where it fails."""
    said = engine.containers.run(
        image, ["sh", "-c", command], user="0", cap_drop=["ALL"], volumes=mounts, remove=True
    )
    return said.decode()


def test_a_secret_that_changed_is_filled_in_again(engine: docker.DockerClient, tmp_path: Path) -> None:
    """Its file is read-only to its own owner there, who has no capability to write it all the same."""
    tag = f"fill-test:{uuid.uuid4().hex[:8]}"
    engine.api.import_image_from_data(
        rootfs(), repository="fill-test", tag=tag.partition(":")[2], changes=["ENV PATH=/bin"]
    )
    volume = engine.volumes.create(tag.replace(":", "-"))
    secrets = {
        volume.name: {"bind": "/run/secrets", "mode": "rw"},
        str(tmp_path): {"bind": "/etc/fate/secrets", "mode": "ro"},
    }
    try:
        for value in ("first", "second"):
            (tmp_path / "password").write_text(value)
            run(engine, tag, FILL_AS_ROOT, secrets)
            assert run(engine, tag, "cat /run/secrets/password", secrets) == value
    finally:
        volume.remove(force=True)
        engine.images.remove(tag, force=True)
