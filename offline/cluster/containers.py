"""The cluster's containerd: waits for it, and gives it images."""

import platform
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import docker
from docker.errors import DockerException, ImageNotFound, NullResource

from offline.cluster import pause_image
from offline.cluster.addresses import PAUSE_IMAGE
from offline.cluster.commands import run, succeeds
from offline.cluster.fault import ClusterFault
from offline.cluster.home import Home
from offline.cluster.machine import Machine

NAMESPACE = "k8s.io"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def client(home: Home, *words: str) -> tuple[str, ...]:
    """Return a command of containerd's own client."""
    return (Machine.program("ctr"), "--address", str(home.containerd), "--namespace", NAMESPACE, *words)


def wait(home: Home, limit: float = 30) -> None:
    """Wait until containerd answers."""
    end = time.monotonic() + limit
    while not (home.containerd.exists() and succeeds(*client(home, "version"))):
        if time.monotonic() > end:
            raise ClusterFault(
                f"containerd does not answer after {limit:g} s", f"Look at {home.logs}/containerd.log"
            )
        time.sleep(0.1)


def ensure_pause_image(home: Home, program: Path) -> None:
    """Import the image of the pods' sandboxes, unless it is there."""
    if PAUSE_IMAGE not in run(*client(home, "images", "list", "--quiet")).split():
        architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
        _import(home, [pause_image.archive(program, architecture)])


def load(home: Home, name: str) -> str:
    """Import an image of the Docker engine under the same name; return its name by digest.

    Pods may name it either way: both are known, so no registry is asked.
    """
    if "@" in name:
        raise ClusterFault(
            f"{name} is named by its digest, which an archive does not carry",
            "Name it by a tag; or let the pod pull it from its registry, which needs no loading.",
        )
    tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    _import(home, _archive(tagged))
    return _named_by_digest(home, full_name(tagged))


def full_name(tagged: str) -> str:
    """Return a name as containerd keeps it: with its registry, Docker's own where none is written."""
    first, slash, _ = tagged.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return tagged
    return f"docker.io/{tagged if slash else f'library/{tagged}'}"


def _archive(tagged: str) -> Iterable[bytes]:
    try:
        archive: Iterable[bytes] = docker.from_env(timeout=600).images.get(tagged).save(named=tagged)
    except (ImageNotFound, NullResource):
        raise ClusterFault(
            f"the Docker engine has no image {tagged}", "docker images shows what it has."
        ) from None
    except DockerException as fault:
        raise ClusterFault(f"the Docker engine does not hand over {tagged}: {fault}") from None
    return archive


def _named_by_digest(home: Home, tagged: str) -> str:
    """Give an image, beside its tag, the name that a stack pins it by."""
    _, row = run(*client(home, "images", "list", f"name=={tagged}")).splitlines()
    digest = next(word for word in row.split() if word.startswith("sha256:"))
    pinned = f"{tagged.rpartition(':')[0]}@{digest}"
    run(*client(home, "images", "tag", "--force", tagged, pinned))
    return pinned


def _import(home: Home, archive: Iterable[bytes]) -> None:
    command = client(home, "images", "import", "-")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as importer:
        assert importer.stdin is not None
        try:
            for piece in archive:
                importer.stdin.write(piece)
            importer.stdin.close()
        except BrokenPipeError:
            pass
        said = importer.stdout.read().decode(errors="replace") if importer.stdout else ""
    if importer.returncode:
        raise ClusterFault(f"containerd does not take the image: {said.strip()}")
