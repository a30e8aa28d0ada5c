"""What a bundle says of itself, in `fate-bundle.json`."""

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict

from clients.manifests import Manifest

FORMAT = 2
"""The second tells of what a mirror runs; the first is read still."""
RECORD = "fate-bundle.json"
LIST = "CONTENTS.txt"
CHECKSUMS = "checksums.sha256"
SIGNATURE = "checksums.sha256.sig"
LAYOUT = "oci-layout"
INDEX = "index.json"
BLOBS = "blobs/sha256/"

PartKind = Literal["images", "charts", "wheels", "pulumi"]
FOLDERS: dict[PartKind, str] = {"wheels": "wheels/", "pulumi": "pulumi/"}
"""Where the files of a part stand that no registry keeps."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Artifact(_Closed):
    """An image or a chart: its name below whatever registry it is pushed to, and its digest there as here."""

    name: str
    tag: str | None
    digest: str
    source: str
    users: tuple[str, ...]
    """The services that run an image, the parties that a chart declares, a mirror's own among them."""
    runs_as: str | None = None
    """For an image that a mirror of the stack's runs: by which name, as no registry is there before it."""

    @property
    def label(self) -> str:
        """Return what it is called in the layout's index and in sentences."""
        return f"{self.name}:{self.tag}" if self.tag else f"{self.name}@{self.digest}"


class Absent(_Closed):
    """Something that belongs to a part and could not be had."""

    part: PartKind
    what: str
    why: str


class Older(_Closed):
    """The bundle that has what was left out of this one."""

    identity: str
    name: str


class Record(_Closed):
    """A bundle: what it has, what it lacks, and which other bundle goes before it."""

    format: Literal[1, 2] = 2
    stack: str
    release: str
    images: tuple[Artifact, ...]
    charts: tuple[Artifact, ...] = ()
    absent: tuple[Absent, ...] = ()
    since: Older | None = None
    blobs_left_out: dict[str, tuple[str, ...]] = {}
    """By digest, the images and charts of the older bundle that have the blob, by name."""
    files_left_out: dict[str, str] = {}
    """By path, the SHA-256 of a file that the older bundle has."""

    @property
    def of_the_mirror(self) -> tuple[Artifact, ...]:
        """Return the images that a mirror of the stack's starts from."""
        return tuple(each for each in self.images if each.runs_as)

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """Return all that a registry keeps."""
        return (*self.images, *self.charts)


def blob_path(digest: str) -> str:
    """Return where a blob or a manifest stands in the bundle."""
    return BLOBS + digest.removeprefix("sha256:")


def identity_of(checksums: bytes) -> str:
    """Return what tells a bundle from every other: the digest of its file of checksums."""
    return f"sha256:{hashlib.sha256(checksums).hexdigest()}"


def entry(artifact: Artifact, manifest: Manifest) -> dict[str, object]:
    """Return an image's or a chart's entry in the layout's index."""
    return {
        "mediaType": manifest.kind,
        "digest": artifact.digest,
        "size": len(manifest.content),
        "annotations": {"org.opencontainers.image.ref.name": artifact.label},
    }
