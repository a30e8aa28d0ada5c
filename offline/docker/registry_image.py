"""`docker:index/registryImage:RegistryImage`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from diff.docker.rules import RegistryImageRules
from diff.values import Plain
from offline.docker.configuration import Login, registry_of_image
from offline.docker.engine import DockerEngine
from offline.docker.image_stream import followed
from offline.docker.registry import Registry, url_of
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
        login = {"username": registry.login.username, "password": registry.login.password}
        with self.engine.api(doing) as api:
            messages = api.push(repository, tag or "latest", stream=True, decode=True, auth_config=login)
            followed(call, doing, messages)
        digest = registry.digest(name)
        return Made(digest, {"sha256Digest": digest})

    def read(self, call: Call, made: Made) -> Made | None:
        """Ask the registry where the tag leads now. One that does not answer counts as one without it."""
        try:
            digest = self._registry(dict(made.told)).digest(made.told["name"])
        except Refusal:
            return None
        return replace(made, told={"sha256Digest": digest})

    def update(self, call: Call, made: Made, state: Plain) -> Mapping[str, Any]:
        """Take note of the login, and of what to do with the image when it goes; ask where the tag leads."""
        seen = self.read(call, Made(made.id, state))
        if seen is None:
            raise Refusal(
                f"image {state['name']}: it did not exist in its registry while updating it. "
                "`pulumi up --refresh` pushes it again."
            )
        return seen.told

    def delete(self, call: Call, made: Made) -> None:
        """Delete the image from the registry, unless it is to be kept there."""
        state = dict(made.told)
        if not state.get("keepRemotely"):
            self._registry(state).delete(state["name"], state.get("sha256Digest", made.id))

    def _registry(self, state: Plain) -> Registry:
        """Return the registry as its own login names it, else as the provider's does."""
        name, given = state["name"], state.get("authConfig")
        if given:
            login = Login(given.get("username", ""), given.get("password", ""), given["address"])
        else:
            found = self.engine.configuration.logins.get(registry_of_image(name))
            if found is None:
                raise Refusal(
                    f"image {name}: no auth config found for registry {registry_of_image(name)}. Give it an "
                    "`auth_config` of that address, or the provider a `registry_auth`; a registry without "
                    "login takes any user."
                )
            login = found
        return Registry(url_of(login.address), login)
