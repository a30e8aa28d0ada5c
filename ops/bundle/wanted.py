"""The images of a stack, and how the registries that have them are asked.

What was built and pushed is told by the stack's outputs, by digest; what is pulled, by the stack's file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pulumi import RunError

from clients.docker_login import HUB
from clients.failures import Failure
from clients.logged_in import logged_in
from clients.repository import Server
from components.images import built_images, pulled_images
from config import ConfigurationFault, DistributionMirror, ExternalMirror, StackSettings, catalogue, load
from config.stack_file import values_in
from config.text import is_loopback
from images.recipes import RECIPES, recipe_digest
from ops.bundle.faults import BundleFault
from ops.doctor.outputs import PROJECT, UnreadableOutputs, asked_of_pulumi


@dataclass(frozen=True)
class WantedImage:
    """An image that a stack runs, taken apart: `host/path:tag@digest`."""

    reference: str
    users: tuple[str, ...]
    runs_as: str | None = None
    """For an image that a mirror of the stack's runs: its name on an engine that has it from a bundle."""

    @property
    def host(self) -> str:
        """Return the registry's host and port: Docker Hub where the reference names none."""
        first, slash, _ = self.reference.partition("/")
        named = slash and (first == "localhost" or "." in first or ":" in first)
        return first if named and first != "docker.io" else HUB

    @property
    def path(self) -> str:
        """Return its name within the registry."""
        whole = self.reference.partition("@")[0]
        named = whole.removeprefix("docker.io/").removeprefix(f"{self.host}/")
        path = named.rpartition(":")[0] or named
        return path if "/" in path or self.host != HUB else f"library/{path}"

    @property
    def tag(self) -> str | None:
        """Return its tag, None where only a digest is named."""
        last = self.reference.partition("@")[0].rpartition("/")[2]
        return last.partition(":")[2] or None

    @property
    def digest(self) -> str | None:
        """Return the digest that it is pinned by, None where only a tag is named."""
        return self.reference.partition("@")[2] or None

    @property
    def name(self) -> str:
        """Return what it is called below a mirror: an official image's whole name, else its last part."""
        official = (each for each in catalogue().official() if f"/{self.path}".endswith(f"/{each}"))
        return next(official, self.path.rpartition("/")[2])

    @property
    def candidate_tag(self) -> str | None:
        """Return the tag that a mirror has it by, if its digest there is the same."""
        recipe = self.name if self.name in RECIPES else None
        return self.tag or (recipe_digest(recipe) if recipe else None)


@dataclass(frozen=True)
class Access:
    """How registries are asked where nothing else says so."""

    plain_http: bool = False
    """Every registry but Docker Hub, without TLS."""
    ca_file: Path | None = None
    plain_host: str = ""
    """The one registry without TLS that the stack's file tells of."""

    def server(self, host: str) -> Server:
        """Return a registry by its host and port, with the login that this machine has for it.

        One on loopback is asked without TLS and past any proxy, as Docker does it. Raises BundleFault.
        """
        local = is_loopback(host.partition(":")[0])
        plain = local or host == self.plain_host or (self.plain_http and host != HUB)
        try:
            return logged_in(f"{'http' if plain else 'https'}://{host}", self.ca_file, direct=local)
        except Failure as reason:
            raise BundleFault(str(reason)) from None


def settings_of(stack: str) -> StackSettings:
    """Return what a stack's file says. Raises BundleFault."""
    file = PROJECT / f"Pulumi.{stack}.yaml"
    try:
        return load(values_in(file))
    except ConfigurationFault as fault:
        raise BundleFault(f"{file.name} cannot be used: {fault}") from None


def access_of(settings: StackSettings, given: Access) -> Access:
    """Return how the stack's own registry is asked: as its file says, unless the command line says more."""
    match settings.mirror:
        case ExternalMirror() as mirror:
            own_file = Path(mirror.ca_file) if mirror.ca_file else None
            host = mirror.address.partition("/")[0]
            return replace(given, ca_file=given.ca_file or own_file, plain_host=host * mirror.plain_http)
        case DistributionMirror() as mirror:
            port = mirror.pull_address.rpartition(":")[2]
            no_tls = mirror.address is None or port == str(mirror.port)
            return replace(given, plain_host=mirror.pull_address * no_tls)
        case _:
            return given


def wanted_images(stack: str, settings: StackSettings) -> list[WantedImage]:
    """Return the images of a stack, each once, with the services that run it. Raises BundleFault."""
    held: dict[str, str] = {}
    if built := built_images(settings):
        told = _output(stack, "images")
        if not isinstance(told, dict) or (lacking := sorted(built.keys() - told.keys())):
            lacking = sorted(built) if not isinstance(told, dict) else lacking
            raise BundleFault(
                f"stack {stack} has not built and pushed {', '.join(lacking)} yet."
                f" Type: pulumi up --stack {stack}"
            )
        held = {holder: str(told[holder]) for holder in built}
    try:
        held |= pulled_images(settings, _output)
    except RunError as fault:
        raise BundleFault(str(fault)) from None
    services: dict[str, list[str]] = {}
    for holder, reference in held.items():
        services.setdefault(reference, []).append(holder)
    return [WantedImage(reference, tuple(names)) for reference, names in services.items()]


def _output(stack: str, name: str) -> object:
    try:
        run = asked_of_pulumi("stack", "output", "--json", "--stack", stack)
    except UnreadableOutputs as fault:
        raise BundleFault(str(fault)) from None
    if run.returncode:
        raise BundleFault(
            f"Pulumi cannot tell the outputs of stack {stack}:\n{run.stderr.strip()}\n"
            "`pulumi stack ls` lists the stacks; `. setup/activate` chooses this checkout's own state."
        )
    outputs: Mapping[str, Any] = json.loads(run.stdout)
    return outputs.get(name)
