"""The resource plugins: the official one that is installed or can be downloaded, else the checkout's own."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from setup.toolchain import publisher
from setup.toolchain.checkout import Checkout, is_command, place_command
from setup.toolchain.cli import link
from setup.toolchain.downloading import unpacked


@dataclass(frozen=True)
class Plugin:
    """A resource plugin in the version that the program's SDK asks for."""

    name: str
    version: str

    @property
    def folder(self) -> Path:
        """Return its folder below a PULUMI_HOME."""
        return Path("plugins") / f"resource-{self.name}-v{self.version}"

    @property
    def program(self) -> str:
        """Return the name of its executable."""
        return f"pulumi-resource-{self.name}"


def set_up_plugins(checkout: Checkout, plugins: Sequence[Plugin], cli: Path) -> None:
    """Give Pulumi each plugin to start. Which one it does start is for `answering` to find out.

    Where the CLI and every plugin are installed, nothing is the checkout's own. Else it has a `pulumi` and a
    PULUMI_HOME of its own, so that a stand-in never lies where other projects look for plugins.
    """
    installed = {plugin: _installed(checkout, plugin) for plugin in plugins}
    if not (checkout.bin / "pulumi").exists():
        if all(found and checkout.carried not in found.parents for found in installed.values()):
            return
        link(checkout, cli)
    for plugin, official in installed.items():
        own = checkout.home / plugin.folder
        if official is not None:
            _take_over(official, own)
        elif not _is_official(own / plugin.program) and not _downloaded(checkout, plugin, own):
            _remove_links(own)
            place_command(checkout, f"offline.{plugin.name}", own / plugin.program)


def _is_official(program: Path) -> bool:
    return program.exists() and not is_command(program)


def _downloaded(checkout: Checkout, plugin: Plugin, folder: Path) -> bool:
    """Download the official plugin. Where a stand-in is in place, that was tried when it was placed."""
    if (folder / plugin.program).exists():
        return False
    _remove(folder)
    archive = publisher.plugin(plugin.name, plugin.version)
    return unpacked(archive, folder, checkout.cache / "downloads", strip=0)


def _installed(checkout: Checkout, plugin: Plugin) -> Path | None:
    """Return the folder of the official plugin that the user has, or that a bundle carried here."""
    given = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    for home in dict.fromkeys((given, Path.home() / ".pulumi", checkout.carried)):
        folder = home / plugin.folder
        there = os.access(folder / plugin.program, os.X_OK) and _is_official(folder / plugin.program)
        if there and home.resolve() != checkout.home.resolve():
            return folder
    return None


def _take_over(official: Path, own: Path) -> None:
    """Make a folder with links to what an installed plugin consists of.

    The folder is a real one: Pulumi passes over a plugin's folder that is a link.
    """
    wanted = {part.name: part.resolve() for part in official.iterdir()}
    if (
        not own.is_symlink()
        and own.is_dir()
        and wanted == {each.name: each.resolve() for each in own.iterdir()}
    ):
        return
    _remove(own)
    own.mkdir(parents=True)
    for name, part in wanted.items():
        (own / name).symlink_to(part)


def _remove_links(folder: Path) -> None:
    """Remove what links to an official plugin that is gone."""
    if folder.is_symlink() or (folder.is_dir() and any(part.is_symlink() for part in folder.iterdir())):
        _remove(folder)


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
