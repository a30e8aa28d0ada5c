"""What leaves the upstream registry when a second party pulls what a first one has pulled."""

import io
import os
import re
import tarfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import docker
from docker.errors import DockerException
from docker.models.containers import Container

from bench.engine import built_image, connect, swept
from bench.verdicts import Measured, MeasuredFailedError
from components.services.registry import PORT, registry

NAME = f"fate-bench-{os.getpid()}"
REPOSITORY = "fate/bench"
LAYER = 8 * 2**20
"""Bytes of the one layer: new in every run, so that no engine and no cache has it already."""
START_LIMIT = 30
SETTLING = 0.5
SERVED = re.compile(r'"(?P<method>[A-Z]+) (?P<path>/v2/\S*) HTTP/[\d.]+" (?P<status>\d{3}) (?P<bytes>\d+) ')
OF_AN_IMAGE = ("/manifests/", "/blobs/")


@dataclass(frozen=True)
class Registry:
    """A running registry and the port of loopback that it answers on."""

    container: Container
    port: int

    def served(self, part: str = "") -> int:
        """Return the bytes of images that it has served since it started, or of a part: `/blobs/`."""
        lines = self.container.logs().decode().splitlines()
        return image_bytes(line for line in lines if part in line)


def measure() -> list[Measured]:
    """Push an image to an upstream, and pull it twice through a mirror that caches it.

    The engine forgets the image in between, as a second party's engine would never have had it.
    """
    client = connect()
    with swept(client, NAME), own_network(client), running_registry(client, "upstream", None) as upstream:
        pushed = _pushed(client, upstream)
        with running_registry(client, "mirror", f"http://{NAME}-upstream:{PORT}") as mirror:
            reference = f"localhost:{mirror.port}/{REPOSITORY}@{pushed}"
            first = _pulled(client, reference, upstream)
            second = _pulled(client, reference, upstream)
    if first < LAYER:
        raise MeasuredFailedError(f"the first pull took {first} bytes only", "Look at the registry's log")
    return [
        Measured(
            measure="bytes from upstream for a second party",
            ours=second,
            unit="bytes",
            beside=f"the first party: {first} bytes",
            limit=0,
        )
    ]


def image_bytes(lines: Iterable[str]) -> int:
    """Return the bytes of manifests and layers that left the registry. Refusals and HEADs carry none."""
    found = (match for line in lines if (match := SERVED.search(line)))
    return sum(int(served["bytes"]) for served in found if _carries_an_image(served))


@contextmanager
def own_network(client: docker.DockerClient) -> Iterator[None]:
    """Make the network that the registries of a measurement meet on; `swept` takes it away."""
    client.networks.create(NAME, labels={"fate.stack": NAME})
    yield


@contextmanager
def running_registry(client: docker.DockerClient, name: str, upstream: str | None) -> Iterator[Registry]:
    """Start a registry on that network, a cache where it has an upstream, and wait until it answers.

    Raises CannotMeasureError where its image is not built, MeasuredFailedError where it does not answer.
    """
    service = registry(upstream)
    container = client.containers.create(
        built_image(client, service.name),
        list(service.command),
        name=f"{NAME}-{name}",
        labels={"fate.stack": NAME},
        network=NAME,
        ports={f"{PORT}/tcp": ("127.0.0.1", 0)},
    )
    container.put_archive("/", _archive({file.path: file.text.encode() for file in service.files}))
    container.start()
    container.reload()
    bindings = container.ports[f"{PORT}/tcp"] or []
    port = int(bindings[0]["HostPort"])
    _wait(container, port)
    yield Registry(container, port)


def _wait(container: Container, port: int) -> None:
    deadline = time.monotonic() + START_LIMIT
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                log = container.logs().decode()[-500:]
                raise MeasuredFailedError(f"{container.name} does not answer", f"It said: {log}") from None
        time.sleep(0.2)


def _pushed(client: docker.DockerClient, upstream: Registry) -> str:
    """Push a new image and return its digest; the engine keeps nothing of it."""
    repository = f"localhost:{upstream.port}/{REPOSITORY}"
    layer = _archive({"/content": os.urandom(LAYER)})
    client.api.import_image_from_data(layer, repository=repository, tag="1")
    answers = client.api.push(repository, tag="1", stream=True, decode=True)
    digests = [answer["aux"]["Digest"] for answer in answers if "Digest" in answer.get("aux", {})]
    client.images.remove(f"{repository}:1", force=True)
    if not digests:
        raise MeasuredFailedError("the upstream took no push", "Look at the registry's log")
    return str(digests[0])


def _pulled(client: docker.DockerClient, reference: str, upstream: Registry) -> int:
    """Pull, forget, and return the bytes that left the upstream meanwhile."""
    before = upstream.served()
    try:
        client.images.pull(reference)
    except DockerException as error:
        raise MeasuredFailedError(
            f"{reference} could not be pulled ({error})", "Look at the mirror"
        ) from None
    client.images.remove(reference, force=True)
    return _settled(upstream) - before


def _settled(upstream: Registry) -> int:
    """Return what the upstream has served once it serves no more: a cache may store after it answers."""
    served = -1
    while served != (now := upstream.served()):
        served = now
        time.sleep(SETTLING)
    return served


def _archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), 0o444
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _carries_an_image(served: re.Match[str]) -> bool:
    wanted = any(part in served["path"] for part in OF_AN_IMAGE)
    return wanted and served["method"] == "GET" and served["status"].startswith("2")
