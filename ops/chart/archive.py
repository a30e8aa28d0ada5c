"""A chart as the archive that Helm reads: the same files are the same bytes, whenever and wherever made.

Files have no time, no owner and one mode, and stand in the order of their paths. Hidden files are left out;
a `.helmignore` is not read.
"""

import gzip
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.chart.faults import ChartFault

CHART_FILE = "Chart.yaml"


@dataclass(frozen=True)
class Chart:
    """A chart: what its Chart.yaml says, and its files by their paths within it."""

    about: Mapping[str, Any]
    files: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """Return its name, which its archive's folder has."""
        return str(self.about["name"])

    @property
    def version(self) -> str:
        """Return its version."""
        return str(self.about["version"])

    @property
    def archive(self) -> bytes:
        """Return the gzipped tar."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in sorted(self.files):
                member = tarfile.TarInfo(f"{self.name}/{path}")
                member.size, member.mode = len(self.files[path]), 0o644
                tar.addfile(member, io.BytesIO(self.files[path]))
        return gzip.compress(packed.getvalue(), mtime=0)


def chart_in(folder: Path) -> Chart:
    """Read a chart's folder. Raises ChartFault where it is none."""
    try:
        about = yaml.safe_load((folder / CHART_FILE).read_text(encoding="utf-8"))
        files = {str(each.relative_to(folder)): each for each in folder.rglob("*") if each.is_file()}
        shown = {path: file for path, file in files.items() if not _is_hidden(path)}
        content = {path: file.read_bytes() for path, file in shown.items()}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ChartFault(f"{folder} is no chart's folder: {error}") from None
    if not isinstance(about, dict) or _lacking(about):
        raise ChartFault(f"{folder / CHART_FILE} has no name and version: Helm takes no chart without them")
    return Chart(about, content)


def _lacking(about: Mapping[str, Any]) -> list[str]:
    """Return which keys a Chart.yaml lacks, or has other than as text."""
    return [key for key in ("name", "version") if not isinstance(about.get(key), str)]


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
