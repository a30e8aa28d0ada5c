"""Puts right on a Docker engine what Pulumi cannot see."""

import time
from collections.abc import Callable
from contextlib import suppress

from docker import DockerClient
from docker.errors import APIError, NotFound

from ops.doctor.docker_reach import OUT_OF_REACH, client_of
from ops.doctor.exported import Engine
from ops.doctor.unseen import NetworkAdded, NetworkCut, Paused, SecretsGone, Unseen
from ops.repair.found import Unmended

GRACE = 30
HEALTH_LIMIT = 180


def remedy(difference: Unseen) -> str:
    """Return what is done about a difference."""
    match difference:
        case NetworkCut():
            return f"connect it to {difference.network}"
        case NetworkAdded():
            return f"take it off {difference.network}"
        case Paused():
            return "let it go on"
        case SecretsGone():
            return "fill them in anew and restart what reads them"
    raise TypeError(f"{difference} is not of a Docker engine")


def mend(difference: Unseen) -> None:
    """Put a difference right. Raises Unmended where the engine does not let it."""
    engine = difference.place
    assert isinstance(engine, Engine)
    try:
        _steps(client_of(engine.host, engine.ssh_options), difference)()
    except APIError as error:
        raise Unmended(f"the engine refuses: {error.explanation}") from None
    except OUT_OF_REACH as error:
        raise Unmended(str(error)) from None


def _steps(client: DockerClient, difference: Unseen) -> Callable[[], None]:
    match difference:
        case NetworkCut():
            return lambda: _connect(client, difference)
        case NetworkAdded():
            return lambda: _disconnect(client, difference.name, difference.network)
        case Paused():
            return lambda: _go_on(client, difference.name)
        case SecretsGone():
            return lambda: _fill_anew(client, difference)
    raise TypeError(f"{difference} is not of a Docker engine")


def _connect(client: DockerClient, cut: NetworkCut) -> None:
    """Connect a container to its network; one that is there without its names leaves it first."""
    with suppress(APIError):
        _disconnect(client, cut.name, cut.network)
    client.api.connect_container_to_network(cut.name, cut.network, aliases=list(cut.aliases))


def _disconnect(client: DockerClient, container: str, network: str) -> None:
    client.api.disconnect_container_from_network(container, network, force=True)


def _go_on(client: DockerClient, container: str) -> None:
    """Let a container go on, and wait for the next word of its health check: the last one is of its pause."""
    client.api.unpause(container)
    _await_health(client, container)


def _await_health(client: DockerClient, container: str) -> None:
    """Wait until a container is healthy, or for as long as `up` waits; the doctor tells what it is then."""
    deadline = time.monotonic() + HEALTH_LIMIT
    with suppress(NotFound):
        while not _is_well(client, container) and time.monotonic() < deadline:
            time.sleep(1)


def _is_well(client: DockerClient, container: str) -> bool:
    """Tell whether a container is healthy; one without a health check is."""
    health = client.api.inspect_container(container)["State"].get("Health") or {}
    return health.get("Status") in (None, "healthy")


def _fill_anew(client: DockerClient, gone: SecretsGone) -> None:
    client.api.start(gone.name)
    code = client.api.wait(gone.name)["StatusCode"]
    if code != 0:
        raise Unmended(f"{gone.name} ended with {code}. See why: docker logs {gone.name}")
    for reader in gone.readers:
        with suppress(NotFound):  # the next `up` makes it, and sees that it is gone
            client.api.restart(reader, timeout=GRACE)
            _await_health(client, reader)
