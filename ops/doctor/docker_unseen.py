"""What differs on a Docker engine from a stack's state without the Docker plugin seeing it."""

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

from docker import DockerClient
from docker.errors import NotFound

from ops.doctor.docker_reach import OUT_OF_REACH, client_of
from ops.doctor.exported import CONTAINER, Engine, Exported, Resource
from ops.doctor.symptoms import Ailment, Symptom
from ops.doctor.unseen import MIRROR, NetworkAdded, NetworkCut, Paused, SecretsGone, Unseen

FILLED_FROM, FILLED_INTO = "/etc/fate/secrets", "/run/secrets"
"""Where a short-lived container has a service's secrets, and where it puts them for the service."""


def unseen_on(state: Exported, engine: Engine) -> Iterator[Unseen]:
    """Yield what differs. Changes nothing. Raises Ailment where the engine does not answer."""
    client = client_of(engine.host, engine.ssh_options)
    declared = [resource for resource in state.on(engine) if resource.type == CONTAINER]
    try:
        for resource in declared:
            yield from _of_container(client, engine, resource, declared)
    except OUT_OF_REACH as error:
        raise Ailment(Symptom.NO_ENGINE, f"{engine.host}: {error}") from None


def _of_container(
    client: DockerClient, engine: Engine, declared: Resource, every: list[Resource]
) -> Iterator[Unseen]:
    try:
        found = client.api.inspect_container(declared.id)
        if _fills_secrets(declared):
            yield from _of_secrets(client, engine, declared, every)
            return
    except NotFound:
        return
    if found["State"]["Status"] == "paused":
        detail = f"{_name(declared)} is paused: its processes stand still"
        yield Paused(engine, *_whose(declared), detail)
    yield from _of_networks(engine, declared, found["NetworkSettings"]["Networks"])


def _of_networks(engine: Engine, declared: Resource, found: Mapping[str, Any]) -> Iterator[Unseen]:
    wanted = {one["name"]: tuple(one.get("aliases") or ()) for one in _list(declared, "networksAdvanced")}
    whose = _whose(declared)
    for network, aliases in wanted.items():
        missing = set(aliases) - set((found.get(network) or {}).get("Aliases") or ())
        if network not in found:
            detail = f"{_name(declared)} is cut from network {network}"
            yield NetworkCut(engine, *whose, detail, network, aliases)
        elif missing:
            detail = (
                f"{_name(declared)} is on network {network} without its name {', '.join(sorted(missing))}"
            )
            yield NetworkCut(engine, *whose, detail, network, aliases)
    for network in sorted(set(found) - set(wanted)) if wanted else ():
        detail = f"{_name(declared)} is on network {network}, which the stack does not put it on"
        yield NetworkAdded(engine, *whose, detail, network)


def _of_secrets(
    client: DockerClient, engine: Engine, filler: Resource, every: list[Resource]
) -> Iterator[Unseen]:
    wanted, found = _digests(client, filler, FILLED_FROM), _digests(client, filler, FILLED_INTO)
    wrong = sorted(name for name, digest in wanted.items() if found.get(name) != digest)
    if not wrong:
        return
    volumes = {mount.get("volumeName") for mount in _list(filler, "volumes")}
    readers = tuple(
        _name(one)
        for one in every
        if one is not filler and volumes & {mount.get("volumeName") for mount in _list(one, "volumes")}
    )
    party, service, name = _whose(filler)
    states = ", ".join(f"{each} is {'gone' if each not in found else 'another'}" for each in wrong)
    detail = f"of the secrets of {', '.join(readers) or name}: {states}"
    service = service.removesuffix("-secrets")
    yield SecretsGone(engine, party, service, name, detail, readers)


def _digests(client: DockerClient, container: Resource, folder: str) -> dict[str, str]:
    """Return a digest of each file of a folder in a container that may have ended. Keeps no content."""
    chunks, _ = client.api.get_archive(container.id, folder)
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        files = [member for member in archive if member.isfile()]
        return {file.name.rpartition("/")[2]: _digest(archive, file) for file in files}


def _digest(archive: tarfile.TarFile, file: tarfile.TarInfo) -> str:
    content = archive.extractfile(file)
    return hashlib.sha256(content.read() if content else b"").hexdigest()


def _fills_secrets(declared: Resource) -> bool:
    mounts = {mount.get("containerPath") for mount in _list(declared, "volumes")}
    return declared.labels.get("fate.service", "").endswith("-secrets") and FILLED_INTO in mounts


def _whose(declared: Resource) -> tuple[str, str, str]:
    labels = declared.labels
    return labels.get("fate.party", MIRROR), labels.get("fate.service", ""), _name(declared)


def _name(declared: Resource) -> str:
    return str(declared.inputs.get("name") or declared.name)


def _list(declared: Resource, key: str) -> list[Mapping[str, Any]]:
    """Return a list of records that a resource was declared with; none where all of it is a secret."""
    value = declared.inputs.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
