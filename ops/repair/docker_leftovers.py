"""What a killed run left on a Docker engine: containers, networks and volumes of secrets that no state knows.

The Docker plugin takes nothing over: it fails where a name is taken, so what is half made has to go. A data
volume stays, whatever it is called: the next `up` finds it by its name.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound

from ops.doctor.docker_reach import OUT_OF_REACH, client_of
from ops.doctor.exported import CONTAINER, NETWORK, VOLUME, Engine, Exported
from ops.doctor.symptoms import Ailment, Symptom
from ops.repair.found import Found, Kind, Unmended
from ops.repair.owner import STACK, Owner

GRACE = 30
"""Seconds that a container gets for its end, as `pulumi destroy` gives them: a database writes its pages."""
SECRETS = "-secrets"


def leftovers(state: Exported, engine: Engine, owner: Owner) -> Iterator[Found]:
    """Yield what is left over, in an order that can be removed. Raises Ailment for a silent engine."""
    client = client_of(engine.host, engine.ssh_options)
    known = {kind: _known(state, engine, kind) for kind in (CONTAINER, NETWORK, VOLUME)}
    try:
        yield from _containers(client, engine, owner, known[CONTAINER])
        yield from _networks(client, engine, owner, known[NETWORK])
        yield from _volumes(client, engine, owner, known[VOLUME])
    except OUT_OF_REACH as error:
        raise Ailment(Symptom.NO_ENGINE, f"{engine.host}: {error}") from None


def _known(state: Exported, engine: Engine, kind: str) -> set[str]:
    return {resource.id for resource in state.on(engine) if resource.type == kind}


def _containers(client: DockerClient, engine: Engine, owner: Owner, known: set[str]) -> Iterator[Found]:
    for one in client.api.containers(all=True, filters=_of(owner)):
        name = one["Names"][0].lstrip("/") if one["Names"] else one["Id"][:12]
        if one["Id"] not in known and owner.owns(name, one.get("Labels") or {}):
            yield _left(Kind.CONTAINER, engine, name, one["Status"], removal(client, one["Id"]))


def _networks(client: DockerClient, engine: Engine, owner: Owner, known: set[str]) -> Iterator[Found]:
    for one in client.api.networks(filters=_of(owner)):
        if one["Id"] not in known and owner.owns(one["Name"], one.get("Labels") or {}):
            mend = _mending(partial(client.api.remove_network, one["Id"]))
            yield _left(Kind.NETWORK, engine, one["Name"], "", mend)


def _volumes(client: DockerClient, engine: Engine, owner: Owner, known: set[str]) -> Iterator[Found]:
    for one in client.api.volumes(filters=_of(owner))["Volumes"] or ():
        name = one["Name"]
        if _holds_secrets(name) and name not in known and owner.owns(name, one.get("Labels") or {}):
            mend = _mending(partial(client.api.remove_volume, name))
            yield _left(Kind.VOLUME, engine, name, "it may hold secrets", mend)


def _holds_secrets(volume: str) -> bool:
    """Tell whether a volume holds nothing but secrets, which every `up` derives anew."""
    return volume.endswith(SECRETS)


def _of(owner: Owner) -> dict[str, Any]:
    return {"label": f"{STACK}={owner.stack}"}


def _left(kind: Kind, engine: Engine, name: str, note: str, mend: Callable[[], None]) -> Found:
    wrong = "is this stack's, and its state does not know it" + (f" ({note})" if note else "")
    return Found(kind, engine.host, name, wrong, "remove it", mend)


def removal(client: DockerClient, container: str) -> Callable[[], None]:
    """Return what ends a container and removes it. It raises Unmended where the engine does not let it."""

    def remove() -> None:
        with suppress(APIError):  # it is not paused
            client.api.unpause(container)
        client.api.stop(container, timeout=GRACE)
        client.api.remove_container(container, force=True)

    return _mending(remove)


def _mending(removal: Callable[[], None]) -> Callable[[], None]:
    """Return a removal that takes what is gone already for done, and tells why something stays."""

    def mend() -> None:
        try:
            removal()
        except NotFound:
            return
        except APIError as error:
            raise Unmended(f"the engine refuses: {error.explanation}") from None
        except OUT_OF_REACH as error:
            raise Unmended(str(error)) from None

    return mend
