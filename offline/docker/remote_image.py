"""`docker:index/remoteImage:RemoteImage`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diff.docker.rules import RemoteImageRules
from diff.state import empty
from diff.values import DEFAULTS, Plain
from offline.docker.configuration import registry_of_image
from offline.docker.engine import DockerEngine
from offline.docker.explained import followed
from offline.protocol.check import unsupported
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call, Made, ResourceType

if TYPE_CHECKING:
    from images.buildkit import Build

BUILT_WITH = frozenset(
    {
        "buildArgs",
        "context",
        "dockerfile",
        "forceRemove",
        "label",
        "labels",
        "networkMode",
        "noCache",
        "pullParent",
        "remove",
        "secrets",
        "target",
    }
)
"""What of a build is done here; all else is only known to be empty in the state."""


class RemoteImage(RemoteImageRules, ResourceType[DockerEngine]):
    """An image on the engine: built there by its BuildKit, pulled, or there already.

    One that is there is not pulled again.
    """

    def faults(self, inputs: Plain) -> list[tuple[str, str]]:
        """Refuse options of a build that would be ignored."""
        build = inputs.get("build")
        given = build if isinstance(build, dict) else {}
        secrets = given.get("secrets", [])
        from_environment = [
            (f"build.secrets[{index}].env", unsupported(f"property build.secrets.env of {self.token}"))
            for index, secret in enumerate(secrets if isinstance(secrets, list) else ())
            if secret.get("env")
        ]
        return from_environment + [
            (f"build.{name}", unsupported(f"property build.{name} of {self.token}"))
            for name, value in given.items()
            if name not in BUILT_WITH and name != DEFAULTS and not empty(value)
        ]

    def create(self, call: Call, state: Plain) -> Made:
        """Build the image, or pull it where it is not there."""
        name = state["name"]
        if "build" in state:
            self._build(call, state)
        elif self._inspected(name) is None:
            self._pull(call, state)
        return self._found(name)

    def read(self, call: Call, made: Made) -> Made | None:
        """Look whether the engine has an image of that name, and which."""
        name = made.outputs["name"]
        return self._found(name) if self._inspected(name) else None

    def update(self, call: Call, made: Made, state: Plain) -> Mapping[str, Any]:
        """Take note of what to do with the image when it goes, and look which it is now."""
        if self._inspected(state["name"]) is None:
            self._pull(call, state)
        return self._found(state["name"]).outputs

    def delete(self, call: Call, made: Made) -> None:
        """Remove the name of the image, and the image with its last one, unless it is to be kept."""
        from docker.errors import NotFound

        name = made.outputs["name"]
        if made.outputs.get("keepLocally"):
            return
        with self.engine.api(f"image {name}: Unable to remove Docker image") as api:
            try:
                api.remove_image(name, force=made.outputs.get("forceRemove", False))
            except NotFound:
                return

    def _found(self, name: str) -> Made:
        seen = self._inspected(name)
        if seen is None:
            raise Refusal(f"image {name}: the engine made it, but does not have it under that name")
        return Made(f"{seen['Id']}{name}", {"imageId": seen["Id"], "repoDigest": _repo_digest(name, seen)})

    def _inspected(self, name: str) -> dict[str, Any] | None:
        from docker.errors import NotFound

        with self.engine.api(f"image {name}") as api:
            try:
                found: dict[str, Any] = api.inspect_image(name)  # type: ignore[no-untyped-call] # stub
            except NotFound:
                return None
        return found

    def _pull(self, call: Call, state: Plain) -> None:
        name = state["name"]
        doing = f"image {name}: pulling it from {registry_of_image(name)}"
        call.progress(f"pulling {name}")
        with self.engine.api(doing) as api:
            messages = api.pull(
                name,
                stream=True,
                decode=True,
                platform=state.get("platform"),
                auth_config=self.engine.login(name),
            )
            followed(call, doing, messages)

    def _build(self, call: Call, state: Plain) -> None:
        from images import buildkit

        name, build = state["name"], state["build"]
        doing = f"image {name}: building it from {build['context']}"
        if not Path(build["context"], build["dockerfile"]).is_file():
            raise Refusal(f"{doing}: dockerfile not found at path: {build['context']}/{build['dockerfile']}")
        with self.engine.api(doing) as api:
            try:
                followed(call, doing, buildkit.run(api, _build(state)))
            except (FileNotFoundError, IsADirectoryError, PermissionError) as failure:
                raise Refusal(f"{doing}: its context or a secret cannot be read: {failure}") from failure


def _build(state: Plain) -> "Build":
    from images.buildkit import Build

    build = state["build"]
    options = {
        "nocache": "1" if build.get("noCache") else "",
        "pull": "1" if build.get("pullParent") else "",
        "target": build.get("target", ""),
        "networkmode": build.get("networkMode", ""),
        "platform": state.get("platform", ""),
    }
    return Build(
        Path(build["context"]),
        state["name"],
        build["dockerfile"],
        arguments=build.get("buildArgs", {}),
        labels={**build.get("label", {}), **build.get("labels", {})},
        secrets={secret["id"]: Path(secret["src"]) for secret in build.get("secrets", [])},
        options={name: value for name, value in options.items() if value},
    )


def _repo_digest(name: str, seen: Mapping[str, Any]) -> str:
    """Return the digest under which the registry of that name has the image, else any."""
    digests: list[str] = seen.get("RepoDigests") or []
    repository = name.partition("@")[0].rpartition(":")[0] or name
    return next((digest for digest in digests if digest.startswith(f"{repository}@")), "".join(digests[:1]))
