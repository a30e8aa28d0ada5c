"""`docker:index/remoteImage:RemoteImage`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offline.docker.configuration import registry_of_image
from offline.docker.engine import DockerEngine
from offline.docker.image_stream import followed
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call, Made, ResourceType, Seen
from offline.protocol.shape import record, records, switch, table, text, text_set, texts
from offline.protocol.values import Plain

if TYPE_CHECKING:
    from images.buildkit import Build

BUILD = record(
    context=text(required=True),
    dockerfile=text(),
    buildArgs=table(),
    label=table(),
    labels=table(),
    noCache=switch(),
    target=text(),
    networkMode=text(),
    pullParent=switch(),
    extraHosts=text_set(),
    remove=switch(),
    forceRemove=switch(),
    secrets=records("id", id=text(required=True), src=text(required=True)),
)


class RemoteImage(ResourceType[DockerEngine]):
    """An image on the engine: built there, pulled, or there already.

    Builds with the engine's BuildKit, as the official plugin does. An image that is there is not
    pulled again, except where `pullTriggers` are given.
    """

    token = "docker:index/remoteImage:RemoteImage"
    computed = ("imageId", "repoDigest")
    shape = record(
        name=text(required=True),
        build=BUILD,
        triggers=table(),
        pullTriggers=texts(),
        platform=text(),
        keepLocally=switch().updatable(),
        forceRemove=switch().updatable(),
    ).fields

    def create(self, call: Call, inputs: Plain) -> Made:
        """Build or pull the image."""
        name = inputs["name"]
        if "build" in inputs:
            self._build(call, inputs)
        elif "pullTriggers" in inputs or self._inspected(name) is None:
            self._pull(call, inputs)
        seen = self._inspected(name)
        if seen is None:
            raise Refusal(f"image {name}: the engine made it, but does not have it under that name")
        return Made(f"{seen['Id']}{name}", _computed(seen))

    def read(self, call: Call, made: Made, inputs: Plain) -> Seen | None:
        """Look whether the engine has an image of that name, and which."""
        seen = self._inspected(inputs["name"])
        return Seen(_computed(seen), {}) if seen else None

    def update(self, call: Call, made: Made, old: Plain, new: Plain) -> Mapping[str, Any]:
        """Take note of what to do with the image when it goes."""
        return {name: made.computed[name] for name in self.computed if name in made.computed}

    def delete(self, call: Call, made: Made, inputs: Plain) -> None:
        """Remove the image, unless it is to be kept, or another has taken its name."""
        from docker.errors import APIError, NotFound

        name = inputs["name"]
        seen = None if inputs.get("keepLocally") else self._inspected(name)
        if seen is None or seen["Id"] != made.computed.get("imageId"):
            return
        with self.engine.api(f"image {name}") as api:
            try:
                api.remove_image(name, force=inputs.get("forceRemove", False))
            except NotFound:
                return
            except APIError as failure:
                if failure.status_code != 409:
                    raise
                raise Refusal(
                    f"image {name}: a container still uses it ({failure.explanation}). "
                    "Set `keep_locally=True`, or remove that container."
                ) from failure

    def _inspected(self, name: str) -> dict[str, Any] | None:
        from docker.errors import NotFound

        with self.engine.api(f"image {name}") as api:
            try:
                found: dict[str, Any] = api.inspect_image(name)  # type: ignore[no-untyped-call] # stub
            except NotFound:
                return None
        return found

    def _pull(self, call: Call, inputs: Plain) -> None:
        name = inputs["name"]
        doing = f"image {name}: pulling it from {registry_of_image(name)}"
        call.progress(f"pulling {name}")
        with self.engine.api(doing) as api:
            messages = api.pull(
                name,
                stream=True,
                decode=True,
                platform=inputs.get("platform"),
                auth_config=self.engine.login(name),
            )
            followed(call, doing, messages)

    def _build(self, call: Call, inputs: Plain) -> None:
        from images import buildkit

        name, build = inputs["name"], inputs["build"]
        doing = f"image {name}: building it from {build['context']}"
        with self.engine.api(doing) as api:
            try:
                followed(call, doing, buildkit.run(api, _build(inputs)))
            except OSError as failure:
                raise Refusal(f"{doing}: its context or a secret cannot be read: {failure}") from failure


def _build(inputs: Plain) -> "Build":
    from images.buildkit import Build

    build = inputs["build"]
    options = {
        "nocache": "1" if build.get("noCache") else "",
        "pull": "1" if build.get("pullParent") else "",
        "target": build.get("target", ""),
        "networkmode": build.get("networkMode", ""),
        "extrahosts": json.dumps(build.get("extraHosts", [])),
        "platform": inputs.get("platform", ""),
    }
    return Build(
        Path(build["context"]),
        inputs["name"],
        build.get("dockerfile", "Dockerfile"),
        arguments=build.get("buildArgs", {}),
        labels={**build.get("label", {}), **build.get("labels", {})},
        secrets={secret["id"]: Path(secret["src"]) for secret in build.get("secrets", [])},
        options={name: value for name, value in options.items() if value},
    )


def _computed(seen: Mapping[str, Any]) -> dict[str, Any]:
    digests = seen.get("RepoDigests") or []
    return {"imageId": seen["Id"], "repoDigest": digests[0] if digests else ""}
