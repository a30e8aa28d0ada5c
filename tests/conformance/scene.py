"""Where the rows of the table happen: a plugin that runs, a real engine, and what is there before."""

import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker

from tests.conformance.by_hand import ACTIONS
from tests.conformance.cases import Table, Told, filled
from tests.conformance.docker_plugin import UNKNOWN, DockerPlugin
from tests.conformance.plugin import Resource
from tests.conformance.plugin import Told as Answer
from tests.engine.plugin_project import rootfs
from tests.engine.tiny_registry import TinyRegistry

PORTS = 7
DOCKERFILE = 'FROM {image}\nARG R\nLABEL r=$R\nCMD ["sleep", "600"]\n'
FAILING = "FROM {image}\nRUN false\n"
Values = dict[str, Any]


@dataclass
class Scene:
    """One run: the plugin, the engine, the names of this run, and the resources made so far."""

    plugin: DockerPlugin
    engine: docker.DockerClient
    table: Table
    names: dict[str, Any]
    made: dict[str, Resource] = field(default_factory=dict)

    def inputs(self, values: Values) -> Values:
        """Return inputs of a row with this run's names."""
        found: Values = filled(values, self.names)
        return found

    def resource(self, name: str) -> Resource:
        """Return a resource of the table, made when it is first wanted."""
        if name not in self.made:
            wanted = self.table.resources[name]
            self.made[name] = self.plugin.create(wanted.token, name, self.inputs(wanted.inputs))
        return self.made[name]

    def gone(self, name: str) -> None:
        """Take a resource away that other rows do not expect."""
        resource = self.made.pop(name, None)
        if resource is not None:
            self.plugin.delete(resource)

    def act(self, by_hand: str, resource: Resource) -> None:
        """Do to the real object what somebody might do."""
        ACTIONS[by_hand](self.engine, resource.id, self.names)

    def told(self, answer: Answer) -> Told:
        """Return an answer as a row has it."""
        return Told.model_validate({"told": answer.operation, "paths": answer.paths})

    def looked_up(self, container: str, path: str) -> object:
        """Return what the engine has at a path such as `HostConfig.Memory`."""
        found: Any = self.engine.api.inspect_container(container)
        for step in path.split("."):
            found = found.get(step) if found else None
        return found

    def clear(self) -> None:
        """Take away everything that carries this run's name."""
        mine = {"name": self.names["prefix"]}
        for container in self.engine.containers.list(all=True, filters=mine):
            container.remove(force=True)
        for network in self.engine.networks.list(filters=mine):
            network.remove()
        for volume in self.engine.volumes.list(filters=mine):
            volume.remove(force=True)
        for image in self.engine.images.list():
            for tag in image.tags or image.attrs["RepoDigests"] or ():
                if self.names["prefix"] in tag:
                    self.engine.images.remove(tag, force=True)


@contextmanager
def scene(plugin: DockerPlugin, engine: docker.DockerClient) -> Iterator[Scene]:
    """Prepare the engine for the table, and leave it as it was."""
    prefix = f"conformance-{uuid.uuid4().hex[:6]}"
    registry = TinyRegistry()
    tag = f"{prefix}:base"
    engine.api.import_image_from_data(rootfs(), repository=prefix, tag="base", changes=["ENV PATH=/bin"])
    tagged = f"{registry.address}/t/{prefix}:tagged"
    engine.images.get(tag).tag(f"{registry.address}/t/{prefix}", "tagged")
    with tempfile.TemporaryDirectory() as context:
        Path(context, "Dockerfile").write_text(DOCKERFILE.format(image=tag))
        Path(context, "Failing").write_text(FAILING.format(image=tag))
        names: dict[str, Any] = {
            "prefix": prefix,
            "image": str(engine.images.get(tag).id),
            "tag": tag,
            "tagged": tagged,
            "registry": registry.address,
            "context": context,
            "unknown": UNKNOWN,
            **{name: f"{prefix}-{name}" for name in ("network", "other", "volume", "secrets", "taken")},
            **_ports(),
        }
        found = Scene(plugin, engine, Table.read(), names)
        try:
            engine.networks.create(names["network"])
            engine.networks.create(names["other"])
            engine.containers.create(tag, ["sleep", "1"], name=names["taken"])
            yield found
        finally:
            found.clear()


def _ports() -> dict[str, int]:
    """Return as many neighbouring ports as the table wants, free on this machine now."""
    for base in range(23000, 29000, 10):
        if all(_free(base + offset) for offset in range(PORTS)):
            return {"port": base, **{f"port+{offset}": base + offset for offset in range(1, PORTS)}}
    raise AssertionError("no free ports on this machine")


def _free(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0
