"""A Docker engine in memory, as far as the repair and the doctor's comparison ask it."""

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest
from docker.errors import APIError, NotFound
from requests import Response

Body = dict[str, Any]


class MadeUpEngine:
    """What is on the engine, and what was asked of it."""

    def __init__(self) -> None:
        self.on: dict[str, list[Body]] = {"containers": [], "networks": [], "volumes": []}
        self.details: dict[str, Body] = {}
        self.files: dict[tuple[str, str], dict[str, bytes]] = {}
        self.asked: list[str] = []
        self.refuses: dict[str, str] = {}
        self.api = self

    def containers(self, all: bool, filters: Body) -> list[Body]:
        """List containers, ended ones too."""
        assert all, "what was never started is left over too"
        return self._labelled("containers", filters)

    def networks(self, filters: Body) -> list[Body]:
        """List networks."""
        return self._labelled("networks", filters)

    def volumes(self, filters: Body) -> Body:
        """List volumes."""
        return {"Volumes": self._labelled("volumes", filters) or None}

    def inspect_container(self, id: str) -> Body:
        """Return what the engine knows of a container."""
        if id not in self.details:
            raise NotFound(f"no such container: {id}")
        return self.details[id]

    def get_archive(self, id: str, path: str) -> tuple[Iterator[bytes], Body]:
        """Return the files of a folder, as the engine packs them."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, content in self.files[id, path].items():
                file = tarfile.TarInfo(f"{path.rpartition('/')[2]}/{name}")
                file.size = len(content)
                archive.addfile(file, io.BytesIO(content))
        return iter([packed.getvalue()]), {}

    def __getattr__(self, order: str) -> Any:  # noqa: ANN401 - an order of any shape
        """Note an order, and refuse it if it is to be refused."""

        def ordered(*arguments: Any, **options: Any) -> Body:  # noqa: ANN401
            options.pop("timeout", None)
            told = [str(value) for value in (*arguments, *(f"{k}={v}" for k, v in options.items()))]
            self.asked.append(" ".join([order, *told]))
            if order in self.refuses:
                raise APIError("409", Response(), self.refuses[order])
            return {"StatusCode": 0}

        return ordered

    def _labelled(self, kind: str, filters: Body) -> list[Body]:
        key, _, value = filters["label"].partition("=")
        return [one for one in self.on[kind] if one["Labels"].get(key) == value]


def container_of(name: str, id: str, **labels: str) -> Body:
    """Return a container as the engine lists it."""
    return {"Id": id, "Names": [f"/{name}"], "Labels": labelled(labels), "Status": "Up 2 seconds"}


def network_of(name: str, id: str, **labels: str) -> Body:
    """Return a network as the engine lists it."""
    return {"Id": id, "Name": name, "Labels": labelled(labels)}


def volume_of(name: str, **labels: str) -> Body:
    """Return a volume as the engine lists it."""
    return {"Name": name, "Labels": labelled(labels)}


def labelled(labels: dict[str, str]) -> dict[str, str]:
    """Return labels of the stack `dev`, with those of an object's own."""
    return {"fate.stack": "dev", **{f"fate.{key}": value for key, value in labels.items()}}


def put_in_place(engine: MadeUpEngine, monkeypatch: pytest.MonkeyPatch) -> MadeUpEngine:
    """Let everybody reach this engine."""
    for module in (
        "ops.repair.docker_deletions",
        "ops.repair.docker_leftovers",
        "ops.repair.docker_mending",
        "ops.doctor.docker_unseen",
    ):
        monkeypatch.setattr(f"{module}.client_of", lambda host, options=(): engine)
    return engine
