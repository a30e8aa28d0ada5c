"""What one mirror of a run was pushed, for the others: an engine compresses all of it anew for each.

The first mirror of a run is pushed everything, while the others wait. They find its layers on their
volume, as the mirror of a stack that was up before does, and the engine tells that they exist already.
"""

import fcntl
import hashlib
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from components.runtimes.ownership import SERVICE

ROOT = Path(__file__).parents[1]
VOLUME = f"fate-tests-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}-pushed"
IMAGE = "fate.tests.image"
COPY = "cp -a /from/. /to/"
MIRROR_ALONE = ("--target", "**RegistryMirror**", "--target", "**pulumi:providers**")
"""What an `up` makes that pushes everything, and keeps the others waiting no longer than that takes."""


def once(config: Mapping[str, Any], stack: str, labels: Sequence[str], push: Callable[[], object]) -> None:
    """Before an `up` that makes a mirror, fill its volume; `push` makes the mirror where it is the first."""
    mirror = f"fate-{stack}-registry"
    if not _takes_pushes(config) or _docker("volume", "inspect", mirror):
        return
    with _alone():
        image = _docker("volume", "inspect", "--format", f'{{{{index .Labels "{IMAGE}"}}}}', VOLUME)
        if image:
            own = (*labels, f"{SERVICE}=registry")
            _docker("volume", "create", *(f"--label={label}" for label in own), mirror)
            _copied(image, VOLUME, mirror)
        else:
            push()
            _keep(mirror)


def _takes_pushes(config: Mapping[str, Any]) -> bool:
    mirror, runtime = config.get("fate:mirror"), config["fate:runtime"]
    if mirror is None or mirror["kind"] != "distribution" or "upstream" in mirror:
        return False
    return bool(runtime["kind"] == "docker")


def _keep(mirror: str) -> None:
    image = _docker("container", "inspect", "--format", "{{.Image}}", mirror)
    if image:
        _docker("volume", "create", f"--label={IMAGE}={image}", VOLUME)
        _copied(image, mirror, VOLUME)


def forget() -> None:
    """Let go of it: a run begins in which nothing was pushed yet, or ends."""
    _docker("volume", "rm", "--force", VOLUME)


def _copied(image: str, source: str, target: str) -> None:
    mounts = ("--volume", f"{source}:/from:ro", "--volume", f"{target}:/to")
    _docker("run", "--rm", "--user=0", "--network=none", *mounts, "--entrypoint=sh", image, "-c", COPY)


@contextmanager
def _alone() -> Iterator[None]:
    with (ROOT / ".local" / "pushed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _docker(*command: str) -> str:
    """Return what the engine says; nothing where there is none, or it says no."""
    try:
        run = subprocess.run(["docker", *command], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""
