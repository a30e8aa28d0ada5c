"""The cluster's containerd: waits for it, and gives it images, that of the pods' sandboxes among them."""

import hashlib
import io
import json
import platform
import subprocess
import tarfile
import time
from collections.abc import Iterable
from pathlib import Path

import docker
from docker.errors import DockerException, ImageNotFound, NullResource

from offline.cluster.commands import ClusterFault, program, run, succeeds
from offline.cluster.layout import PAUSE_IMAGE, Home

NAMESPACE = "k8s.io"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
NOBODY = "65535:65535"


def client(home: Home, *words: str) -> tuple[str, ...]:
    """Return a command of containerd's own client."""
    return (program("ctr"), "--address", str(home.containerd), "--namespace", NAMESPACE, *words)


def wait(home: Home, limit: float = 30) -> None:
    """Wait until containerd answers."""
    end = time.monotonic() + limit
    while not (home.containerd.exists() and succeeds(*client(home, "version"))):
        if time.monotonic() > end:
            raise ClusterFault(
                f"containerd does not answer after {limit:g} s", f"Look at {home.logs}/containerd.log"
            )
        time.sleep(0.1)


def ensure_pause_image(home: Home, pause: Path) -> None:
    """Import the image of the pods' sandboxes, unless it is there."""
    if PAUSE_IMAGE not in run(*client(home, "images", "list", "--quiet")).split():
        architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
        _import(home, [pause_archive(pause, architecture)])


def pause_archive(pause: Path, architecture: str) -> bytes:
    """Return the image of the pods' sandboxes, one static program on nothing, as a `docker save` archive.

    The same program makes the same bytes.
    """
    layer = _tar({"pause": (pause.read_bytes(), 0o755)})
    config = json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {"Entrypoint": ["/pause"], "User": NOBODY},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [{"Config": name, "RepoTags": [PAUSE_IMAGE], "Layers": ["layer.tar"]}]
    return _tar(
        {
            "layer.tar": (layer, 0o644),
            name: (config, 0o644),
            "manifest.json": (json.dumps(manifest).encode(), 0o644),
        }
    )


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


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return target.getvalue()
