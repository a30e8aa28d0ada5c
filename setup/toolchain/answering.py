"""Which plugin answers Pulumi: the official one or a stand-in. Asked of Pulumi, never assumed."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from setup.toolchain.checkout import Checkout, SetupFailure, say
from setup.toolchain.plugins import Plugin

STAND_IN = "the offline plugin"
"""What a stand-in says of itself where it is asked for a schema; an official plugin gives its schema."""


def tell_who_answers(checkout: Checkout, plugin: Plugin) -> None:
    """Say which plugin Pulumi starts. It is asked anew when a program has changed.

    Raises SetupFailure where none answers.
    """
    answers = checkout.root / ".local" / "answers.json"
    known = json.loads(answers.read_text()) if answers.exists() else {}
    asked = [list(each) for each in _identities(checkout, plugin)]
    if known.get(plugin.name, {}).get("asked") != asked:
        known[plugin.name] = {"asked": asked, "official": _official(checkout, plugin)}
        answers.write_text(json.dumps(known, indent=1))
    title = f"{plugin.name} plugin {plugin.version}"
    if known[plugin.name]["official"]:
        say(f"{title}: the official one answers")
    else:
        say(f"{title}: cannot be downloaded; offline/{plugin.name} stands in for it, and answers")


def _official(checkout: Checkout, plugin: Plugin) -> bool:
    """Let Pulumi start the plugin, as a program of this checkout would have it."""
    package = f"{plugin.name}@{plugin.version}"
    asked = subprocess.run(
        ["pulumi", "package", "get-schema", package],
        cwd=checkout.root,
        env=checkout.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if asked.returncode == 0:
        return True
    if STAND_IN in asked.stderr:
        return False
    home = os.environ.get("PULUMI_HOME")
    raise SetupFailure(
        f"Pulumi starts no {plugin.program} {plugin.version}: {asked.stderr.strip()}",
        f"PULUMI_HOME is {home}. Unset it, or: pulumi plugin install resource {plugin.name} {plugin.version}"
        if home
        else "Remove .local/pulumi-home and run setup/pulumi.sh again.",
    )


def _identities(checkout: Checkout, plugin: Plugin) -> Iterator[tuple[str, int, int]]:
    """Return what tells the CLI and every plugin that it may start from others of another day."""
    environment = checkout.environment()
    home = Path(environment.get("PULUMI_HOME") or Path.home() / ".pulumi")
    folders = [Path(folder) for folder in environment["PATH"].split(":")]
    cli = shutil.which("pulumi", path=environment["PATH"])
    candidates = [folder / plugin.program for folder in (*folders, home / plugin.folder)]
    for file in [*([Path(cli)] if cli else []), *candidates]:
        if file.exists():
            found = file.resolve().stat()
            yield str(file), found.st_size, found.st_mtime_ns
