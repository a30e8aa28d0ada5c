"""The image of a stack's own registry, which an engine built and no registry has.

The engine saves it as plain layers. One that an image of a registry has is taken as that has it, the others
are compressed here, always to the same bytes. So the artifact is the same whenever it is made.
"""

import gzip
import json
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from clients.docker import sdk
from clients.failures import Unreachable
from clients.manifests import Blob, Manifest
from config import DistributionMirror, DockerSettings, StackSettings
from images.recipes import image_reference, recipe_digest, tag_of
from ops.bundle.archive import READ, Entry, memory, on_disk
from ops.bundle.faults import BundleFault
from ops.bundle.fetched import Fetched
from ops.bundle.record import Artifact, blob_path
from ops.doctor.outputs import project_name

RECIPE = "registry"
DOCKER = "application/vnd.docker."
MANIFEST = f"{DOCKER}distribution.manifest.v2+json"
CONFIG = f"{DOCKER}container.image.v1+json"
LAYER = f"{DOCKER}image.rootfs.diff.tar.gzip"
GZIP = b"\x1f\x8b"
LEVEL = 6
"""As an engine compresses what it pushes."""
PATIENCE = 600
"""Seconds that an engine may say nothing while it writes an image down."""


@dataclass(frozen=True)
class Built:
    """The image, where it is, and for whom."""

    stack: str
    reference: str
    """Its name on the engine that built it."""
    engine: DockerSettings
    user: str

    @classmethod
    def of(cls, stack: str, settings: StackSettings, mirror: DistributionMirror, user: str) -> "Built":
        """Return the one of a mirror on Docker: built for this stack, or loaded from an earlier bundle."""
        runtime = settings.runtime
        assert isinstance(runtime, DockerSettings), "on a cluster a mirror's image is of a registry"
        engine = runtime.model_copy(update={"ssh_options": settings.ssh_options(runtime)})
        loaded = image_reference(RECIPE)
        return cls(stack, _own_name(stack, loaded) if mirror.builds else loaded, engine, user)


@dataclass(frozen=True)
class _Part:
    """A layer: its blob, and how it is read; None where an image of the bundle has it."""

    blob: Blob
    entry: Entry | None = None


def fetch_built(built: Built, images: Fetched, older: Mapping[str, tuple[str, ...]], folder: Path) -> Fetched:
    """Take it from its engine. Raises BundleFault where the engine has it not, or does not answer."""
    folder.mkdir(exist_ok=True)
    with _saved(built, folder / "image.tar") as tar:
        told: Any = json.loads(_member(tar, "manifest.json").read())[0]
        config = _member(tar, told["Config"]).read()
        diffs = json.loads(config)["rootfs"]["diff_ids"]
        shared = _shared(diffs[0], images)
        layers = [
            _Part(shared[diff]) if diff in shared else _packed(_member(tar, path), folder / diff[7:])
            for diff, path in zip(diffs, told["Layers"], strict=True)
        ]
    settled = memory(config)
    parts = [_Part(Blob(f"sha256:{settled.sha256}", settled.size), settled), *layers]
    return _artifact(built, parts, older)


def _artifact(built: Built, parts: list[_Part], older: Mapping[str, tuple[str, ...]]) -> Fetched:
    root = _manifest([part.blob for part in parts])
    artifact = Artifact(
        name=RECIPE,
        tag=recipe_digest(RECIPE),
        digest=root.digest,
        source=built.reference,
        users=(built.user,),
        runs_as=image_reference(RECIPE),
    )
    fetched = Fetched([artifact], [root], {blob_path(root.digest): memory(root.content)})
    for part in parts:
        if part.blob.digest in older:
            fetched.left_out[part.blob.digest] = older[part.blob.digest]
        elif part.entry:
            fetched.entries[blob_path(part.blob.digest)] = part.entry
    fetched.sizes[root.digest] = sum(part.blob.size for part in parts)
    return fetched


def _manifest(blobs: list[Blob]) -> Manifest:
    config, *layers = [
        {"mediaType": LAYER if place else CONFIG, "size": blob.size, "digest": blob.digest}
        for place, blob in enumerate(blobs)
    ]
    tree = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
    return Manifest(json.dumps(tree, separators=(",", ":")).encode())


def _own_name(stack: str, reference: str) -> str:
    return f"{reference.partition(':')[0]}:{tag_of(RECIPE, f'{project_name()}-{stack}')}"


@contextmanager
def _saved(built: Built, file: Path) -> Iterator[tarfile.TarFile]:
    """Let the engine write the image into a file, which is there for so long. Raises BundleFault."""
    _save(built, file)
    try:
        with tarfile.open(file) as tar:
            yield tar
    finally:
        file.unlink()


def _save(built: Built, file: Path) -> None:
    from docker.errors import DockerException, ImageNotFound
    from requests import RequestException

    engine = built.engine
    try:
        client = sdk(engine.host, engine.ssh_options, timeout=PATIENCE)
        with closing(client), file.open("wb") as written:
            for piece in client.api.get_image(built.reference, chunk_size=READ):
                written.write(piece)
    except ImageNotFound:
        raise BundleFault(
            f"the Docker engine at {engine.host} has no {built.reference}, which the mirror of stack"
            f" {built.stack} runs. Type: pulumi up --stack {built.stack}, or leave it out: --without mirror"
        ) from None
    except (DockerException, RequestException, Unreachable) as error:
        raise BundleFault(
            f"the Docker engine at {engine.host} does not give {built.reference}, which the mirror of stack"
            f" {built.stack} runs: {error}. Start the engine, or leave the image out: --without mirror"
        ) from None


def _member(tar: tarfile.TarFile, path: str) -> IO[bytes]:
    found = tar.extractfile(path)
    assert found, f"an engine saves {path} as a file"
    return found


def _shared(first: str, images: Fetched) -> dict[str, Blob]:
    """Return, by the hash of its plain content, each layer of an image that begins with the same one."""
    for root in images.roots:
        if root.blobs:
            config, *layers = root.blobs
            content = b"".join(images.contents[config.digest](0))
            diffs = json.loads(content).get("rootfs", {}).get("diff_ids", [])
            if first in diffs:
                return dict(zip(diffs, layers, strict=True))
    return {}


def _packed(layer: IO[bytes], file: Path) -> _Part:
    """Compress a layer into a file, unless the engine keeps it compressed."""
    begins = layer.read(len(GZIP))
    layer.seek(0)
    with file.open("wb") as written:
        if begins == GZIP:
            shutil.copyfileobj(layer, written, READ)
        else:
            with gzip.GzipFile("", "wb", LEVEL, written, mtime=0) as packed:
                shutil.copyfileobj(layer, packed, READ)
    entry = on_disk(file)
    return _Part(Blob(f"sha256:{entry.sha256}", entry.size), entry)
