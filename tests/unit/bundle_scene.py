"""A stack dev whose mirror is a registry of this process, and the registry of the far side."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from clients import repository
from images.recipes import recipe_digest
from ops.__main__ import main
from tests.unit.strict_registry import Strict, strict_registry

NAMES = ("fateflow", "mariadb", "nginx", "rabbitmq")
HOLDERS = {"fateflow": "fateflow", "database": "mariadb", "gateway": "nginx", "broker": "rabbitmq"}
ALONE = ("--without", "wheels", "--without", "pulumi")
IMAGES = (*ALONE, "--without", "mirror")


def bytes_of(seed: str, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


BASE = bytes_of("base", 200_000)


@dataclass
class Scene:
    """Both sides of the gap, and the folder that the bundle is carried in."""

    near: Strict
    far: Strict
    folder: Path
    parts: tuple[str, ...] = IMAGES
    """What bundles are made of: images that parties run, unless a test says otherwise."""

    @property
    def file(self) -> Path:
        return self.folder / "dev.tar"

    def fill(self, version: str = "1") -> None:
        """Push what the stack dev builds; only FATE-Flow's own layer differs from version to version."""
        digests = {}
        for name in NAMES:
            own = bytes_of(f"{name}{version if name == 'fateflow' else ''}", 50_000)
            digests[name] = self.near.hold(f"fate/{name}", recipe_digest(name), BASE, own)
        images = {
            holder: f"{self.near.address}/fate/{name}@{digests[name]}" for holder, name in HOLDERS.items()
        }
        self.tell({"images": images})

    def tell(self, outputs: object) -> None:
        """Let `pulumi stack output` tell that."""
        (self.folder / "outputs.json").write_text(json.dumps(outputs))

    def make(self, *words: str, file: Path | None = None) -> int:
        return main(["bundle", "--stack", "dev", "--output", str(file or self.file), *self.parts, *words])

    def load(self, *words: str, file: Path | None = None) -> int:
        return main(["bundle", "load", str(file or self.file), "--to", f"{self.far.address}/fate", *words])

    def key(self, name: str) -> Path:
        """Make an SSH key and return its file."""
        file = self.folder / name
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)]
        subprocess.run(command, check=True)
        return file


@contextmanager
def scene(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Make both registries, and a `pulumi` that tells the stack's outputs."""
    command = folder / "bin" / "pulumi"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\ncat '{folder}/outputs.json'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(command.parent), prepend=":")
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    monkeypatch.setattr(repository, "PAUSES", (0.01, 0.01))
    with strict_registry() as near, strict_registry() as far:
        made = Scene(near, far, folder)
        made.fill()
        yield made


def fake_pip(folder: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> Path:
    """Put a command in Python's place that notes its arguments and fills pip's folder, `$folder`."""
    python, seen = folder / "python", folder / "seen"
    python.write_text(
        f"""#!/bin/sh
echo "$@" >"{seen}"
while [ "$1" != --dest ]; do shift; done
folder=$2
mkdir -p "$folder"
{does}
"""
    )
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", os.fspath(python))
    return seen
