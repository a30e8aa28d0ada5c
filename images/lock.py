"""The locks of what recipes install from package registries: every file by its SHA-256.

A recipe's `requirements.in` is the complete list of its Python packages, chosen by hand; the lock only adds
hashes. No package is resolved: the wheels' own pins contradict each other, so an image installs the lock
without dependencies. A recipe's `pom.xml` names its jars; Maven finds what those need, and the lock holds
each by its path in a repository, which spells its coordinates. The registries that were asked leave no
trace.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from images.engine import ImageError
from images.recipes import context

_HEADER = "# Made by `fate images lock` from {source}; edit that, not this.\n"
_PIN = (
    "--python-version=3.11",
    "--no-deps",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-config",
    "--quiet",
)
_REGISTRY = "Correct the pin, or let this machine reach its package registry, then run it again."


def regenerate(recipes: Iterable[str]) -> Iterator[Path]:
    """Write the locks of recipes anew; yield the path of each that is written.

    Raises:
        ImageError: A registry did not answer or lacks a pinned version, or Maven is not installed.

    """
    for folder in map(context, recipes):
        for source, target, locked in (
            ("requirements.in", "requirements.lock", _python_packages),
            ("pom.xml", "jars.lock", _jars),
        ):
            if (folder / source).is_file():
                text = locked(folder / source)
                (folder / target).write_text(_HEADER.format(source=source) + text)
                yield folder / target


def _python_packages(listed: Path) -> str:
    return _answer([sys.executable, "-m", "uv", "pip", "compile", str(listed), *_PIN], listed)


def _jars(pom: Path) -> str:
    """Return a line for each jar, as `sha256sum --check` reads it."""
    if not shutil.which("mvn"):
        raise ImageError(
            f"{_named(pom)} was not locked: Maven is not installed; `apt-get install maven`, then again"
        )
    with tempfile.TemporaryDirectory(prefix="fate-jars-") as folder:
        _answer(["mvn", "--batch-mode", "--quiet", f"--file={pom}", f"-Djars={folder}", "package"], pom)
        jars = {jar.relative_to(folder).as_posix(): jar for jar in Path(folder).rglob("*.jar")}
        return "".join(f"{_sha256(jar)}  {path}\n" for path, jar in sorted(jars.items()))


def _answer(command: list[str], listed: Path) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        told = (result.stderr or result.stdout).strip()
        raise ImageError(f"{_named(listed)} was not locked: {told}\n{_REGISTRY}")
    return result.stdout


def _sha256(jar: Path) -> str:
    with jar.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _named(listed: Path) -> str:
    return f"{listed.parent.name}/{listed.name}"
