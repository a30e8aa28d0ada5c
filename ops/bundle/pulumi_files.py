"""Pulumi's own files of a bundle: the CLI and the plugins that this machine has installed.

Nothing is downloaded. What stands in for an official program in a checkout is left: it runs in that checkout
alone, and the far side's makes its own.
"""

import os
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from ops.bundle.archive import Entry, on_disk
from ops.bundle.record import FOLDERS, Absent

PLUGINS = ("docker", "kubernetes")
STAND_IN = re.compile(rb"^#!.*\n.* -m offline\.")


def pulumi_files() -> tuple[dict[str, Entry], list[Absent]]:
    """Return the files that there are, and why the others are not."""
    entries: dict[str, Entry] = {}
    absent: list[Absent] = []
    for what, found in (("the CLI", _cli()), *((f"plugin {name}", _plugin(name)) for name in PLUGINS)):
        files, why = found
        entries |= files
        if why:
            absent.append(Absent(part="pulumi", what=what, why=why))
    return entries, absent


def _cli() -> tuple[dict[str, Entry], str]:
    found = shutil.which("pulumi")
    if found is None:
        return {}, "pulumi is not on the PATH"
    folder = Path(found).resolve().parent
    programs = [file for file in sorted(folder.glob("pulumi*")) if _is_a_program(file)]
    files = {f"{FOLDERS['pulumi']}bin/{file.name}": on_disk(file, 0o755) for file in programs}
    host = f"{FOLDERS['pulumi']}bin/pulumi-language-python"
    return files, "" if host in files else "its Python language host is a checkout's own, or not beside it"


def _plugin(name: str) -> tuple[dict[str, Entry], str]:
    number = version(f"pulumi-{name}")
    plugin = f"resource-{name}-v{number}"
    for home in dict.fromkeys((_home(), Path.home() / ".pulumi")):
        folder = home / "plugins" / plugin
        if _is_a_program(folder / f"pulumi-resource-{name}"):
            place = f"{FOLDERS['pulumi']}plugins/{plugin}"
            return {f"{place}/{path}": on_disk(file, mode) for path, file, mode in _files(folder)}, ""
    return {}, f"{plugin} is not installed: pulumi plugin install resource {name} {number}"


def _home() -> Path:
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


def _is_a_program(file: Path) -> bool:
    if not (file.is_file() and os.access(file, os.X_OK)):
        return False
    with file.open("rb") as opened:
        return not STAND_IN.match(opened.read(4096))


def _files(folder: Path) -> Iterator[tuple[str, Path, int]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield str(file.relative_to(folder)), file, 0o755 if os.access(file, os.X_OK) else 0o644
