"""What a chart that lies on this machine says of itself: a folder, or an archive of one."""

import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from config import Fault
from config.faults import path, shown

CHART_FILE = "Chart.yaml"


class NoChart(Exception):
    """What lies there is no chart; `str()` says why."""


def about_chart(lies: Path) -> Mapping[str, Any]:
    """Return what a chart's Chart.yaml says. Raises NoChart."""
    try:
        about = yaml.safe_load(_text(lies))
    except (OSError, tarfile.TarError, yaml.YAMLError, UnicodeDecodeError, LookupError) as error:
        raise NoChart(str(error)) from None
    if not isinstance(about, dict):
        raise NoChart(f"its {CHART_FILE} says nothing")
    return about


def has_version(
    about: Mapping[str, Any], version: str | None, ref: str, at: Sequence[str | int]
) -> Iterator[Fault]:
    """Yield that a chart is not of the version that the stack says."""
    has = about.get("version")
    if version is not None and str(has).removeprefix("v") != version.removeprefix("v"):
        problem = f"{shown(version)} is not the version of {ref}, which is {has}"
        yield Fault(path(*at, "version"), problem, f"write {has}, or leave version out")


def _text(lies: Path) -> str:
    if lies.is_dir():
        return (lies / CHART_FILE).read_text(encoding="utf-8")
    with tarfile.open(lies) as archive:
        name = next((name for name in archive.getnames() if name.split("/")[1:] == [CHART_FILE]), CHART_FILE)
        found = archive.extractfile(name)
        return found.read().decode() if found else ""
