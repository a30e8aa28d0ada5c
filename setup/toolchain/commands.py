"""The commands that run a module of offline/ where Pulumi expects a program of its own."""

import shlex
from pathlib import Path

from setup.toolchain.checkout import SOURCES, Checkout


def place_command(checkout: Checkout, module: str, file: Path) -> None:
    """Write a command that runs a module. -P keeps the working folder out of its import path."""
    interpreter, sources = shlex.quote(str(checkout.python)), shlex.quote(str(SOURCES))
    text = f'#!/usr/bin/env bash\nPYTHONPATH={sources} exec {interpreter} -P -m {module} "$@"\n'
    if is_command(file) and file.read_text() == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.write_text(text)
    part.chmod(0o755)
    part.rename(file)


def is_command(file: Path) -> bool:
    """Tell whether a file is such a command, and no program of Pulumi's own."""
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return b" -P -m offline." in content.read(4096)
