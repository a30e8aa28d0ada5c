"""`docker:index/container:Container`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from offline.docker import uploads, waiting
from offline.docker.container_drift import computed, drift
from offline.docker.container_shape import LIMITS, SHAPE
from offline.docker.container_spec import OWN_NETWORK, limits, specification
from offline.docker.engine import DockerEngine, accepted, create
from offline.docker.ownership import owned
from offline.protocol.failures import Half, Refusal
from offline.protocol.resource import Call, Made, ResourceType, Seen
from offline.protocol.values import Plain

if TYPE_CHECKING:
    from docker.api.client import APIClient

LOG_LINES = 20


class Container(ResourceType[DockerEngine]):
    """A container of one engine. Limits change in place, all else replaces it."""

    token = "docker:index/container:Container"
    named = True
    computed = ("bridge", "containerLogs", "exitCode", "hostname", "networkDatas")
    shape = SHAPE

    def replaces(self, name: str, old: Plain, new: Plain) -> bool:
        """Replace what cannot change in place: a limit that goes away, a stopped container that must run."""
        if name == "mustRun":
            return bool(new.get("mustRun"))
        return not self.shape[name].in_place or (
            name in LIMITS and name != "maxRetryCount" and name not in new
        )

    def faults(self, inputs: Plain) -> list[tuple[str, str]]:
        """Refuse uploads without a content."""
        given = inputs.get("uploads", [])
        return uploads.faults(given) if isinstance(given, list) else []

    def create(self, call: Call, inputs: Plain) -> Made:
        """Create, connect, fill, start the container and wait for it as declared."""
        name = inputs["name"]
        with self.engine.api(f"container {name}") as api:
            container = self._created(api, call, inputs)
        try:
            seen = self._started(call, container, inputs)
        except Refusal as failure:
            message = f"{failure}{self._last_words(container)}"
            raise Half(message, container, {}) from failure
        return Made(container, self._computed(container, inputs, seen))

    def read(self, call: Call, made: Made, inputs: Plain) -> Seen | None:
        """Look at the container: whether it runs, its networks, ports, labels and limits."""
        seen = self._inspected(made.id)
        if seen is None:
            return None
        health = seen["State"].get("Health") or {"Status": "healthy"}
        works = seen["State"]["Running"] and health["Status"] == "healthy"
        return Seen(self._computed(made.id, inputs, seen), drift(seen, inputs), works)

    def update(self, call: Call, made: Made, old: Plain, new: Plain) -> Mapping[str, Any]:
        """Change the limits of the container while it runs."""
        name = new["name"]
        if any(old.get(limit) != new.get(limit) for limit in LIMITS):
            with self.engine.api(f"container {name}") as api:
                url = f"{api.base_url}/v{api.api_version}/containers/{made.id}/update"
                accepted(api.post(url, json=limits(new), timeout=api.timeout))
        seen = self._inspected(made.id)
        if seen is None:
            raise Refusal(f"container {name} is gone. `pulumi up --refresh` makes it again.")
        return self._computed(made.id, new, seen)

    def delete(self, call: Call, made: Made, inputs: Plain) -> None:
        """Remove the container; it is given time to end only where `destroyGraceSeconds` says so."""
        from docker.errors import NotFound

        grace = inputs.get("destroyGraceSeconds")
        with self.engine.api(f"container {inputs['name']}") as api:
            try:
                if grace:
                    api.stop(made.id, timeout=grace)
                api.remove_container(made.id, v=inputs.get("removeVolumes", True), force=True)
            except NotFound:
                return

    def _created(self, api: "APIClient", call: Call, inputs: Plain) -> str:
        """Create the container; one of that name that an interrupted run left makes way."""
        from docker.errors import APIError, ImageNotFound

        name, body = inputs["name"], specification(inputs, call.urn)
        try:
            return create(api, body, name)
        except ImageNotFound:
            raise Refusal(
                f"container {name}: the engine has no image {inputs['image']}. "
                "Take the `image_id` of a RemoteImage, which pulls or builds it."
            ) from None
        except APIError as failure:
            if failure.status_code != 409 or "is already in use by container" not in str(failure.explanation):
                raise
        self._make_way(api, call, name)
        return create(api, body, name)

    @staticmethod
    def _make_way(api: "APIClient", call: Call, name: str) -> None:
        left = api.inspect_container(name)
        if not owned(left["Config"]["Labels"], call.urn):
            raise Refusal(
                f"container {name}: a container of that name exists and is not this stack's. "
                f"Remove it (`docker rm -f {left['Id'][:12]}`), or give the stack another name."
            )
        call.warn(f"container {name}: taking away what an interrupted run left")
        api.remove_container(left["Id"], force=True)

    def _started(self, call: Call, container: str, inputs: Plain) -> Mapping[str, Any]:
        """Bring a created container to where its inputs want it, and return it as it is then."""
        name = inputs["name"]
        with self.engine.api(f"container {name}") as api:
            for network in _further_networks(inputs):
                api.connect_container_to_network(
                    container,
                    network["name"],
                    aliases=network.get("aliases"),
                    ipv4_address=network.get("ipv4Address"),
                    ipv6_address=network.get("ipv6Address"),
                )
            if inputs.get("uploads"):
                api.put_archive(container, "/", uploads.archive(inputs["uploads"]))
            if inputs["start"]:
                api.start(container)
                return self._awaited(call, container, inputs)
        return self._present(container, name)

    def _awaited(self, call: Call, container: str, inputs: Plain) -> Mapping[str, Any]:
        name = inputs["name"]
        if inputs["attach"]:
            return waiting.until_done(call, name, lambda: self._present(container, name))
        if inputs["wait"]:
            limit = inputs["waitTimeout"]
            return waiting.until_healthy(call, name, limit, lambda: self._present(container, name))
        seen = self._present(container, name)
        if inputs["mustRun"] and not seen["State"]["Running"]:
            raise Refusal(f"container {name} ended at once, with exit code {seen['State']['ExitCode']}")
        return seen

    def _present(self, container: str, name: str) -> Mapping[str, Any]:
        seen = self._inspected(container)
        if seen is None:
            raise Refusal(f"container {name} was removed while it was being made")
        return seen

    def _inspected(self, container: str) -> dict[str, Any] | None:
        from docker.errors import NotFound

        with self.engine.api(f"container {container[:12]}") as api:
            try:
                found: dict[str, Any] = api.inspect_container(container)
            except NotFound:
                return None
        return found

    def _computed(self, container: str, inputs: Plain, seen: Mapping[str, Any]) -> dict[str, Any]:
        found = computed(seen)
        if inputs.get("attach") and inputs.get("logs"):
            found["containerLogs"] = self._log(container)
        return {name: value for name, value in found.items() if name not in inputs}

    def _last_words(self, container: str) -> str:
        """Return the end of the container's log, for a message; nothing where there is none."""
        try:
            lines = self._log(container, LOG_LINES).strip()
        except Refusal:
            return ""
        return f"\nIts log ends with:\n{lines}" if lines else "\nIts log is empty."

    def _log(self, container: str, lines: int | Literal["all"] = "all") -> str:
        with self.engine.api(f"log of container {container[:12]}") as api:
            found: bytes = api.logs(container, tail=lines)
            return found.decode(errors="replace")


def _further_networks(inputs: Plain) -> list[Plain]:
    networks: list[Plain] = inputs.get("networksAdvanced", [])
    return networks[1:] if inputs.get("networkMode") in OWN_NETWORK else networks
