"""`docker:index/volume:Volume`."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from diff.docker.rules import VolumeRules
from diff.state import ordered
from diff.values import Plain
from offline.docker.engine import DockerEngine, as_map, as_pairs
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call, Made, ResourceType

LEAVING = 30.0
POLL = 0.5
IN_USE = 409


class Volume(VolumeRules, ResourceType[DockerEngine]):
    """A volume of one engine. Every change replaces it; one of that name is taken with its content."""

    def create(self, call: Call, state: Plain) -> Made:
        """Make the volume, or take the one of that name. Its labels are only looked at later."""
        name = state["name"]
        with self.engine.api(f"volume {name}: Unable to create volume") as api:
            labels = as_map(state.get("labels", []))
            made = api.create_volume(name, state.get("driver"), state.get("driverOpts"), labels)
        return Made(name, {"driver": made["Driver"], "mountpoint": made["Mountpoint"]})

    def read(self, call: Call, made: Made) -> Made | None:
        """Look at the volume: its driver and its labels."""
        from docker.errors import NotFound

        with self.engine.api(f"volume {made.id}") as api:
            try:
                found = api.inspect_volume(made.id)
            except NotFound:
                return None
        labels = ordered(self.shape["labels"], as_pairs(found["Labels"]))
        outputs = {"driver": found["Driver"], "mountpoint": found["Mountpoint"], "labels": labels}
        return replace(made, outputs={**outputs, "driverOpts": found["Options"] or {}})

    def update(self, call: Call, made: Made, state: Plain) -> Mapping[str, Any]:
        """Never called: every change replaces."""
        raise Refusal(f"volume {state['name']} cannot change in place")

    def delete(self, call: Call, made: Made) -> None:
        """Remove the volume, and all that is in it, once nothing uses it."""
        deadline = time.monotonic() + LEAVING
        while not self._removed(made.id):
            if time.monotonic() > deadline or call.cancelled.wait(POLL):
                raise Refusal(
                    f"volume {made.id}: timeout while waiting for state to become 'removed' (last state: "
                    f"'in_use'). `docker ps -a --filter volume={made.id}` shows who uses it."
                )

    def _removed(self, volume: str) -> bool:
        from docker.errors import APIError, NotFound

        with self.engine.api(f"volume {volume}") as api:
            try:
                api.remove_volume(volume, force=True)
            except NotFound:
                return True
            except APIError as failure:
                if failure.status_code != IN_USE:
                    raise
                return False
        return True
