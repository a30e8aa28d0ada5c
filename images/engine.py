"""A Docker engine, seen as the place where images are built and looked up.

Speaks the engine's API, so that a remote engine (`ssh://`, `tcp://`) gets the build context from here. It
does not read Docker's contexts.
"""

from collections.abc import Callable, Iterator
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound
from docker.utils.config import load_general_config
from docker.utils.proxy import ProxyConfig

from clients.docker import sdk
from clients.failures import Unreachable
from images.base_context import base_context
from images.recipes import BASE, build_arguments, build_secrets, context, image_reference

Say = Callable[[str], None]
"""Where progress goes, a line at a time."""

_TAIL = 15


class ImageError(Exception):
    """An image could not be made; the message ends with what to do next."""


def connect(host: str | None = None, seconds: int = 600) -> docker.DockerClient:
    """Make a client of the engine at `host`, or of the one that DOCKER_HOST names.

    Args:
        host: `unix://`, `ssh://` or `tcp://` address; without it the environment decides.
        seconds: How long one answer of the engine may take.

    """
    try:
        return sdk(host, timeout=seconds)
    except Unreachable as reason:
        place = host or "the address in DOCKER_HOST or the default socket"
        raise ImageError(
            f"no Docker engine answers at {place} ({reason}); start it, or name another: --host ssh://…"
        ) from None


def image_size(client: docker.DockerClient, reference: str) -> int | None:
    """Return an image's size in bytes, None where the engine does not have it."""
    try:
        return int(client.images.get(reference).attrs["Size"])
    except ImageNotFound:
        return None


def build(client: docker.DockerClient, name: str, say: Say) -> str:
    """Build one recipe with the engine's BuildKit; what speaks with that is imported here.

    Returns:
        The reference of the image.

    Raises:
        ImageError: A step failed; the message holds its last lines.

    """
    from images import buildkit

    reference = image_reference(name)
    build = buildkit.Build(
        base_context() if name == BASE else context(name),
        reference,
        arguments={**_proxies(), **build_arguments(name)},
        secrets=build_secrets(name),
    )
    try:
        _follow(buildkit.run(client.api, build), name, say)
    except APIError as reason:
        raise ImageError(f"the engine refused to build '{name}': {reason.explanation}") from None
    return reference


def _proxies() -> dict[str, str]:
    """Return the proxies that Docker's own configuration has for builds; no image keeps them."""
    configured = load_general_config().get("proxies", {}).get("default", {})
    return {name: str(value) for name, value in ProxyConfig.from_dict(configured).get_environment().items()}


def _follow(stream: Iterator[dict[str, Any]], name: str, say: Say) -> None:
    tail: list[str] = []
    for entry in stream:
        text = str(entry.get("stream", "")).strip()
        if text.startswith("Step "):
            say(f"{name}: {text.splitlines()[0]}")
        if text:
            tail = [*tail, text][-_TAIL:]
        if "error" in entry:
            shown = "\n  ".join(tail)
            raise ImageError(
                f"'{name}' was not built: {entry['error']}\n  {shown}\n"
                "If names do not resolve or certificates are refused: images/secrets/README.md; "
                "else mend the recipe and build again, finished steps are kept."
            )
