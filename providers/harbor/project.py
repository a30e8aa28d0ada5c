"""A project of a Harbor: a place for images, filled by pushes and replications or as an upstream's cache."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from clients.failures import Refused
from clients.harbor import repository_path
from diff.shape import Shape, number, switch, text
from diff.values import Plain, Refusal
from providers.harbor.checking import id_faults, name_faults
from providers.harbor.kind import Call, Fault, Kind, Made, Seen, adopt, gone, made_or_adopted

PRECONDITION = 412
SHOWN = 10
NO_LIMIT = -1
QUOTAS = "quota_per_project_enable"


class Project(Kind):
    """Harbor ignores a change of a project's name or registry without a word, so either makes it anew.

    Its deletion is refused while it holds images, whatever they are for.
    """

    token = "fate-harbor:index:Project"
    shape: ClassVar[Shape] = {
        "name": text(required=True),
        "public": switch(False).updatable(),
        "quota": number(-1).updatable(),
        "registryId": text(""),
        "proxySpeedKb": number(-1).updatable(),
        "maxUpstreamConnections": number(-1).updatable(),
        **adopt(False),
    }
    name_key = "name"

    @classmethod
    def faults(cls, inputs: Plain) -> Iterator[Fault]:
        """Yield names and quotas that Harbor refuses, and what it ignores in a project that is no cache."""
        yield from name_faults("name", inputs["name"])
        yield from id_faults("registryId", inputs["registryId"])
        quota = inputs["quota"]
        if isinstance(quota, int) and (quota == 0 or quota < -1):
            yield "quota", f"{quota} is no quota: write a number of bytes, or -1 for none"
        if not inputs["registryId"]:
            for key in ("proxySpeedKb", "maxUpstreamConnections"):
                if inputs[key] != -1:
                    yield (
                        key,
                        f"{key} is for a proxy cache, and Harbor ignores it without a registryId",
                    )

    def create(self, call: Call, inputs: Plain) -> tuple[str, Mapping[str, Any]]:
        """Make the project; one that is there is taken over with its images."""
        self._refuse_what_limits_nothing(inputs)
        registry = {"registry_id": int(inputs["registryId"])} if inputs["registryId"] else {}
        body = {
            "project_name": inputs["name"],
            "metadata": _metadata(inputs),
            "storage_limit": inputs["quota"],
            **registry,
        }
        id, adopted = made_or_adopted(
            lambda: self.harbor.create("/projects", body), lambda: self._there(inputs), inputs["adopt"]
        )
        if adopted:
            self._change(id, inputs)
        return id, {}

    def read(self, made: Made) -> Seen | None:
        """Look at it; its quota stands apart from it. An import may say its name."""
        found = self.harbor.find(f"/projects/{made.id}") if made.id.isdecimal() else None
        if found is None and not made.inputs:
            found = self.harbor.project(made.id)
        if found is None:
            return None
        metadata = found.get("metadata") or {}
        inputs = {
            "name": found["name"],
            "public": metadata.get("public") == "true",
            "quota": _limit(self._quota(found["project_id"])),
            "registryId": str(found.get("registry_id") or ""),
            "proxySpeedKb": int(metadata.get("proxy_speed_kb", -1)),
            "maxUpstreamConnections": int(metadata.get("max_upstream_conn", -1)),
        }
        return Seen(str(found["project_id"]), inputs)

    def update(self, call: Call, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Change what can change in place."""
        if self.harbor.find(f"/projects/{made.id}") is None:
            raise gone(f"project {inputs['name']}")
        self._change(made.id, inputs)
        return {}

    def delete(self, call: Call, made: Made) -> None:
        """Take an empty project away, with its robots and its retention."""
        name = made.state["name"]
        found = self.harbor.find(f"/projects/{made.id}")
        if found is None:
            return
        held = [row["name"] for row in self.harbor.rows(repository_path(name, "").rstrip("/"))]
        if held:
            raise _holds(name, held)
        self._refuse_what_breaks_core(name, found)
        try:
            self.harbor.delete(f"/projects/{made.id}")
        except Refused as refused:
            if refused.status != PRECONDITION:
                raise
            raise Refusal(f"project {name} is not deleted: {refused}") from None

    def _there(self, inputs: Plain) -> tuple[int, str]:
        found = self.harbor.project(inputs["name"])
        if found is None:
            raise Refusal(
                f"Harbor says that project {inputs['name']} exists, and does not show it to "
                f"{self.harbor.username}: let a system administrator ask"
            )
        registry = str(found.get("registry_id") or "")
        if registry != inputs["registryId"]:
            kind = f"a cache of registry {registry}" if registry else "no proxy cache"
            raise Refusal(
                f"project {inputs['name']} is there already and is {kind}, which Harbor never changes: "
                f"declare it with registryId {registry!r}, or under another name"
            )
        id, count = int(found["project_id"]), found.get("repo_count", 0)
        return id, f"project {inputs['name']} (id {id}, {count} repositories)"

    def _change(self, id: str, inputs: Plain) -> None:
        self.harbor.change("PUT", f"/projects/{id}", {"metadata": _metadata(inputs)})
        quota = self._quota(int(id))
        if _limit(quota) == inputs["quota"]:
            return
        if quota is None:
            raise Refusal(
                f"project {inputs['name']} was made while Harbor's setting {QUOTAS} was false, and has no "
                "quota that could be changed: make it anew with that setting true, or leave `quota` out"
            )
        self.harbor.change("PUT", f"/quotas/{quota['id']}", {"hard": {"storage": inputs["quota"]}})

    def _quota(self, id: int) -> Mapping[str, Any] | None:
        """Return a project's quota; None for one that was made while Harbor had none for any project."""
        rows = self.harbor.get("/quotas", query={"reference": "project", "reference_id": id})
        return next(iter(rows or ()), None)

    def _refuse_what_limits_nothing(self, inputs: Plain) -> None:
        """Refuse a quota that Harbor would leave out without a word."""
        if inputs["quota"] == NO_LIMIT or self.harbor.get("/configurations")[QUOTAS]["value"]:
            return
        raise Refusal(
            f"project {inputs['name']} would be made without its quota: Harbor's setting {QUOTAS} is false. "
            "Set it to true first, or leave `quota` out"
        )

    def _refuse_what_breaks_core(self, name: str, found: Mapping[str, Any]) -> None:
        """Refuse to delete a project on whose retention Harbor's core would crash, for all its users."""
        id = (found.get("metadata") or {}).get("retention_id")
        if not id:
            return
        try:
            settings = self.harbor.get(f"/retentions/{id}")["trigger"].get("settings") or {}
        except Refused:
            return
        if "cron" not in settings:
            raise Refusal(
                f"project {name} is not deleted: retention {id} in it has no `cron` among its trigger's "
                "settings, and Harbor's core crashes when such a project is deleted; something else than "
                "this plugin wrote it. Delete the row from `retention_policy` in Harbor's database first"
            )


def _limit(quota: Mapping[str, Any] | None) -> int:
    return int(quota["hard"]["storage"]) if quota else NO_LIMIT


def _metadata(inputs: Plain) -> dict[str, str]:
    """Return what Harbor keeps of a project as text. It ignores the limits of a cache in any other."""
    public = {"public": str(inputs["public"]).lower()}
    if not inputs["registryId"]:
        return public
    return {
        **public,
        "proxy_speed_kb": str(inputs["proxySpeedKb"]),
        "max_upstream_conn": str(inputs["maxUpstreamConnections"]),
    }


def _holds(name: str, held: list[str]) -> Refusal:
    more = f" and {len(held) - SHOWN} more" if len(held) > SHOWN else ""
    return Refusal(
        f"project {name} holds images and is not deleted: {', '.join(held[:SHOWN])}{more}. Delete these "
        "repositories in Harbor first if nobody needs them; or leave the project as it is, and let the stack "
        "forget it: `pulumi state delete` with its URN, or `retain_on_delete` among its options"
    )
