"""`docker:index/container:Container`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from diff.comparison import same
from diff.docker.container_shape import APPLIED, nanoseconds
from diff.docker.rules import TIMES, ContainerRules
from diff.values import Plain
from offline.docker import uploads, waiting
from offline.docker.container_seen import looked_at_again, seen
from offline.docker.container_spec import BRIDGE, endpoint, limits, specification
from offline.docker.engine import DockerEngine, accepted, create
from offline.protocol.failures import Half, Refusal
from offline.protocol.resource import Call, Made, ResourceType

if TYPE_CHECKING:
    from docker.api.client import APIClient

LOG_LINES = 20
RESTARTS = ("no", "on-failure", "always", "unless-stopped")


class Container(ContainerRules, ResourceType[DockerEngine]):
    """A container of one engine. Limits change in place, most else replaces it, some is told and dropped."""

    def faults(self, inputs: Plain) -> list[tuple[str, str]]:
        """Refuse times, paths, permissions and GPUs of another form."""
        check, files = inputs.get("healthcheck", {}), inputs.get("uploads", [])
        found = uploads.faults(files) if isinstance(files, list) else []
        found += _mount_faults(inputs.get("volumes"))
        restart, gpus = inputs.get("restart", "no"), inputs.get("gpus", "all")
        if isinstance(restart, str) and restart not in RESTARTS:
            found.append(("restart", f"{restart!r} is none of {', '.join(RESTARTS)}"))
        if isinstance(gpus, str) and gpus != "all":
            found.append(("gpus", f"{gpus!r} is not all, the only value that this plugin knows"))
        return found + (_time_faults(check) if isinstance(check, dict) else [])

    def create(self, call: Call, state: Plain) -> Made:
        """Create, connect, fill, start the container and wait for it as declared."""
        name = state["name"]
        with self.engine.api(f"container {name}") as api:
            container = self._created(api, state)
        try:
            outputs = self._started(call, container, state)
        except Refusal as failure:
            message = f"{failure}{self._last_words(container)}"
            raise Half(message, container, {}) from failure
        return Made(container, outputs)

    def read(self, call: Call, made: Made) -> Made | None:
        """Look at the container: whether it runs, its ports and limits."""
        inspected = self._inspected(made.id)
        if inspected is None:
            return None
        return replace(
            made, outputs={**looked_at_again(dict(made.outputs)), **seen(inspected, dict(made.outputs))}
        )

    def update(self, call: Call, made: Made, state: Plain) -> Mapping[str, Any]:
        """Start a container that must run again, and change its limits. All else is only taken note of."""
        name = state["name"]
        if not made.outputs.get("mustRun") and state["mustRun"] and state["start"]:
            with self.engine.api(f"container {name}") as api:
                api.start(made.id)
        if any(not same(self.shape[limit], made.outputs.get(limit), state.get(limit)) for limit in APPLIED):
            with self.engine.api(f"container {name}: Unable to update a container") as api:
                url = f"{api.base_url}/v{api.api_version}/containers/{made.id}/update"
                accepted(api.post(url, json=limits(state), timeout=api.timeout))
        return {}

    def delete(self, call: Call, made: Made) -> None:
        """Remove the container; it is given time to end only where `destroyGraceSeconds` says so."""
        from docker.errors import NotFound

        state = made.outputs
        grace = 0 if state.get("attach") else state.get("destroyGraceSeconds", 0)
        with self.engine.api(f"container {state['name']}") as api:
            try:
                if grace:
                    api.stop(made.id, timeout=grace)
                api.remove_container(made.id, v=state.get("removeVolumes", True), force=True)
            except NotFound:
                return

    def _created(self, api: "APIClient", state: Plain) -> str:
        from docker.errors import ImageNotFound

        if "" in state.get("command", []):
            raise Refusal(f"container {state['name']}: values for command may not be empty")
        try:
            return create(api, specification(state), state["name"])
        except ImageNotFound:
            raise Refusal(
                f"container {state['name']}: unable to pull image {state['image']}: it is not there. "
                "Take the `image_id` of a RemoteImage, which pulls or builds it."
            ) from None

    def _started(self, call: Call, container: str, state: Plain) -> dict[str, Any]:
        """Bring a created container to where its state wants it, and return what the engine tells then."""
        name = state["name"]
        with self.engine.api(f"container {name}") as api:
            _connect(api, container, state)
            uploads.check(state.get("uploads", []))
            if state.get("uploads"):
                api.put_archive(container, "/", uploads.archive(state["uploads"]))
            if state["start"]:
                api.start(container)
        if state["start"] and state["wait"]:
            waiting.until_healthy(call, name, state["waitTimeout"], lambda: self._present(container, name))
        log = {}
        if state["attach"]:
            waiting.until_done(call, name, lambda: self._present(container, name))
            log = {"containerLogs": self._log(container)} if state["logs"] else {}
        return {**seen(self._present(container, name), state), **log}

    def _present(self, container: str, name: str) -> Mapping[str, Any]:
        inspected = self._inspected(container)
        if inspected is None:
            raise Refusal(f"container {name} was removed while it was being made")
        return inspected

    def _inspected(self, container: str) -> dict[str, Any] | None:
        from docker.errors import NotFound

        with self.engine.api(f"container {container[:12]}") as api:
            try:
                found: dict[str, Any] = api.inspect_container(container)
            except NotFound:
                return None
        return found

    def _last_words(self, container: str) -> str:
        """Return the end of the container's log, for a message; nothing where there is none."""
        try:
            lines = self._log(container, LOG_LINES).strip()
        except Refusal:
            return ""
        return f"\nIts log ends with:\n{lines}" if lines else "\nIts log is empty."

    def _log(self, container: str, lines: int = -1) -> str:
        with self.engine.api(f"log of container {container[:12]}") as api:
            found: bytes = api.logs(container, tail="all" if lines < 0 else lines)
            return found.decode(errors="replace")


def _time_faults(check: Plain) -> list[tuple[str, str]]:
    found = []
    for name in TIMES:
        value = check.get(name)
        try:
            nanoseconds(value if isinstance(value, str) else "0s")
        except Refusal as refusal:
            found.append((f"healthcheck.{name}", str(refusal)))
    return found


def _mount_faults(volumes: object) -> list[tuple[str, str]]:
    found = []
    for index, volume in enumerate(volumes if isinstance(volumes, list) else ()):
        path, relabel = volume.get("hostPath", "/"), volume.get("selinuxRelabel", "z")
        if isinstance(path, str) and not path.startswith("/"):
            found.append((f"volumes[{index}].hostPath", f"{path!r} must be an absolute path"))
        if isinstance(relabel, str) and relabel not in ("z", "Z"):
            reason = f"{relabel!r} doesn't match the pattern '^(z|Z)$'"
            found.append((f"volumes[{index}].selinuxRelabel", reason))
    return found


def _connect(api: "APIClient", container: str, state: Plain) -> None:
    """Take the container out of the bridge and into its declared networks."""
    networks = state.get("networksAdvanced", [])
    if networks and state["networkMode"] == BRIDGE:
        api.disconnect_container_from_network(container, BRIDGE)
    for network in networks:
        url = f"{api.base_url}/v{api.api_version}/networks/{network['name']}/connect"
        body = {"Container": container, "EndpointConfig": endpoint(network)}
        accepted(api.post(url, json=body, timeout=api.timeout))
