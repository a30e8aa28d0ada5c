"""`docker:index/registryImage:RegistryImage`."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clients.failures import Failure, Refused
from clients.registry import Registry
from diff.docker.rules import RegistryImageRules
from diff.values import Plain
from offline.docker.configuration import registry_at, registry_of_image
from offline.docker.engine import DockerEngine
from offline.docker.explained import followed
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call, Made, ResourceType


class RegistryImage(RegistryImageRules, ResourceType[DockerEngine]):
    """An image of the engine, pushed to a registry. It builds none: that is RemoteImage's.

    The engine pushes; the digest is asked of the registry by the plugin itself, at the login's address.
    """

    def create(self, call: Call, state: Plain) -> Made:
        """Push the image."""
        from docker.utils import parse_repository_tag

        name, registry = state["name"], self._registry(state)
        doing = f"image {name}: Error pushing docker image to {registry_of_image(name)}"
        repository, tag = parse_repository_tag(name)
        call.progress(f"pushing {name}")
        login = {"username": registry.username, "password": registry.password}
        with self.engine.api(doing) as api:
            messages = api.push(repository, tag or "latest", stream=True, decode=True, auth_config=login)
            followed(call, doing, messages)
        digest = _digest(registry, name)
        return Made(digest, {"sha256Digest": digest})

    def read(self, call: Call, made: Made) -> Made | None:
        """Ask the registry where the tag leads now. One that does not answer counts as one without it."""
        try:
            digest = _digest(self._registry(dict(made.outputs)), made.outputs["name"])
        except Refusal:
            return None
        return replace(made, outputs={"sha256Digest": digest})

    def update(self, call: Call, made: Made, state: Plain) -> Mapping[str, Any]:
        """Take note of the login, and of what to do with the image when it goes; ask where the tag leads."""
        seen = self.read(call, Made(made.id, state))
        if seen is None:
            raise Refusal(
                f"image {state['name']}: it did not exist in its registry while updating it. "
                "`pulumi up --refresh` pushes it again."
            )
        return seen.outputs

    def delete(self, call: Call, made: Made) -> None:
        """Delete the image from the registry, unless it is to be kept there."""
        state = dict(made.outputs)
        if not state.get("keepRemotely"):
            _delete(self._registry(state), state["name"], state.get("sha256Digest", made.id))

    def _registry(self, state: Plain) -> Registry:
        """Return the registry as its own login names it, else as the provider's does."""
        name, given = state["name"], state.get("authConfig")
        if given:
            return registry_at(given)
        found = self.engine.configuration.logins.get(registry_of_image(name))
        if found is None:
            raise Refusal(
                f"image {name}: no auth config found for registry {registry_of_image(name)}. Give it an "
                "`auth_config` of that address, or the provider a `registry_auth`; a registry without "
                "login takes any user."
            )
        return found


def _digest(registry: Registry, image: str) -> str:
    """Return the digest of what the image's tag leads to."""
    try:
        answer = registry.ask("HEAD", _within(image))
    except (Failure, ValueError) as failure:
        raise Refusal(
            f"image {image}: Got error getting registry image digest: {_told(failure)} (asked of"
            f" {registry.url}). A registry that speaks plain http has an address that begins with http://."
        ) from failure
    outputs = answer.headers.get("Docker-Content-Digest")
    return outputs or f"sha256:{hashlib.sha256(answer.data).hexdigest()}"


def _delete(registry: Registry, image: str, digest: str) -> None:
    """Delete an image by its digest; one that is gone already is no failure."""
    try:
        registry.ask("DELETE", _within(image), digest)
    except Failure as failure:
        match failure:
            case Refused(status=404):
                return
            case Refused(status=405):
                why = "it does not allow that"
            case Refused():
                why = f"it answered {_told(failure)}"
            case _:
                why = f"it cannot be reached: {failure}"
        raise Refusal(
            f"image {image}: Got error deleting registry image: {registry.url}: {why}. "
            "Set `keep_remotely=True` to leave it there."
        ) from failure


def _within(image: str) -> str:
    return image.partition("/")[2]


def _told(failure: Exception) -> str:
    return f"HTTP Error {failure.status}: {failure}" if isinstance(failure, Refused) else str(failure)
