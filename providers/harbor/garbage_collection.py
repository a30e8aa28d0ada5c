"""When a Harbor collects its garbage: what no artifact refers to any more."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from diff.shape import Shape, number, switch, text
from diff.values import Plain, Refusal
from providers.harbor.checking import cron_faults
from providers.harbor.kind import Call, Fault, Kind, Made, Seen, adopt

PATH = "/system/gc/schedule"
ID = "gc"
UNSET = ("", "None", None)
WORKERS = 10
"""As many as Harbor takes (src/server/v2.0/handler/gc.go); its pages offer 5."""


class GarbageCollection(Kind):
    """A Harbor has one schedule, which each writing replaces; one that is there is taken over."""

    token = "fate-harbor:index:GarbageCollection"
    shape: ClassVar[Shape] = {
        "cron": text(required=True).updatable(),
        "deleteUntagged": switch(False).updatable(),
        "workers": number(1).updatable(),
        **adopt(True),
    }

    @classmethod
    def faults(cls, inputs: Plain) -> Iterator[Fault]:
        """Yield schedules that are none."""
        yield from cron_faults("cron", inputs["cron"])
        if inputs["cron"] == "":
            yield "cron", "cron is empty: leave the resource out where no garbage is to be collected"
        workers = inputs["workers"]
        if isinstance(workers, int) and not 1 <= workers <= WORKERS:
            yield "workers", f"{workers} workers: Harbor has 1 to {WORKERS}"

    def create(self, call: Call, inputs: Plain) -> tuple[str, Mapping[str, Any]]:
        """Write the schedule."""
        seen = self.read(Made(ID, {}, {}))
        if seen is not None and not inputs["adopt"]:
            raise Refusal(f"garbage is collected at {seen.inputs['cron']!r} already: set `adopt` to true")
        self._write(inputs)
        return ID, {}

    def read(self, made: Made) -> Seen | None:
        """Look at the schedule. Of the same cron, Daily and Weekly are other names."""
        found = self.harbor.get(PATH) or {}
        schedule = found.get("schedule") or {}
        if schedule.get("type") in UNSET:
            return None
        parameters = json.loads(found.get("job_parameters") or "{}")
        inputs = {
            "cron": schedule.get("cron", ""),
            "deleteUntagged": parameters.get("delete_untagged", False),
            "workers": parameters.get("workers", 1),
        }
        return Seen(ID, inputs)

    def update(self, call: Call, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Write the schedule anew."""
        self._write(inputs)
        return {}

    def delete(self, call: Call, made: Made) -> None:
        """Let no garbage be collected any more."""
        self.harbor.change("PUT", PATH, {"schedule": {"type": "None"}})

    def _write(self, inputs: Plain) -> None:
        body = {
            "schedule": {"type": "Custom", "cron": inputs["cron"]},
            "parameters": {"delete_untagged": inputs["deleteUntagged"], "workers": inputs["workers"]},
        }
        self.harbor.change("PUT", PATH, body)
