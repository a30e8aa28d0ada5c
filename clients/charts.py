"""A Helm chart, as an archive and as the artifact that a registry keeps of it.

Source: Helm's support of OCI registries (HIP 6). The same files are the same archive and the same artifact,
whenever and wherever made: files have no time, no owner and one mode, and stand in the order of their paths.
Hidden files of a folder are left out; a `.helmignore` is not read.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from clients.manifests import MANIFEST, Manifest

CHART_FILE = "Chart.yaml"
CONFIG = "application/vnd.cncf.helm.config.v1+json"
LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
TOLD = "org.opencontainers.image."
UNREADABLE = (OSError, EOFError, ValueError, LookupError, tarfile.TarError, yaml.YAMLError)


class NoChart(Exception):
    """What lies there is no chart; the text says why."""


@dataclass(frozen=True)
class Chart:
    """A chart: what its Chart.yaml says, and the gzipped tar that Helm reads."""

    about: Mapping[str, Any]
    archive: bytes

    @property
    def name(self) -> str:
        """Return its name, which its archive's folder has."""
        return str(self.about["name"])

    @property
    def version(self) -> str:
        """Return its version."""
        return str(self.about["version"])

    @property
    def tag(self) -> str:
        """Return what a registry has it under: a tag has no plus."""
        return tag_of(self.version)

    @cached_property
    def blobs(self) -> Mapping[str, bytes]:
        """Return what the artifact consists of, by digest: its configuration and its one layer."""
        return {digest_of(content): content for content in self._parts.values()}

    @cached_property
    def manifest(self) -> Manifest:
        """Return the artifact's manifest. It tells no time, so that the same chart is the same artifact."""
        config, *layers = [
            {"mediaType": kind, "digest": digest_of(content), "size": len(content)}
            for kind, content in self._parts.items()
        ]
        told = {"title": self.name, "version": self.version, "description": self.about.get("description", "")}
        tree = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config,
            "layers": layers,
            "annotations": {f"{TOLD}{key}": value for key, value in told.items() if value},
        }
        return Manifest(_json(tree))

    @cached_property
    def _parts(self) -> Mapping[str, bytes]:
        return {CONFIG: _json(self.about), LAYER: self.archive}


def tag_of(version: str) -> str:
    """Return the tag that a registry has a chart's version under."""
    return version.replace("+", "_")


def version_of(tag: str) -> str:
    """Return the version of a chart that a registry has under a tag."""
    return tag.replace("_", "+")


def digest_of(content: bytes) -> str:
    """Return what a registry names a content by."""
    return f"sha256:{sha256(content).hexdigest()}"


def chart_at(place: Path) -> Chart:
    """Read a chart, a folder or an archive, which is kept as it is. Raises NoChart where it is neither."""
    try:
        return _chart_in(place) if place.is_dir() else _chart_of(place.read_bytes())
    except UNREADABLE as error:
        raise NoChart(f"{place} is no chart, neither its folder nor its archive: {error}") from None


def chart_of(archive: bytes, place: str) -> Chart:
    """Return what an archive is that came from a place. Raises NoChart."""
    try:
        return _chart_of(archive)
    except UNREADABLE as error:
        raise NoChart(f"{place} is no chart's archive: {error}") from None


def _chart_in(folder: Path) -> Chart:
    about = _about((folder / CHART_FILE).read_bytes())
    files = {str(each.relative_to(folder)): each for each in folder.rglob("*") if each.is_file()}
    shown = {path: file.read_bytes() for path, file in files.items() if not _is_hidden(path)}
    return Chart(about, _packed(str(about["name"]), shown))


def _chart_of(archive: bytes) -> Chart:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        names = (name for name in tar.getnames() if name.split("/")[1:] == [CHART_FILE])
        found = tar.extractfile(next(names, CHART_FILE))
        return Chart(_about(found.read() if found else b""), archive)


def _about(text: bytes) -> Mapping[str, Any]:
    about = yaml.safe_load(text)
    if not isinstance(about, dict) or any(not isinstance(about.get(key), str) for key in ("name", "version")):
        raise LookupError(f"its {CHART_FILE} has no name and version, and Helm takes no chart without them")
    return about


def _packed(name: str, files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(files):
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size, member.mode = len(files[path]), 0o644
            tar.addfile(member, io.BytesIO(files[path]))
    return gzip.compress(packed.getvalue(), mtime=0)


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _json(tree: object) -> bytes:
    return json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()
