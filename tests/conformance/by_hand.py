"""What somebody does to real objects behind Pulumi's back, by the words of the table."""

import time
from collections.abc import Callable, Mapping

from docker import DockerClient
from docker.errors import APIError

Action = Callable[[DockerClient, str, Mapping[str, str]], object]
"""Takes the engine, the object's id, and the names of this run."""


def _updated(engine: DockerClient, container: str, values: Mapping[str, object]) -> None:
    api = engine.api
    api.post(f"{api.base_url}/v{api.api_version}/containers/{container}/update", json=values)


def _paused(engine: DockerClient, container: str, tries: int = 20) -> None:
    """Pause a container, which fails at a moment at which its health check starts."""
    try:
        engine.containers.get(container).pause()
    except APIError:
        if tries == 0:
            raise
        time.sleep(0.3)
        _paused(engine, container, tries - 1)


def _network_made_again(engine: DockerClient, network: str, names: Mapping[str, str]) -> None:
    engine.networks.get(network).remove()
    engine.networks.create(f"{names['prefix']}-lonely")


def _volume_made_again(engine: DockerClient, volume: str, _: Mapping[str, str]) -> None:
    engine.volumes.get(volume).remove()
    engine.volumes.create(volume, labels={"a": "2", "b": "3"})


ACTIONS: Mapping[str, Action] = {
    "nothing": lambda engine, id, names: None,
    "paused": lambda engine, id, names: _paused(engine, id),
    "stopped": lambda engine, id, names: engine.containers.get(id).stop(timeout=0),
    "killed": lambda engine, id, names: engine.containers.get(id).kill(),
    "renamed": lambda engine, id, names: engine.containers.get(id).rename(f"{names['prefix']}-renamed"),
    "container removed": lambda engine, id, names: engine.containers.get(id).remove(force=True),
    "memory changed": lambda engine, id, names: engine.containers.get(id).update(
        mem_limit="80m", memswap_limit="96m"
    ),
    "restart policy changed": lambda engine, id, names: _updated(
        engine, id, {"RestartPolicy": {"Name": "no"}}
    ),
    "a limit of processors set": lambda engine, id, names: _updated(engine, id, {"NanoCpus": 500_000_000}),
    "a file written inside": lambda engine, id, names: engine.containers.get(id).exec_run(
        ["sh", "-c", "echo y >/etc/y"], user="0"
    ),
    "a file of a volume removed": lambda engine, id, names: engine.containers.get(id).exec_run(
        ["sh", "-c", ": >/data/secret"], user="0"
    ),
    "cut from its network": lambda engine, id, names: engine.networks.get(names["network"]).disconnect(id),
    "put into a foreign network": lambda engine, id, names: engine.networks.get(names["other"]).connect(id),
    "network removed": lambda engine, id, names: engine.networks.get(id).remove(),
    "network made again by another": _network_made_again,
    "volume removed": lambda engine, id, names: engine.volumes.get(id).remove(),
    "volume made again by another": _volume_made_again,
}
