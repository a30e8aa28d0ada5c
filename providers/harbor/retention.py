"""The retention of a project of a Harbor: which artifacts stay when the others are taken away."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from clients.failures import Refused
from diff.shape import Shape, number, records, switch, text
from diff.values import Plain, Refusal
from providers.harbor.checking import cron_faults, one_of
from providers.harbor.kind import Call, Fault, Kind, Made, Seen, adopt, gone, listed

ALWAYS = "always"
TEMPLATES = ("latestPushedK", "latestPulledN", "nDaysSinceLastPush", "nDaysSinceLastPull", ALWAYS)
TAGS, REPOSITORIES = ("matches", "excludes"), ("repoMatches", "repoExcludes")
BROKEN = 500


class Retention(Kind):
    """A project has one at most. Harbor makes one itself for a proxy cache: what is there is taken over.

    The schedule is always told to Harbor, "" for none: its core crashes on a retention that has none.
    """

    token = "fate-harbor:index:Retention"
    shape: ClassVar[Shape] = {
        "project": text(required=True),
        "cron": text("").updatable(),
        "rules": records(
            template=text(required=True),
            count=number(0),
            repositories=text("**"),
            tags=text("**"),
            tagsAre=text(TAGS[0]),
            repositoriesAre=text(REPOSITORIES[0]),
            untagged=switch(True),
            disabled=switch(False),
        ).updatable(),
        **adopt(True),
    }
    name_key = "project"

    @classmethod
    def faults(cls, inputs: Plain) -> Iterator[Fault]:
        """Yield rules that Harbor would take without a word, though they mean nothing to it."""
        yield from cron_faults("cron", inputs["cron"])
        if inputs.get("rules", []) == []:
            yield "rules", "rules are missing: without one Harbor would keep nothing"
        for where, rule in listed(inputs, "rules"):
            yield from one_of(f"{where}.template", rule["template"], TEMPLATES)
            yield from one_of(f"{where}.tagsAre", rule["tagsAre"], TAGS)
            yield from one_of(f"{where}.repositoriesAre", rule["repositoriesAre"], REPOSITORIES)
            if rule["template"] != ALWAYS and isinstance(rule["count"], int) and rule["count"] < 1:
                yield (
                    f"{where}.count",
                    f"{where}.count is {rule['count']}: {rule['template']} needs 1 or more",
                )

    def create(self, call: Call, inputs: Plain) -> tuple[str, Mapping[str, Any]]:
        """Make it, or take over the one that the project has."""
        project = self._project(inputs["project"])
        id = (project.get("metadata") or {}).get("retention_id")
        if id and self._found(id) is not None:
            if not inputs["adopt"]:
                raise Refusal(f"project {inputs['project']} has the retention {id}: set `adopt` to true")
            return str(id), self._changed(str(id), inputs)
        return str(self.harbor.create("/retentions", _policy(inputs, project["project_id"]))), {}

    def read(self, made: Made) -> Seen | None:
        """Look at it. An import says its id, or its project's name."""
        id = made.id
        if not id.isdecimal():
            id = str((self._project(id).get("metadata") or {}).get("retention_id", ""))
        found = self._found(id) if id else None
        if found is None:
            return None
        project = self.harbor.find(f"/projects/{found['scope']['ref']}")
        if project is None:
            return None
        settings = (found.get("trigger") or {}).get("settings") or {}
        inputs = {
            "project": project["name"],
            "cron": settings.get("cron", ""),
            "rules": [_declared(rule) for rule in found.get("rules") or []],
        }
        return Seen(id, inputs)

    def update(self, call: Call, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Change it in place."""
        if self._found(made.id) is None:
            raise gone(f"the retention of project {inputs['project']}")
        return self._changed(made.id, inputs)

    def delete(self, call: Call, made: Made) -> None:
        """Take it away: then every artifact stays."""
        found = self._found(made.id)
        if found is not None:
            self._refuse_what_breaks_core(made.id, found)
            self.harbor.delete(f"/retentions/{made.id}")

    def _changed(self, id: str, inputs: Plain) -> Mapping[str, Any]:
        found = self._found(id)
        self._refuse_what_breaks_core(id, found or {})
        ref = self._project(inputs["project"])["project_id"]
        self.harbor.change("PUT", f"/retentions/{id}", {"id": int(id), **_policy(inputs, ref)})
        return {}

    def _project(self, name: str) -> Any:  # noqa: ANN401 -- Harbor's JSON
        found = self.harbor.project(name)
        if found is None:
            raise Refusal(f"there is no project {name}: declare it, and give the retention its `name` output")
        return found

    def _found(self, id: str) -> Any:  # noqa: ANN401 -- Harbor's JSON
        """Return a retention, None where there is none: of that Harbor tells a failure of its core."""
        try:
            return self.harbor.find(f"/retentions/{id}")
        except Refused as refused:
            if refused.status == BROKEN:
                return None
            raise

    def _refuse_what_breaks_core(self, id: str, found: Mapping[str, Any]) -> None:
        settings = (found.get("trigger") or {}).get("settings") or {}
        if "cron" not in settings:
            raise Refusal(
                f"retention {id} has no `cron` among its trigger's settings, and Harbor's core fails at any "
                "change and deletion of such a one; something else than this plugin wrote it. Delete its row "
                "from `retention_policy` in Harbor's database, and run `pulumi up --refresh`"
            )


def _policy(inputs: Plain, ref: int) -> dict[str, Any]:
    return {
        "algorithm": "or",
        "rules": [_rule(rule) for rule in inputs["rules"]],
        "trigger": {"kind": "Schedule", "settings": {"cron": inputs["cron"]}},
        "scope": {"level": "project", "ref": ref},
    }


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    template = rule["template"]
    tags = {"kind": "doublestar", "decoration": rule["tagsAre"], "pattern": rule["tags"]}
    repositories = {
        "kind": "doublestar",
        "decoration": rule["repositoriesAre"],
        "pattern": rule["repositories"],
    }
    return {
        "disabled": rule["disabled"],
        "action": "retain",
        "template": template,
        "params": {} if template == ALWAYS else {template: rule["count"]},
        "tag_selectors": [{**tags, "extras": json.dumps({"untagged": rule["untagged"]})}],
        "scope_selectors": {"repository": [repositories]},
    }


def _number(value: object) -> int:
    """Return the number of a rule, 0 where it has none: Harbor keeps whatever it was told."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _declared(rule: Mapping[str, Any]) -> Plain:
    """Return a rule of Harbor as it is declared; of more than one selector the first."""
    tags = next(iter(rule.get("tag_selectors") or [{}]))
    repositories = next(iter((rule.get("scope_selectors") or {}).get("repository") or [{}]))
    template = rule["template"]
    return {
        "template": template,
        "count": _number((rule.get("params") or {}).get(template)),
        "repositories": repositories.get("pattern", ""),
        "repositoriesAre": repositories.get("decoration", ""),
        "tags": tags.get("pattern", ""),
        "tagsAre": tags.get("decoration", ""),
        "untagged": json.loads(tags.get("extras") or "{}").get("untagged", False),
        "disabled": rule.get("disabled", False),
    }
