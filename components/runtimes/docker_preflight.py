"""What a Docker engine must offer before anything is made on it: it answers, has room, and free ports.

Asks and makes nothing. An engine over ssh is asked by its provider alone; a port there is not tried.
"""

import http.client
import json
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from components.runtimes.docker_owners import owned_of
from components.runtimes.docker_wanted import WantedObject
from components.runtimes.names import Names
from components.runtimes.ownership import Ownership
from components.services.party import publications
from components.services.registry import PORT as REGISTRY_PORT
from components.services.service import Publication
from config import (
    ConfigurationFault,
    DistributionMirror,
    DockerSettings,
    Fault,
    PartySettings,
    StackSettings,
)

ROOM = 2 * 1024**3
"""Bytes that must be free where the engine keeps images: twice the largest image unpacked."""

TIMEOUT = 10.0


@dataclass(frozen=True)
class Wanted:
    """A port that a stack opens, where its configuration says so, and the container that opens it."""

    path: str
    container: str
    publication: Publication


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self.path = path

    def connect(self) -> None:
        """Connect to the engine's socket instead of a host and port."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(self.path)


def wanted_ports(settings: StackSettings, names: Names) -> dict[str, list[Wanted]]:
    """Return the ports that a stack opens, by the address of the engine that opens them."""
    wanted: dict[str, list[Wanted]] = {}
    mirror = settings.mirror
    if isinstance(mirror, DistributionMirror) and isinstance(settings.runtime, DockerSettings):
        opened = Publication("registry", REGISTRY_PORT, mirror.port, mirror.bind)
        wanted[settings.runtime.host] = [Wanted("fate:mirror.port", names.of(None, "registry"), opened)]
    for index, party in enumerate(settings.parties):
        engine = settings.runtime_of(party)
        if isinstance(engine, DockerSettings):
            wanted.setdefault(engine.host, []).extend(_party_ports(f"fate:parties[{index}]", names, party))
    return wanted


def _party_ports(path: str, names: Names, party: PartySettings) -> Iterable[Wanted]:
    keys = {"fateflow": "api.port", "gateway": "expose.gateway-port", "broker": "expose.broker-port"}
    for opened in publications(party):
        container = names.of(party.id, opened.service)
        yield Wanted(f"{path}.{keys[opened.service]}", container, opened)


def preflight(
    host: str, wanted: Sequence[Wanted], objects: Sequence[WantedObject], ownership: Ownership
) -> frozenset[str]:
    """Check the engine at a `unix://` address. Raises ConfigurationFault with every fault at once.

    Returns the names of before that data volumes of the stack have.
    """
    if not host.startswith("unix://"):
        return frozenset()
    path = host.removeprefix("unix://")
    try:
        containers, engine = _get(path, "/containers/json"), _get(path, "/info")
        owned = owned_of(partial(_get, path), host, objects, ownership)
    except (OSError, http.client.HTTPException) as error:
        raise ConfigurationFault([_unreachable(host, error)]) from None
    faults = [*_room(str(engine["DockerRootDir"])), *_ports(containers, wanted), *owned.faults]
    if faults:
        raise ConfigurationFault(faults)
    return owned.kept


def _get(path: str, url: str) -> Any:  # noqa: ANN401 - JSON of the engine
    connection = _UnixConnection(path)
    try:
        connection.request("GET", url)
        answer = connection.getresponse()
        if answer.status != 200:
            raise http.client.HTTPException(f"{url} answers {answer.status}")
        return json.loads(answer.read())
    finally:
        connection.close()


def _unreachable(host: str, error: Exception) -> Fault:
    match error:
        case PermissionError():
            remedy = "Join the group that owns the socket, then log in again: sudo usermod -aG docker $USER"
            return Fault("fate:runtime.host", f"{host} may not be opened by this user", remedy)
        case FileNotFoundError() | ConnectionRefusedError():
            remedy = "Start it: `make docker`, or sudo systemctl start docker; or name another host"
            return Fault("fate:runtime.host", f"no Docker engine runs at {host}", remedy)
        case _:
            remedy = "Look at the engine's own log, or name another host"
            return Fault("fate:runtime.host", f"the Docker engine at {host} does not answer: {error}", remedy)


def _room(folder: str) -> Iterable[Fault]:
    try:
        held = os.statvfs(folder)
    except OSError:
        return
    free = held.f_bavail * held.f_frsize
    if free < ROOM:
        yield Fault(
            "fate:runtime.host",
            f"the disk of {folder} is nearly full: {free / 1024**3:.1f} GiB are free, images and data want"
            f" {ROOM / 1024**3:.0f}",
            "Free some: docker image prune, docker volume ls; or move the engine's data-root",
        )


def _ports(containers: Sequence[Any], wanted: Sequence[Wanted]) -> Iterable[Fault]:
    for want in wanted:
        holder = _holder(containers, want.publication)
        if holder == want.container:
            continue
        reason = f"container {holder}" if holder else _occupied(want.publication)
        if reason:
            opened = want.publication
            yield Fault(
                want.path,
                f"port {opened.external} on {opened.bind} cannot be opened: {reason} has it",
                "Write another port here, or stop what holds it",
            )


def _holder(containers: Sequence[Any], publication: Publication) -> str | None:
    for container in containers:
        for port in container["Ports"]:
            if port.get("PublicPort") == publication.external and _same_address(port["IP"], publication.bind):
                return str(container["Names"][0]).lstrip("/")
    return None


def _same_address(one: str, other: str) -> bool:
    everywhere = {"0.0.0.0", "::"}
    return one == other or one in everywhere or other in everywhere


def _occupied(publication: Publication) -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((publication.bind, publication.external))
        except OSError as error:
            return f"another program ({error.strerror})"
    return None
