"""The Python wheels of a bundle: what requirements.txt names, by the hashes that stand there."""

import platform
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from ops.bundle.archive import Entry, on_disk
from ops.bundle.record import FOLDERS, Absent
from ops.doctor.outputs import PROJECT


def folder_of(output: Path) -> Path:
    """Return where wheels lie until the bundle is whole: a later run downloads what is not there yet."""
    return output.with_name(f"{output.name}.wheels")


def wheels(
    output: Path, requirements: Path = PROJECT / "requirements.txt"
) -> tuple[dict[str, Entry], list[Absent]]:
    """Download the wheels for this machine's Python and architecture; return them, or why there are none.

    Nothing is built: a package without a wheel for this machine is a reason.
    """
    folder = folder_of(output) / sha256(requirements.read_bytes()).hexdigest()[:16]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--dest", str(folder)]
    done = subprocess.run(
        [*command, "--requirement", str(requirements)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"]
        return {}, [Absent(part="wheels", what=requirements.name, why=lines[-1])]
    files = sorted(folder.iterdir())
    return {f"{FOLDERS['wheels']}{file.name}": on_disk(file) for file in files}, []


def made_for() -> str:
    """Return whom the wheels are for."""
    return f"Python {sys.version_info.major}.{sys.version_info.minor} on {sys.platform}, {platform.machine()}"
