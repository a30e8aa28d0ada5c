"""The Docker engine that measurements are made on, and the images that lie on it."""

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import docker
from docker.errors import DockerException
from docker.models.images import Image

from bench.verdicts import CannotMeasureError
from images.recipes import recipe_digest


def connect() -> docker.DockerClient:
    """Return a client of the engine that DOCKER_HOST names, else of the local one."""
    try:
        client = docker.from_env(timeout=300)
        client.ping()
    except DockerException as error:
        host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        raise CannotMeasureError(f"no Docker engine answers at {host} ({error})", "Run make docker") from None
    return client


def built_image(client: docker.DockerClient, recipe: str) -> Image:
    """Return the image on this engine that was built from a recipe as it stands in the checkout."""
    image = built_images(client, (recipe,)).get(recipe)
    if image is None:
        tag = f"{recipe}:{recipe_digest(recipe)}"
        raise CannotMeasureError(f"no image {tag} on this engine", "Run make up, which builds it")
    return image


def built_images(client: docker.DockerClient, recipes: Iterable[str]) -> dict[str, Image]:
    """Return the images on this engine that were built from recipes; not all need be there."""
    tags = {recipe: f"{recipe}:{recipe_digest(recipe)}" for recipe in recipes}
    there = client.images.list()[::-1]  # of several the newest is taken
    return {recipe: image for recipe, tag in tags.items() for image in there if _is_tagged(image.tags, tag)}


def _is_tagged(references: Iterable[str], tag: str) -> bool:
    """Tell whether an image has a tag, or that of a stack's own, which goes on with the stack's name."""
    names = (reference.rpartition("/")[2] for reference in references)
    return any(name == tag or name.startswith(f"{tag}-") for name in names)


@contextmanager
def swept(client: docker.DockerClient, stack: str) -> Iterator[None]:
    """Remove, on the way out, every container, network and volume that carries a stack's label."""
    try:
        yield
    finally:
        mine: dict[str, str | list[str] | bool] = {"label": f"fate.stack={stack}"}
        for container in client.containers.list(all=True, filters=mine):
            container.remove(force=True, v=True)
        for network in client.networks.list(filters=mine):
            network.remove()
        for volume in client.volumes.list(filters=mine):
            volume.remove(force=True)


def free_ports() -> Iterator[int]:
    """Give ports of loopback that nothing listens on, none twice, as long as they are asked for."""
    given: set[int] = set()
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in given:
            given.add(port)
            yield port
