"""Retentions, the garbage collection and the configuration, as Harbor answers of them."""

import json

from tests.harbor.state import Answer, Json, Question, State, broken, error, route


@route("GET", "/health")
def health(state: State, question: Question) -> Answer:
    return Answer(200, {"status": "healthy"})


def cron_fault(cron: str) -> str | None:
    """Return why a schedule is refused: what begins at another second than 0, too."""
    fields = cron.split()
    bad = bool(cron) and (len(fields) != 6 or fields[0] != "0")
    return f"invalid cron string: {cron}" if bad else None


@route("POST", "/retentions")
def make_retention(state: State, question: Question) -> Answer:
    project = state.projects.get(question.body["scope"]["ref"])
    if project is None:
        return error(400, f"bad request: invalid Project id {question.body['scope']['ref']}")
    fault = cron_fault(question.body["trigger"]["settings"].get("cron", ""))
    if fault:
        return error(400, fault)
    if project["metadata"].get("retention_id"):
        return error(400, f"project {project['name']} already has retention policy")
    id = next(state.ids)
    state.retentions[id] = kept(question.body, id)
    project["metadata"]["retention_id"] = str(id)
    return Answer(201, made=id)


def kept(body: Json, id: int) -> Json:
    """Return a retention as it is kept: rules that mean nothing, too."""
    return {**body, "rules": [{"tag_selectors": None, **rule} for rule in body["rules"]], "id": id}


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
    if row is None or panics(row) or panics(question.body):
        return broken()
    if question.body["scope"] != row["scope"]:
        return error(404, "the retention policy's scope can't be changed")
    state.retentions[int(id)] = kept(question.body, int(id))
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
    """Tell the schedule, with an empty body where there is none."""
    return Answer(200, state.schedule or None)


@route("PUT", "/system/gc/schedule")
def schedule_gc(state: State, question: Question) -> Answer:
    schedule = question.body["schedule"]
    if schedule["type"] == "None":
        state.schedule = {}
        return Answer()
    cron, given = schedule.get("cron", ""), question.body.get("parameters") or {}
    if not cron or cron_fault(cron):
        return error(400, f"invalid cron string for scheduled gc: {cron}")
    if not 1 <= given.get("workers", 1) <= 10:
        return error(400, f"Error: Invalid number of workers:{given['workers']}")
    told = {"delete_tag": False, "delete_untagged": False, "workers": 0, **given}
    parameters = json.dumps(told, separators=(",", ":"))
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
