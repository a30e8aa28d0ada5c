"""A robot account of a Harbor: one that pulls for a party, or one that pushes."""

import re
from collections.abc import Iterator, Mapping
from time import time
from typing import Any, ClassVar

from diff.shape import Kind as ValueKind
from diff.shape import Property, Shape, number, record, switch, text
from diff.values import UNKNOWN, Plain, Refusal, Unknown, contains_unknown
from providers.harbor.checking import name_faults, one_of
from providers.harbor.kind import Call, Fault, Kind, Made, Seen, adopt, gone, listed, made_or_adopted

LEVELS = ("project", "system")
NEVER = -1
PERMISSION = record(
    kind=text("project"),
    namespace=text(required=True),
    access=Property(
        ValueKind.LIST,
        required=True,
        element=record(resource=text(required=True), action=text(required=True)),
    ),
)


class Robot(Kind):
    """Its secret is what the program says: Harbor ignores one in the creation, so it is set after that.

    Harbor never tells a secret, so one that was changed by hand is not noticed. One whose time is over is
    made anew, with the same secret. A robot of a project has one permission, for that project.
    """

    token = "fate-harbor:index:Robot"
    shape: ClassVar[Shape] = {
        "name": text(required=True),
        "level": text("project"),
        "project": text(""),
        "description": text("").updatable(),
        "durationDays": number(NEVER).updatable(),
        "disabled": switch(False).updatable(),
        "permissions": Property(ValueKind.LIST, required=True, in_place=True, element=PERMISSION),
        "secret": text(required=True, sensitive=True).updatable(),
        **adopt(False),
    }
    computed = ("fullName", "expiresAt")
    name_key = "name"

    @classmethod
    def faults(cls, inputs: Plain) -> Iterator[Fault]:
        """Yield names and secrets that Harbor refuses, and permissions that it would not keep."""
        yield from name_faults("name", inputs["name"])
        yield from one_of("level", inputs["level"], LEVELS)
        yield from _secret_faults(inputs["secret"])
        for where, each in listed(inputs, "permissions"):
            if each["access"] == []:
                yield f"{where}.access", f"{where}.access is empty: a robot that may nothing is refused"
        duration = inputs["durationDays"]
        if isinstance(duration, int) and (duration == 0 or duration < NEVER):
            yield "durationDays", f"{duration} is no time: write a number of days, or -1 for ever"
        if inputs["level"] == "project":
            yield from _project_faults(inputs)
        elif inputs["level"] == "system" and inputs["project"]:
            yield (
                "project",
                "project is for a robot of level project; a system's robot has its permissions alone",
            )

    @classmethod
    def normal(cls, inputs: Plain) -> Plain:
        """Return inputs with permissions in an order of their own."""
        if contains_unknown(inputs["permissions"]):
            return inputs
        return {**inputs, "permissions": _sorted(inputs["permissions"])}

    @classmethod
    def outlived(cls, state: Plain) -> str | None:
        """Return that its time is over, which Harbor reckons from the creation."""
        expires = state.get("expiresAt", NEVER)
        return "expiresAt" if isinstance(expires, int) and 0 < expires < time() else None

    @classmethod
    def foreseen(cls, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Return what stays; of another duration Harbor alone tells when it ends."""
        told = super().foreseen(made, inputs)
        if made.state.get("durationDays") == inputs["durationDays"]:
            return told
        return {**told, "expiresAt": UNKNOWN}

    def create(self, call: Call, inputs: Plain) -> tuple[str, Mapping[str, Any]]:
        """Make it and set its secret. Where that fails it is taken away again."""
        id, adopted = made_or_adopted(
            lambda: self.harbor.create("/robots", _body(inputs, inputs["name"])),
            lambda: self._there(inputs),
            inputs["adopt"],
        )
        try:
            self.harbor.change("PATCH", f"/robots/{id}", {"secret": inputs["secret"]})
        except Exception:
            if not adopted:
                self.harbor.delete(f"/robots/{id}")
            raise
        found = self.harbor.get(f"/robots/{id}")
        if adopted:
            self.harbor.change("PUT", f"/robots/{id}", _body(inputs, found["name"]))
            found = self.harbor.get(f"/robots/{id}")
        return id, _told(found)

    def read(self, made: Made) -> Seen | None:
        """Look at it. An import says its id."""
        found = self.harbor.find(f"/robots/{made.id}")
        if found is None:
            return None
        level, permissions = found["level"], _permissions(found)
        project = permissions[0]["namespace"] if level == "project" and permissions else ""
        full = re.sub(rf"^.*?\$({re.escape(project)}\+)?", "", found["name"]) if "$" in found["name"] else ""
        inputs = {
            "name": made.inputs.get("name") or full or found["name"],
            "level": level,
            "project": project or made.inputs.get("project", ""),
            "description": found.get("description", ""),
            "durationDays": found.get("duration", NEVER),
            "disabled": found.get("disable", False),
            "permissions": permissions,
        }
        return Seen(str(found["id"]), inputs, _told(found))

    def update(self, call: Call, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Change it: by its full name and level, and its secret by itself."""
        found = self.harbor.find(f"/robots/{made.id}")
        if found is None:
            raise gone(f"robot {made.state.get('fullName', inputs['name'])}")
        if any(
            made.state.get(key) != value for key, value in inputs.items() if key not in ("secret", "adopt")
        ):
            self.harbor.change("PUT", f"/robots/{made.id}", _body(inputs, found["name"]))
        if made.state.get("secret") != inputs["secret"]:
            self.harbor.change("PATCH", f"/robots/{made.id}", {"secret": inputs["secret"]})
        return _told(self.harbor.get(f"/robots/{made.id}"))

    def delete(self, call: Call, made: Made) -> None:
        """Take it away; with its project it went already."""
        self.harbor.delete(f"/robots/{made.id}")

    def _there(self, inputs: Plain) -> tuple[int, str]:
        prefix = self.harbor.get("/configurations")["robot_name_prefix"]["value"]
        of = f"{inputs['project']}+" if inputs["level"] == "project" else ""
        wanted = f"{prefix}{of}{inputs['name']}"
        for found in self.harbor.rows("/robots", {"q": self._where(inputs)}):
            if found["name"] == wanted:
                return int(found["id"]), f"robot {wanted} (id {found['id']})"
        raise Refusal(f"Harbor says that robot {wanted} exists, and does not list it")

    def _where(self, inputs: Plain) -> str:
        """Return which robots to list: without it Harbor lists those of the system."""
        if inputs["level"] == "system":
            return "Level=system"
        project = self.harbor.project(inputs["project"])
        return f"Level=project,ProjectID={project['project_id']}"


def _body(inputs: Plain, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": inputs["description"],
        "level": inputs["level"],
        "duration": inputs["durationDays"],
        "disable": inputs["disabled"],
        "permissions": inputs["permissions"],
    }


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"fullName": found["name"], "expiresAt": found.get("expires_at", NEVER)}


def _permissions(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _sorted(
        [
            {
                "kind": each["kind"],
                "namespace": each["namespace"],
                "access": [{"resource": one["resource"], "action": one["action"]} for one in each["access"]],
            }
            for each in found.get("permissions") or []
        ]
    )


def _sorted(permissions: list[Any]) -> list[Any]:
    ordered = [
        {**each, "access": sorted(each["access"], key=lambda one: (one["resource"], one["action"]))}
        for each in permissions
    ]
    return sorted(ordered, key=lambda each: (each["kind"], each["namespace"]))


def _secret_faults(secret: object) -> Iterator[Fault]:
    """Yield that Harbor refuses a secret, without telling it."""
    if isinstance(secret, Unknown) or not isinstance(secret, str):
        return
    strong = all(re.search(kind, secret) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    if not (8 <= len(secret) <= 128 and strong):
        yield (
            "secret",
            "secret has to have 8 to 128 characters, an upper-case and a lower-case letter and a digit",
        )


def _project_faults(inputs: Plain) -> Iterator[Fault]:
    project, permissions = inputs["project"], inputs["permissions"]
    if not project:
        yield "project", "project is missing: a robot of level project belongs to one, by its name"
    if isinstance(permissions, list) and len(permissions) != 1:
        yield "permissions", f"a robot of level project has exactly one permission, not {len(permissions)}"
    for where, each in listed(inputs, "permissions"):
        has = (each["kind"], each["namespace"])
        if not contains_unknown([*has, project]) and has != ("project", project):
            path = f"{where}.namespace"
            yield path, f"{path} is {each['namespace']!r}, and a robot of project {project!r} has that alone"
