"""The user that asks, and robots, as Harbor answers of them."""

import re
from time import time

from tests.harbor.state import ADMIN, Answer, Json, Question, State, error, paged, route, without_empty

DAY = 24 * 60 * 60
SECRET = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{8,128}")


@route("GET", "/users/current")
def current(state: State, question: Question) -> Answer:
    return Answer(200, {"username": ADMIN[0], "sysadmin_flag": True})


@route("POST", "/robots")
def make_robot(state: State, question: Question) -> Answer:
    """Make a robot, whose secret is Harbor's own whatever is asked for."""
    body = question.body
    fault = permissions_fault(body)
    if fault:
        return error(400, fault)
    of = f"{body['permissions'][0]['namespace']}+" if body["level"] == "project" else ""
    name = f"{state.settings['robot_name_prefix']}{of}{body['name']}"
    id = next(state.ids)
    if any(each["name"] == name for each in state.robots.values()):
        return error(409, f"robot account {name} already exists")
    created = int(time())
    expires = ends(created, body["duration"])
    kept = {key: body.get(key) for key in ("level", "duration", "permissions")}
    rest = {"description": body.get("description", ""), "disable": body.get("disable", False)}
    secret = "Made1ByHarborItself"
    hidden = {"kept_secret": secret, "kept_created": created}
    state.robots[id] = {**kept, **rest, "id": id, "name": name, "expires_at": expires, **hidden}
    made = {"id": id, "name": name, "secret": secret, "expires_at": expires}
    return Answer(201, made, made=id)


def ends(created: int, days: int) -> int:
    return -1 if days == -1 else created + DAY * days


def permissions_fault(body: Json) -> str | None:
    permissions = body.get("permissions") or []
    if not permissions:
        return "bad request empty permission"
    if any(not each["access"] for each in permissions):
        return "bad request empty access"
    return "bad request permission" if body["level"] == "project" and len(permissions) > 1 else None


def told(row: Json) -> Json:
    return without_empty({key: row[key] for key in row if not key.startswith("kept_")}, "disable")


@route("GET", "/robots")
def list_robots(state: State, question: Question) -> Answer:
    """List those of the system, unless a project is asked for."""
    query = dict(part.split("=", 1) for part in question.query.get("q", "").split(",") if part)
    level = query.get("Level", "system")
    rows = [each for each in state.robots.values() if each["level"] == level]
    if "ProjectID" in query:
        project = state.projects.get(int(query["ProjectID"]), {}).get("name")
        rows = [each for each in rows if each["permissions"][0]["namespace"] == project]
    part = query.get("name", "~").removeprefix("~")
    return paged(question, [told(each) for each in rows if part in each["name"]])


@route("GET", "/robots/(\\d+)")
def get_robot(state: State, question: Question, id: str) -> Answer:
    row = state.robots.get(int(id))
    return Answer(200, told(row)) if row else error(404, f"robot {id} not found")


@route("PUT", "/robots/(\\d+)")
def change_robot(state: State, question: Question, id: str) -> Answer:
    row, body = state.robots.get(int(id)), question.body
    if row is None:
        return error(404, f"robot {id} not found")
    if body.get("name") != row["name"] or body.get("level") != row["level"]:
        return error(400, "cannot update the level or name of robot")
    namespaces = [each["namespace"] for each in row["permissions"]]
    if row["level"] == "project" and [each["namespace"] for each in body["permissions"]] != namespaces:
        return error(400, "cannot update the project id of robot")
    if row["duration"] != body["duration"]:
        row["expires_at"] = ends(row["kept_created"], body["duration"])
    row.update({key: body[key] for key in ("duration", "permissions")})
    row.update(description=body.get("description", ""), disable=body.get("disable", False))
    return Answer()


@route("PATCH", "/robots/(\\d+)")
def set_secret(state: State, question: Question, id: str) -> Answer:
    row = state.robots.get(int(id))
    if row is None:
        return error(404, f"robot {id} not found")
    if not SECRET.fullmatch(question.body["secret"]):
        return error(400, "the secret must be 8-128 characters with upper, lower and digit")
    row["kept_secret"] = question.body["secret"]
    return Answer(200, {"secret": ""})


@route("DELETE", "/robots/(\\d+)")
def delete_robot(state: State, question: Question, id: str) -> Answer:
    return Answer() if state.robots.pop(int(id), None) else error(404, f"robot {id} not found")
