"""The lock of fateflow's Python packages: every file of every pinned version, by its SHA-256.

`requirements.in` is the complete list, chosen by hand; the lock only adds hashes. No package is resolved:
the wheels' own pins contradict each other, so the image installs the lock without dependencies. The index
that was asked leaves no trace in the file.
"""

import subprocess
import sys
from pathlib import Path

from images.engine import ImageError
from images.recipes import context

_HEADER = "# Made by `fate images lock` from requirements.in; edit that, not this.\n"


def regenerate() -> Path:
    """Write requirements.lock anew from requirements.in.

    Returns:
        The lock's path.

    Raises:
        ImageError: The index did not answer, or a pinned version is not on it.

    """
    listed, locked = context("fateflow") / "requirements.in", context("fateflow") / "requirements.lock"
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        str(listed),
        "--python-version",
        "3.11",
        "--no-deps",
    ]
    options = [
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-config",
        "--quiet",
    ]
    result = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if result.returncode:
        raise ImageError(
            f"{listed.name} was not locked: {result.stderr.strip()}\n"
            "Correct the pin, or let this machine reach its package index, then run it again."
        )
    locked.write_text(_HEADER + result.stdout)
    return locked
