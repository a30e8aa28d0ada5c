"""The short-lived container that fills a service's secrets: without a capability, and waited for."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from components.runtimes.docker import FILL_AS_ROOT
from tests.engine.plugin_project import CHECKOUT, Project, pulumi, rootfs

PROGRAM = f"""
import sys

sys.path.append({str(CHECKOUT)!r})
from components.runtimes.docker_filled import filled

filler = docker.Container(
    "filler", name=f"{{prefix}}-filler", image=image, command=["sh", "-c", settings["fill"]],
    must_run=False, attach=True, opts=options(),
)
docker.Container(
    "service", name=f"{{prefix}}-service", image=image, command=["sleep", "600"],
    opts=options(depends_on=[filled(filler)]),
)
"""


@pytest.fixture
def image(engine: docker.DockerClient) -> Iterator[str]:
    tag = uuid.uuid4().hex[:8]
    engine.api.import_image_from_data(rootfs(), repository="fill-test", tag=tag, changes=["ENV PATH=/bin"])
    yield f"fill-test:{tag}"
    engine.images.remove(f"fill-test:{tag}", force=True)


@pytest.fixture
def project(engine: docker.DockerClient, image: str, tmp_path: Path) -> Iterator[Project]:
    if pulumi() is None:
        pytest.skip("no pulumi: run `make pulumi`")
    made = Project(tmp_path, f"fill-{uuid.uuid4().hex[:6]}", {"fill": "exit 7"})
    made.write(PROGRAM)
    made.start(str(engine.images.get(image).id))
    yield made
    for container in engine.containers.list(all=True, filters={"name": made.prefix}):
        container.remove(force=True)


def run(engine: docker.DockerClient, image: str, command: str, mounts: dict[str, dict[str, str]]) -> str:
    """Run a shell as the filler runs; return its log, since an old engine may lose what it streams."""
    made = engine.containers.run(
        image, ["sh", "-c", command], user="0", cap_drop=["ALL"], volumes=mounts, detach=True
    )
    try:
        code = made.wait(timeout=60)["StatusCode"]
        said: str = made.logs().decode()
    finally:
        made.remove(force=True)
    assert code == 0, said
    return said


def test_a_secret_that_changed_is_filled_in_again(
    engine: docker.DockerClient, image: str, tmp_path: Path
) -> None:
    """Its file is read-only to its own owner there, who has no capability to write it all the same."""
    volume = engine.volumes.create(image.replace(":", "-"))
    secrets = {
        volume.name: {"bind": "/run/secrets", "mode": "rw"},
        str(tmp_path): {"bind": "/etc/fate/secrets", "mode": "ro"},
    }
    try:
        for value in ("first", "second"):
            (tmp_path / "password").write_text(value)
            run(engine, image, FILL_AS_ROOT, secrets)
            assert run(engine, image, "cat /run/secrets/password", secrets) == value
    finally:
        volume.remove(force=True)


def test_a_service_does_not_start_on_secrets_that_were_not_written(
    engine: docker.DockerClient, project: Project
) -> None:
    for told in (project.up(), project.run("preview", "--stack", "t")):
        assert told.code != 0, "neither an up nor the preview after it takes it for done"
        assert f"{project.prefix}-filler ended with 7: the secrets" in told.text
        assert "Traceback" not in told.text
    (filler,) = engine.containers.list(all=True, filters={"name": project.prefix})
    filler.remove()
    with project.changed(fill="true"):
        project.made("--refresh")
        assert project.changes() == {}
    names = {each.name for each in engine.containers.list(filters={"name": project.prefix})}
    assert names == {f"{project.prefix}-service"}
