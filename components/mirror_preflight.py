"""What a registry that exists already must hold before anything is made: every image of the stack.

Asks this machine's network, and makes nothing. A registry that wants a login is left to the engine, which
has one (`docker login`).
"""

import http.client
from collections.abc import Iterable, Mapping

from components.runtimes.docker_preflight import TIMEOUT
from config import ConfigurationFault, Fault

PATH = "fate:mirror"
ACCEPT = ", ".join(
    f"application/{kind}+json"
    for kind in (
        "vnd.docker.distribution.manifest.v2",
        "vnd.docker.distribution.manifest.list.v2",
        "vnd.oci.image.manifest.v1",
        "vnd.oci.image.index.v1",
    )
)


def check_held(references: Mapping[str, str]) -> None:
    """Ask for each image, by service. Raises ConfigurationFault with every fault at once."""
    faults = [fault for service, reference in references.items() for fault in _faults(service, reference)]
    if faults:
        raise ConfigurationFault(list(dict.fromkeys(faults)))


def _faults(service: str, reference: str) -> Iterable[Fault]:
    registry, _, name = reference.partition("/")
    try:
        status = _ask(registry, name)
    except (OSError, http.client.HTTPException) as error:
        remedy = "Bring it up, or write the address of one that this machine reaches"
        yield Fault(PATH, f"the registry at {registry} cannot be reached: {error}", remedy)
        return
    if status == 404:
        remedy = f"Push it there: `python -m images build`, then docker tag and docker push {reference}"
        yield Fault(PATH, f"the registry at {registry} lacks {name}, the image of {service}", remedy)


def _ask(registry: str, name: str) -> int:
    repository, mark, version = name.partition("@")
    if not mark:
        repository, _, version = name.rpartition(":")
    connection = _connection(registry)
    try:
        connection.request("HEAD", f"/v2/{repository}/manifests/{version}", headers={"Accept": ACCEPT})
        return connection.getresponse().status
    finally:
        connection.close()


def _connection(registry: str) -> http.client.HTTPConnection:
    """Return a connection as a Docker engine makes it: without TLS to a registry on loopback alone."""
    host = registry.partition(":")[0]
    plain = host == "localhost" or host.startswith("127.")
    kind = http.client.HTTPConnection if plain else http.client.HTTPSConnection
    return kind(registry, timeout=TIMEOUT)
