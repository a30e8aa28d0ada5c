"""The base image: Debian 12, from the official image where a hub can be reached, else by debootstrap.

A stack builds its base itself, on the engine where it builds all others; here only what that build starts
from is prepared. What debootstrap makes lies in this checkout (images/base_context.py), so a remote engine
needs no hub either. A base that is there is not updated: a change of the recipe gives a new tag.
"""

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import docker
from docker.errors import DockerException
from docker.models.containers import Container

from images.base_context import (
    base_context,
    keep_root_filesystem,
    root_filesystem,
    shared_root_filesystem,
)
from images.engine import ImageError, Say, build, connect, image_size
from images.recipes import BASE, base_reference, context

_HUB_SECONDS = 15
_OF_A_CONTAINER = re.compile(r"\.dockerenv|(dev|proc|sys)/.+|etc/(hosts|hostname|resolv\.conf|mtab)")


def prepare_base(host: str | None, say: Say) -> None:
    """Make what the base is built from here, for stacks that build it on any engine.

    Raises:
        ImageError: Neither way works here; the message tells what to install.

    """
    if root_filesystem().is_file():
        say(f"{root_filesystem().name} is there")
    elif hub_answers(host, official_image()):
        say(f"{base_reference()}: a build can take {official_image()}")
    elif shared_root_filesystem().is_file():
        kept = keep_root_filesystem(shared_root_filesystem())
        say(f"{kept.name}: no hub answers, so it is what another checkout made")
    else:
        _make_root_filesystem(connect(host), say)
    base_context()


def ensure_base(host: str | None, say: Say) -> str:
    """Make the base image on the engine at `host` if it is missing, for builds by hand.

    Returns:
        Its reference.

    Raises:
        ImageError: It cannot be made here; the message tells what to install.

    """
    client = connect(host)
    if image_size(client, base_reference()) is not None:
        say(f"{base_reference()} is there")
    else:
        prepare_base(host, say)
        build(client, BASE, say)
    return base_reference()


def official_image() -> str:
    """Return the image that the base recipe's Dockerfile stands on."""
    dockerfile = (context(BASE) / "Dockerfile").read_text()
    found = re.search(r"^FROM (\S+)$", dockerfile, re.MULTILINE)
    if not found:
        raise ImageError(f"{context(BASE) / 'Dockerfile'} has no line `FROM <image>`; put it back")
    return found.group(1)


def hub_answers(host: str | None, image: str) -> bool:
    """Whether the engine has an image or can ask its registry about it, within seconds."""
    try:
        client = connect(host, seconds=_HUB_SECONDS)
        if image_size(client, image) is None:
            client.images.get_registry_data(image)
    except (DockerException, OSError):
        return False
    return True


def _make_root_filesystem(client: docker.DockerClient, say: Say) -> None:
    with tempfile.TemporaryDirectory(prefix="fate-base-") as folder:
        archive = Path(folder) / "base.tar"
        if image_size(client, base_reference()) is not None:
            say(f"{base_reference()}: no hub answers, so it is taken from the engine")
            _taken_from(client, archive)
        else:
            say(f"{base_reference()}: no hub answers, so Debian is bootstrapped here (about a minute)")
            _bootstrap(folder, archive, say)
        kept = keep_root_filesystem(archive)
        say(f"{kept.name}: {kept.stat().st_size // 1_000_000} MB")


def _bootstrap(folder: str, archive: Path, say: Say) -> None:
    _refuse_without_debootstrap()
    _run(["sh", str(context(BASE) / "debootstrap.sh"), folder], say)
    root = str(Path(folder) / "rootfs")
    _run(["tar", "--sort=name", "--numeric-owner", "-C", root, "-cf", str(archive), "."], say)


def _exported(container: Container) -> Iterable[bytes]:
    return cast(Iterable[bytes], container.export())  # the stub says text


def _taken_from(client: docker.DockerClient, archive: Path) -> None:
    """Write the files of the engine's base image, without those that each container gets of its own."""
    container = client.containers.create(base_reference())
    try:
        with tempfile.TemporaryFile() as exported:
            exported.writelines(_exported(container))
            exported.seek(0)
            with tarfile.open(fileobj=exported) as given, tarfile.open(archive, "w") as kept:
                for entry in given:
                    if not _OF_A_CONTAINER.fullmatch(entry.name):
                        kept.addfile(entry, given.extractfile(entry) if entry.isreg() else None)
    finally:
        container.remove()


def _refuse_without_debootstrap() -> None:
    if not shutil.which("debootstrap"):
        raise ImageError(
            "no hub answers and debootstrap is not installed: `apt-get install debootstrap`, then again"
        )
    if os.geteuid() != 0:
        raise ImageError("no hub answers, and debootstrap needs root: run `sudo fate images base` once")


def _run(command: list[str], say: Say) -> None:
    """Run a command, and tell each kind of step at its first time: debootstrap has one for every package."""
    tail: list[str] = []
    said: set[str] = set()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    ) as process:
        for line in process.stdout or ():
            tail = [*tail, line.rstrip()][-15:]
            step = line.removeprefix("I: ").partition(" ")[0]
            if line.startswith("I: ") and step not in said:
                said.add(step)
                say(f"base: {line[3:].strip()}")
    if process.returncode:
        shown = "\n  ".join(tail)
        raise ImageError(
            f"`{' '.join(command[:2])}` failed:\n  {shown}\n"
            "It needs Debian's archive: check this machine's network and proxy, then run it again."
        )
