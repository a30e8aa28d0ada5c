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
    if body["level"] == "project" and len(body["permissions"]) != 1:
        return error(400, "bad request permission")
    of = f"{body['permissions'][0]['namespace']}+" if body["level"] == "project" else ""
    name = f"{state.settings['robot_name_prefix']}{of}{body['name']}"
    id = next(state.ids)
    if any(each["name"] == name for each in state.robots.values()):
        return error(409, f"robot account {name} already exists")
    expires = -1 if body["duration"] == -1 else int(time()) + DAY * body["duration"]
    kept = {key: body.get(key) for key in ("level", "duration", "permissions")}
    rest = {"description": body.get("description", ""), "disable": body.get("disable", False)}
    secret = "Made1ByHarborItself"
    state.robots[id] = {**kept, **rest, "id": id, "name": name, "expires_at": expires, "kept_secret": secret}
    made = {"id": id, "name": name, "secret": secret, "expires_at": expires}
    return Answer(201, made, made=id)


def told(row: Json) -> Json:
    return without_empty({key: value for key, value in row.items() if key != "kept_secret"})


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
        return error(400, "cannot update the project of robot")
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
