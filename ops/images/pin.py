"""`fate images pin`: the digests of a stack's official images, from the registry that it pulls them from.

It pulls nothing, and writes into the stack's file by `pulumi config`, which keeps its comments.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from clients.failures import Failure, Refused, Unreachable
from clients.logged_in import logged_in
from clients.repository import Repository, Server
from config.faults import ConfigurationFault
from config.images import HubImages
from config.loading import load
from config.mirror import DistributionMirror, ExternalMirror, contents_of
from config.stack import StackSettings
from config.stack_file import values_in
from config.text import is_loopback
from images.engine import ImageError

PURPOSE = "write the digests of a stack's official images into its file"
HUB = "https://registry-1.docker.io"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description = PURPOSE
    parser.add_argument("--stack", required=True, metavar="NAME", help="the stack, such as dev")
    parser.add_argument("--dry-run", action="store_true", help="show the digests and write nothing")
    parser.set_defaults(step=run)


def run(asked: argparse.Namespace) -> None:
    """Ask for each digest and write those that differ. Raises ImageError where one cannot be had."""
    settings = _settings(Path(f"Pulumi.{asked.stack}.yaml"))
    before: Mapping[str, str] = settings.images.digests if isinstance(settings.images, HubImages) else {}
    found = {name: _digest(settings, name, tag) for name, tag in sorted(_official(settings))}
    Console().print(_table(before, found))
    changed = {name: digest for name, digest in found.items() if before.get(name) != digest}
    if changed and not asked.dry_run:
        _write(asked.stack, changed)


def _settings(file: Path) -> StackSettings:
    try:
        settings = load(values_in(file))
    except ConfigurationFault as fault:
        raise ImageError(f"{file} cannot be used: {fault}") from None
    if not isinstance(settings.images, HubImages):
        raise ImageError(
            f"{file} takes its images from {settings.images.source}: those built here have their recipe's"
            " digest as tag already. Only images: {from: hub} is pinned."
        )
    return settings


def _official(settings: StackSettings) -> Iterator[tuple[str, str]]:
    """Yield the name and the tag of each image that follows `fate:images`."""
    for party in settings.parties:
        for service in party.service_names:
            if service not in settings.images.services:
                image = settings.image(party, service)
                yield image.name, image.tag


def _digest(settings: StackSettings, name: str, tag: str) -> str:
    place = _place(settings)
    image = f"{place.prefix}{name}"
    try:
        digest = Repository(place.server, image).digest_of(tag)
    except Refused as refused:
        raise ImageError(
            f"{place.url} does not tell of {image}:{tag}: {refused}. If it wants a login: docker login"
            f" {place.host}"
        ) from None
    except Unreachable as reason:
        raise ImageError(f"{place.url} cannot be asked for {image}:{tag}: {reason}") from None
    if digest is None:
        raise ImageError(f"{place.url} has no {image}:{tag}: push it there, or name a registry that has it")
    return digest


@dataclass(frozen=True)
class Place:
    """The registry that has the images, and what stands before their names there."""

    url: str
    prefix: str = ""
    ca_file: str | None = None

    @property
    def host(self) -> str:
        """Return its host and port."""
        return urlsplit(self.url).netloc

    @property
    def server(self) -> Server:
        """Return it with the login that this machine has for it. Raises ImageError."""
        try:
            return logged_in(self.url, self.ca_file, direct=is_loopback(self.host.partition(":")[0]))
        except Failure as reason:
            raise ImageError(str(reason)) from None


def _place(settings: StackSettings) -> Place:
    """Return where digests are asked for.

    What Harbor copies is asked of where it copies from: it may have nothing yet, and wants a login.
    """
    mirror = settings.mirror
    contents = contents_of(mirror)
    if contents and contents.replicate:
        upstream = contents.replicate.upstream
        return Place((upstream.url or HUB).rstrip("/"), ca_file=_file(upstream.ca_file))
    if isinstance(mirror, ExternalMirror):
        host, _, path = mirror.address.partition("/")
        plain = mirror.plain_http or is_loopback(host.partition(":")[0])
        prefix = f"{path}/" if path else ""
        return Place(f"{'http' if plain else 'https'}://{host}", prefix, _file(mirror.ca_file))
    if isinstance(mirror, DistributionMirror) and mirror.upstream:
        return Place(mirror.upstream.rstrip("/"))
    return Place(HUB)


def _file(given: str | None) -> str | None:
    return os.path.expanduser(given) if given else None


def _table(before: Mapping[str, str], found: Mapping[str, str]) -> Table:
    table = Table("image", "digest", "before")
    for name, digest in found.items():
        said = before.get(name, "none")
        table.add_row(name, digest, "the same" if said == digest else said)
    return table


def _write(stack: str, digests: Mapping[str, str]) -> None:
    pairs = [f'fate:images.digests["{name}"]={digest}' for name, digest in digests.items()]
    command = ["pulumi", "config", "set-all", "--stack", stack, "--path"]
    command += [word for pair in pairs for word in ("--plaintext", pair)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ImageError("pulumi is not on the PATH. Type: . setup/activate") from None
    if ended.returncode:
        raise ImageError(f"the digests were not written: {ended.stderr.strip()}")
    print(
        f"Pulumi.{stack}.yaml: {len(digests)} written. Next: pulumi preview --stack {stack}", file=sys.stderr
    )
