"""`docker:index/volume:Volume`."""

from collections.abc import Mapping
from typing import Any

from offline.docker.engine import DockerEngine
from offline.docker.ownership import declared
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call, Made, ResourceType, Seen
from offline.protocol.shape import record, records, table, text
from offline.protocol.values import Plain


class Volume(ResourceType[DockerEngine]):
    """A volume of one engine. One of that name is taken with its content, and keeps the labels it has.

    Labels are no drift: Docker cannot change them, and to replace the volume would lose what is in it.
    """

    token = "docker:index/volume:Volume"
    named = True
    computed = ("mountpoint",)
    shape = record(
        name=text(),
        driver=text("local"),
        driverOpts=table(),
        labels=records("label", label=text(required=True), value=text(required=True)),
    ).fields

    def create(self, call: Call, inputs: Plain) -> Made:
        """Make the volume, or take the one of that name."""
        name = inputs["name"]
        with self.engine.api(f"volume {name}") as api:
            labels = declared(inputs.get("labels", []))
            made = api.create_volume(name, inputs["driver"], inputs.get("driverOpts"), labels)
        return Made(name, {"mountpoint": made["Mountpoint"]})

    def read(self, call: Call, made: Made, inputs: Plain) -> Seen | None:
        """Look whether the volume is there, with its driver."""
        from docker.errors import NotFound

        with self.engine.api(f"volume {made.id}") as api:
            try:
                seen = api.inspect_volume(made.id)
            except NotFound:
                return None
        drift = {"driver": seen["Driver"]} if seen["Driver"] != inputs.get("driver", "local") else {}
        return Seen({"mountpoint": seen["Mountpoint"]}, drift)

    def update(self, call: Call, made: Made, old: Plain, new: Plain) -> Mapping[str, Any]:
        """Never called: every change replaces."""
        raise Refusal(f"volume {old['name']} cannot change in place")

    def delete(self, call: Call, made: Made, inputs: Plain) -> None:
        """Remove the volume, and all that is in it."""
        from docker.errors import NotFound

        with self.engine.api(f"volume {made.id}") as api:
            try:
                api.remove_volume(made.id)
            except NotFound:
                return
