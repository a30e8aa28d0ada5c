"""Retentions, the garbage collection and the configuration, as Harbor answers of them."""

import json

from tests.harbor.state import Answer, Json, Question, State, broken, error, route


@route("GET", "/health")
def health(state: State, question: Question) -> Answer:
    return Answer(200, {"status": "healthy"})


def wrong(policy: Json) -> bool:
    return any(rule["template"] != "always" and not rule.get("params") for rule in policy["rules"])


@route("POST", "/retentions")
def make_retention(state: State, question: Question) -> Answer:
    project = state.projects.get(question.body["scope"]["ref"])
    if project is None or wrong(question.body):
        return broken()
    if project["metadata"].get("retention_id"):
        return error(400, f"project {project['name']} already has retention policy")
    id = next(state.ids)
    state.retentions[id] = {**question.body, "id": id}
    project["metadata"]["retention_id"] = str(id)
    return Answer(201, made=id)


@route("GET", "/retentions/(\\d+)")
def get_retention(state: State, question: Question, id: str) -> Answer:
    """Tell one that is gone as a failure of the core."""
    row = state.retentions.get(int(id))
    return Answer(200, row) if row else broken()


def panics(row: Json) -> bool:
    return "cron" not in row["trigger"]["settings"]


@route("PUT", "/retentions/(\\d+)")
def change_retention(state: State, question: Question, id: str) -> Answer:
    row = state.retentions.get(int(id))
    if row is None or panics(row) or panics(question.body) or wrong(question.body):
        return broken()
    if question.body["scope"] != row["scope"]:
        return error(404, "the retention policy's scope can't be changed")
    state.retentions[int(id)] = {**question.body, "id": int(id)}
    return Answer()


@route("DELETE", "/retentions/(\\d+)")
def delete_retention(state: State, question: Question, id: str) -> Answer:
    row = state.retentions.get(int(id))
    if row is None or panics(row):
        return broken()
    del state.retentions[int(id)]
    state.projects[row["scope"]["ref"]]["metadata"].pop("retention_id", None)
    return Answer()


@route("GET", "/system/gc/schedule")
def gc(state: State, question: Question) -> Answer:
    return Answer(200, state.schedule)


@route("PUT", "/system/gc/schedule")
def schedule_gc(state: State, question: Question) -> Answer:
    schedule = question.body["schedule"]
    if schedule["type"] == "None":
        state.schedule = {}
        return Answer()
    if not schedule.get("cron"):
        return error(400, f"invalid cron string: {schedule}")
    parameters = json.dumps(question.body.get("parameters") or {})
    state.schedule = {"id": next(state.ids), "schedule": schedule, "job_parameters": parameters}
    return Answer()


@route("GET", "/configurations")
def settings(state: State, question: Question) -> Answer:
    rows = {key: {"value": value, "editable": not state.locked} for key, value in state.settings.items()}
    return Answer(200, rows)


@route("PUT", "/configurations")
def change_settings(state: State, question: Question) -> Answer:
    if state.locked:
        return error(403, "the configuration is locked by CONFIG_OVERWRITE_JSON")
    state.settings.update({key: value for key, value in question.body.items() if key in state.settings})
    return Answer()
