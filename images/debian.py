"""The base image: Debian 12, from the official image where a hub can be reached, else by debootstrap.

Either way it gets the same local tag, a function of the base recipe. What debootstrap makes on this machine
is handed to the engine, so a remote engine needs no hub either. A base that is there is not updated: a
change of the recipe gives a new tag.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import docker
from docker.errors import DockerException

from images.engine import ImageError, Say, build, connect, image_size
from images.recipes import BASE, base_reference, context

_HUB_SECONDS = 15


def ensure_base(host: str | None, say: Say) -> str:
    """Make the base image on the engine at `host` if it is missing.

    Returns:
        Its reference.

    Raises:
        ImageError: Neither way works here; the message tells what to install.

    """
    client = connect(host)
    reference = base_reference()
    if image_size(client, reference) is not None:
        say(f"{reference} is there")
    elif hub_answers(host, official_image()):
        say(f"{reference}: from {official_image()}")
        build(client, BASE, say)
    else:
        say(f"{reference}: no hub answers, so Debian is bootstrapped here (about a minute)")
        _bootstrap(client, reference, say)
    return reference


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


def _bootstrap(client: docker.DockerClient, reference: str, say: Say) -> None:
    _refuse_without_debootstrap()
    with tempfile.TemporaryDirectory(prefix="fate-base-") as folder:
        _run(["sh", str(context(BASE) / "debootstrap.sh"), folder], say)
        archive = Path(folder) / "base.tar"
        root = str(Path(folder) / "rootfs")
        _run(["tar", "--sort=name", "--numeric-owner", "-C", root, "-cf", str(archive), "."], say)
        repository, _, tag = reference.partition(":")
        say(f"{reference}: {archive.stat().st_size // 1_000_000} MB go to the engine")
        client.api.import_image_from_file(
            str(archive),
            repository=repository,
            tag=tag,
            changes=['CMD ["sh"]', 'LABEL org.opencontainers.image.title="fate-base"'],
        )


def _refuse_without_debootstrap() -> None:
    if not shutil.which("debootstrap"):
        raise ImageError(
            "no hub answers and debootstrap is not installed: `apt-get install debootstrap`, then again"
        )
    if os.geteuid() != 0:
        raise ImageError(
            "no hub answers, and debootstrap needs root: run `sudo .venv/bin/python -m images base` once"
        )


def _run(command: list[str], say: Say) -> None:
    tail: list[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    ) as process:
        for line in process.stdout or ():
            tail = [*tail, line.rstrip()][-15:]
            if line.startswith("I: "):
                say(f"base: {line[3:].strip()}")
    if process.returncode:
        shown = "\n  ".join(tail)
        raise ImageError(
            f"`{' '.join(command[:2])}` failed:\n  {shown}\n"
            "It needs Debian's archive: check this machine's network and proxy, then run it again."
        )
