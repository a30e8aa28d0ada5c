"""A replication of a Harbor: which images it takes from an upstream, under what name, and when."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from clients.harbor import Harbor
from diff.shape import Shape, number, records, switch, text
from diff.values import Plain, Refusal
from providers.harbor.checking import cron_faults, id_faults, one_of
from providers.harbor.kind import Call, Fault, Kind, Made, Seen, adopt, gone, listed, made_or_adopted

FILTERS = ("name", "tag", "resource")


class Replication(Kind):
    """Only of the kind that pulls. It runs when its time comes, or when `Replicated` says so.

    Harbor makes a project that is not there, private and nobody's own, and a later declaration of it fails;
    so a replication into a project that is not there is refused.
    """

    token = "fate-harbor:index:Replication"
    shape: ClassVar[Shape] = {
        "name": text(required=True).updatable(),
        "registryId": text(required=True).updatable(),
        "namespace": text(required=True).updatable(),
        "replaceCount": number(-1).updatable(),
        "filters": records(
            type=text(required=True), value=text(required=True), decoration=text("")
        ).updatable(),
        "cron": text("").updatable(),
        "description": text("").updatable(),
        "override": switch(True).updatable(),
        "enabled": switch(True).updatable(),
        "speed": number(-1).updatable(),
        "copyByChunk": switch(False).updatable(),
        "singleActive": switch(True).updatable(),
        **adopt(False),
    }
    name_key = "name"

    @classmethod
    def faults(cls, inputs: Plain) -> Iterator[Fault]:
        """Yield schedules and filters that Harbor refuses."""
        yield from id_faults("registryId", inputs["registryId"])
        yield from cron_faults("cron", inputs["cron"], replication=True)
        for where, each in listed(inputs, "filters"):
            yield from one_of(f"{where}.type", each["type"], FILTERS)
        namespace = inputs["namespace"]
        if isinstance(namespace, str) and not namespace.strip("/"):
            yield "namespace", "namespace is empty: name the project that the images go to, declared before"

    @classmethod
    def normal(cls, inputs: Plain) -> Plain:
        """Return inputs as Harbor tells them: no speed limit is 0 to it, written as -1 here."""
        return {"filters": [], **inputs, "speed": -1 if inputs["speed"] == 0 else inputs["speed"]}

    def create(self, call: Call, inputs: Plain) -> tuple[str, Mapping[str, Any]]:
        """Make the policy; it does not run for that."""
        needs_project(self.harbor, inputs["namespace"])
        id, adopted = made_or_adopted(
            lambda: self.harbor.create("/replication/policies", _policy(inputs)),
            lambda: self._there(inputs["name"]),
            inputs["adopt"],
        )
        if adopted:
            self.harbor.change("PUT", f"/replication/policies/{id}", _policy(inputs))
        return id, {}

    def read(self, made: Made) -> Seen | None:
        """Look at it. An import may say its name."""
        path = f"/replication/policies/{made.id}"
        found = self.harbor.find(path) if made.id.isdecimal() else self._named(made.id)
        return None if found is None else Seen(str(found["id"]), _declared(found))

    def update(self, call: Call, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Change it: all of it, since Harbor resets what is left out."""
        if self.harbor.find(f"/replication/policies/{made.id}") is None:
            raise gone(f"replication {inputs['name']}")
        needs_project(self.harbor, inputs["namespace"])
        self.harbor.change("PUT", f"/replication/policies/{made.id}", _policy(inputs))
        return {}

    def delete(self, call: Call, made: Made) -> None:
        """Take the policy away; the images that it brought stay."""
        self.harbor.delete(f"/replication/policies/{made.id}")

    def _named(self, name: str) -> Any:  # noqa: ANN401 -- Harbor's JSON
        return next((row for row in self.harbor.rows("/replication/policies") if row["name"] == name), None)

    def _there(self, name: str) -> tuple[int, str]:
        found = self._named(name)
        if found is None:
            raise Refusal(f"Harbor says that replication {name} exists, and does not list it")
        return int(found["id"]), f"replication {name} (id {found['id']})"


def needs_project(harbor: Harbor, namespace: str) -> None:
    """Refuse where the project is not there that a namespace begins with."""
    project = namespace.strip("/").partition("/")[0]
    if harbor.project(project) is None:
        raise Refusal(
            f"there is no project {project}, which the images would go to, and Harbor would make a private "
            "one that no stack owns: declare the project, and give the replication its `name` output"
        )


def _policy(inputs: Plain) -> dict[str, Any]:
    cron = inputs["cron"]
    scheduled = {"type": "scheduled", "trigger_settings": {"cron": cron}}
    return {
        "name": inputs["name"],
        "description": inputs["description"],
        "src_registry": {"id": int(inputs["registryId"])},
        "dest_namespace": inputs["namespace"],
        "dest_namespace_replace_count": inputs["replaceCount"],
        "trigger": scheduled if cron else {"type": "manual"},
        "filters": [{key: value for key, value in each.items() if value} for each in inputs["filters"]],
        "override": inputs["override"],
        "enabled": inputs["enabled"],
        "deletion": False,
        "speed": inputs["speed"],
        "copy_by_chunk": inputs["copyByChunk"],
        "single_active_replication": inputs["singleActive"],
    }


def _declared(found: Mapping[str, Any]) -> Plain:
    """Return the inputs of a policy as Harbor tells it: what is left out is its default."""
    trigger = found.get("trigger") or {}
    scheduled = trigger.get("type") == "scheduled"
    return {
        "name": found["name"],
        "registryId": str((found.get("src_registry") or {}).get("id", "")),
        "namespace": found.get("dest_namespace", ""),
        "replaceCount": found.get("dest_namespace_replace_count", 0),
        "filters": [
            {"type": each["type"], "value": each["value"], "decoration": each.get("decoration", "")}
            for each in found.get("filters") or []
        ],
        "cron": (trigger.get("trigger_settings") or {}).get("cron", "") if scheduled else "",
        "description": found.get("description", ""),
        "override": found.get("override", False),
        "enabled": found.get("enabled", False),
        "speed": found.get("speed") or -1,
        "copyByChunk": found.get("copy_by_chunk", False),
        "singleActive": found.get("single_active_replication", False),
    }
