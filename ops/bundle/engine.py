"""What a mirror runs is put onto a Docker engine from a bundle, by the name that a stack's file has for it.

So a mirror comes up where no registry is. The engine's API takes an archive as `docker save` writes it, with
layers compressed or not (engine 20.10 reads no image layout). What it has is not sent.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from clients.docker import sdk
from clients.failures import Unreachable
from clients.manifests import Blob, Manifest
from ops.bundle.archive import READ, ending, header, padding
from ops.bundle.faults import BundleFault
from ops.bundle.make import Progress
from ops.bundle.opened import Opened
from ops.bundle.record import Artifact

if TYPE_CHECKING:
    from docker import DockerClient

PATIENCE = 600
"""Seconds that an engine may say nothing while it unpacks a layer."""
MODE = 0o644


@dataclass(frozen=True)
class EngineTarget:
    """An engine by its address; where that is empty, the one that DOCKER_HOST names, or this machine's."""

    host: str

    @property
    def in_words(self) -> str:
        """Return what it is called in sentences."""
        return f"the Docker engine at {self.host}" if self.host else "the Docker engine here"


def load_into(bundle: Opened, target: EngineTarget, progress: Progress) -> dict[str, int]:
    """Put what the mirror runs from a verified bundle onto an engine; return what was sent, by label.

    Raises BundleFault; what is loaded by then stays.
    """
    from docker.errors import DockerException
    from requests import RequestException

    if not bundle.record.of_the_mirror:
        raise BundleFault(
            f"{bundle.file} has no image that a mirror runs: stack {bundle.record.stack} has no mirror of its"
            " own, or it was left out by --without mirror. Bundle a stack with fate:mirror: {kind:"
            " distribution} or {kind: harbor, ...}."
        )
    try:
        client = sdk(target.host or None, timeout=PATIENCE)
        try:
            return _sent(bundle, client, target, progress)
        finally:
            client.close()
    except (DockerException, RequestException, Unreachable) as error:
        raise BundleFault(
            f"{target.in_words} does not take what the mirror runs: {error}. Start it, or name another:"
            " --into-engine unix://..., ssh://..."
        ) from None


def _sent(bundle: Opened, client: "DockerClient", target: EngineTarget, progress: Progress) -> dict[str, int]:
    loads = [_Load(bundle, each, client, target) for each in bundle.record.of_the_mirror]
    lacking = [each for each in loads if not each.is_there()]
    for each in lacking:
        each.check_known()
    progress.total(sum(each.size for each in lacking))
    progress.step("loads")
    return {each.artifact.label: each.load(progress) if each in lacking else 0 for each in loads}


@dataclass
class _Load:
    bundle: Opened
    artifact: Artifact
    client: "DockerClient"
    target: EngineTarget

    @property
    def name(self) -> str:
        """Return what the engine is to know it by."""
        assert self.artifact.runs_as, "only what a mirror runs is loaded"
        return self.artifact.runs_as

    @cached_property
    def images(self) -> list[Manifest]:
        """Return the image for each platform that the bundle has."""
        return [each for each in self.bundle.manifests_of(self.artifact) if each.blobs]

    @cached_property
    def image(self) -> Manifest:
        """Return the one for the engine's platform; where there is only one, that."""
        if len(self.images) == 1:
            return self.images[0]
        engine: Any = self.client.version()
        wanted = f"{engine['Os']}/{engine['Arch']}"
        held = {_platform(self._config(each)): each for each in self.images}
        if wanted not in held:
            raise BundleFault(
                f"{self.bundle.file} has {self.artifact.label} for {', '.join(held)}, and"
                f" {self.target.in_words} runs {wanted}. Bundle it from a registry that has it for that."
            )
        return held[wanted]

    @property
    def size(self) -> int:
        return sum(blob.size for blob in self._blobs)

    def is_there(self) -> bool:
        """Tell whether the engine has it by that name, which it is given where it has the image alone."""
        ids = [each.blobs[0].digest for each in self.images]
        if self._id_of(self.name) in ids:
            return True
        known = next((each for each in ids if self._id_of(each)), None)
        repository, _, tag = self.name.rpartition(":")
        return known is not None and self.client.images.get(known).tag(repository, tag)

    def check_known(self) -> None:
        """Raise BundleFault where the bundle has nothing of it, as the older one has all."""
        if not self.bundle.holds(self.image.blobs[0].digest):
            raise self._fault_of_the_older()

    def load(self, progress: Progress) -> int:
        """Send it; of what was left out of the bundle the engine has to have the layers."""
        said_by_it = self.client.api.load_image(self._archive(progress))  # type: ignore[no-untyped-call]
        for said in said_by_it:
            if "error" in said and self._is_cut:
                raise self._fault_of_the_older(f": {said['error']}")
            if "error" in said:
                raise BundleFault(
                    f"{self.target.in_words} does not take {self.name}: {said['error']}. Its own log tells"
                    " more; the same command sends it again."
                )
        return self.size

    @property
    def _is_cut(self) -> bool:
        return any(not self.bundle.holds(blob.digest) for blob in self.image.blobs)

    def _fault_of_the_older(self, said: str = "") -> BundleFault:
        older = self.bundle.record.since
        assert older, "what is whole was made after no other"
        return BundleFault(
            f"{self.target.in_words} lacks layers of {self.artifact.label} that were left out of"
            f" {self.bundle.file}{said}. Put them there with {older.name} first. It is the bundle"
            f" {older.identity}."
        )

    def _id_of(self, name: str) -> str | None:
        from docker.errors import ImageNotFound

        with suppress(ImageNotFound):
            return self.client.images.get(name).id
        return None

    @cached_property
    def _blobs(self) -> list[Blob]:
        """Return what is sent of it: what the bundle has, each once."""
        held = (blob for blob in self.image.blobs if self.bundle.holds(blob.digest))
        return list({blob.digest: blob for blob in held}.values())

    def _archive(self, progress: Progress) -> Iterator[bytes]:
        """Yield the archive: configuration, layers, each once, and what tells of them."""
        config, *layers = self.image.blobs
        told = [
            {
                "Config": _path(config),
                "RepoTags": [self.name],
                "Layers": [_path(layer) for layer in layers],
            }
        ]
        for blob in self._blobs:
            yield header(_path(blob), blob.size, MODE)
            with self.bundle.blob(blob.digest, 0, blob.size) as content:
                while piece := content.read(READ):
                    progress.grown(blob.digest, len(piece))
                    yield piece
            yield bytes(padding(blob.size))
        index = json.dumps(told).encode()
        yield header("manifest.json", len(index), MODE) + index + bytes(padding(len(index)))
        yield bytes(ending(0))

    def _config(self, image: Manifest) -> Mapping[str, Any]:
        blob = image.blobs[0]
        if not self.bundle.holds(blob.digest):
            return {}
        with self.bundle.blob(blob.digest, 0, blob.size) as content:
            config: Mapping[str, Any] = json.load(content)
        return config


def _path(blob: Blob) -> str:
    return blob.digest.removeprefix("sha256:")


def _platform(config: Mapping[str, Any]) -> str:
    return f"{config.get('os')}/{config.get('architecture')}"
