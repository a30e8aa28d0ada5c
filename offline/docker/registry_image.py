"""`docker:index/registryImage:RegistryImage`."""

from collections.abc import Mapping
from typing import Any

from offline.docker import registry
from offline.docker.configuration import registry_of, registry_of_image
from offline.docker.engine import DockerEngine
from offline.docker.image_stream import followed
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call, Made, ResourceType, Seen
from offline.protocol.shape import record, switch, table, text
from offline.protocol.values import Plain


class RegistryImage(ResourceType[DockerEngine]):
    """An image of the engine, pushed to a registry. It builds none: that is RemoteImage's."""

    token = "docker:index/registryImage:RegistryImage"
    computed = ("sha256Digest",)
    shape = record(
        name=text(required=True),
        triggers=table(),
        authConfig=record(address=text(required=True), username=text(), password=text()).updatable(),
        keepRemotely=switch().updatable(),
        insecureSkipVerify=switch().updatable(),
    ).fields

    def create(self, call: Call, inputs: Plain) -> Made:
        """Push the image."""
        from docker.utils import parse_repository_tag

        name = inputs["name"]
        doing = f"image {name}: pushing it to {registry_of_image(name)}"
        repository, tag = parse_repository_tag(name)
        call.progress(f"pushing {name}")
        with self.engine.api(doing) as api:
            login = self._login(inputs)
            messages = api.push(repository, tag or "latest", stream=True, decode=True, auth_config=login)
            digest = followed(call, doing, messages).get("Digest")
        if not digest:
            raise Refusal(
                f"{doing}: the engine told no digest; is the image there? `docker image ls` shows it"
            )
        return Made(digest, {"sha256Digest": digest})

    def read(self, call: Call, made: Made, inputs: Plain) -> Seen | None:
        """Ask the registry, through the engine, whether the tag still leads to what was pushed.

        A registry that does not answer proves nothing: the state stays, with a warning.
        """
        from docker.errors import APIError

        name, pushed = inputs["name"], made.computed.get("sha256Digest", made.id)
        with self.engine.api(f"image {name}") as api:
            try:
                found = api.inspect_distribution(name, self._login(inputs))  # type: ignore[no-untyped-call] # stub
            except APIError as failure:
                if registry.missing(str(failure.explanation)):
                    return None
                call.warn(f"image {name}: its registry cannot be asked: {failure.explanation}")
                return Seen({"sha256Digest": pushed}, {})
        same = found["Descriptor"]["digest"] == pushed
        return Seen({"sha256Digest": pushed}, {}) if same else None

    def update(self, call: Call, made: Made, old: Plain, new: Plain) -> Mapping[str, Any]:
        """Take note of the login, and of what to do with the image when it goes."""
        return {"sha256Digest": made.computed.get("sha256Digest", made.id)}

    def delete(self, call: Call, made: Made, inputs: Plain) -> None:
        """Delete the image from the registry, unless it is to be kept there."""
        if not inputs.get("keepRemotely"):
            digest = made.computed.get("sha256Digest", made.id)
            registry.delete(inputs["name"], digest, self._login(inputs))

    def _login(self, inputs: Plain) -> dict[str, str]:
        """Return the login of the image's registry: its own, else the provider's."""
        name, given = inputs["name"], inputs.get("authConfig")
        address = registry_of_image(name)
        if given and registry_of(given["address"]) == address:
            return {"username": given.get("username", ""), "password": given.get("password", "")}
        login = self.engine.login(name)
        if login is None:
            raise Refusal(
                f"image {name}: no auth config found for registry {address}. Give it an `auth_config` of "
                "that address, or the provider a `registry_auth`; a registry without login takes any user."
            )
        return login
