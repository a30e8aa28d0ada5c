"""Projects, their quotas and their images, as Harbor answers of them."""

from urllib.parse import unquote

from tests.harbor.state import Answer, Json, Question, State, broken, error, paged, route, without_empty

CACHE_RETENTION_DAYS = 7


@route("POST", "/projects")
def make_project(state: State, question: Question) -> Answer:
    body = question.body
    name, registry = body["project_name"], body.get("registry_id")
    if name != name.lower():
        return error(400, f"bad request: the project name {name} is not legal")
    if registry is not None and registry not in state.registries:
        return broken()
    id = next(state.ids)  # one that is refused has used up its id
    if state.project(name):
        return error(409, f"The project named {name} already exists")
    metadata = dict(body.get("metadata") or {})
    state.projects[id] = {"project_id": id, "name": name, "registry_id": registry or 0, "metadata": metadata}
    if state.settings["quota_per_project_enable"]:
        state.quotas[id] = body.get("storage_limit") or -1
    if registry:
        metadata["retention_id"] = str(id)
        state.retentions[id] = {
            "id": id,
            "algorithm": "or",
            "rules": [cache_rule()],
            "trigger": {"kind": "Schedule", "settings": {"cron": "0 0 0 * * *"}},
            "scope": {"level": "project", "ref": id},
        }
    return Answer(201, made=id)


def cache_rule() -> Json:
    return {
        "action": "retain",
        "template": "nDaysSinceLastPull",
        "params": {"nDaysSinceLastPull": CACHE_RETENTION_DAYS},
        "tag_selectors": [
            {"kind": "doublestar", "decoration": "matches", "pattern": "**", "extras": '{"untagged":true}'}
        ],
        "scope_selectors": {
            "repository": [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]
        },
    }


def found(state: State, question: Question, given: str) -> Json:
    """Return a project: digits are an id, unless a header says otherwise."""
    name = unquote(given)
    if name.isdecimal() and not question.by_name:
        return state.projects.get(int(name))
    return state.project(name)


@route("GET", "/projects")
def list_projects(state: State, question: Question) -> Answer:
    return paged(question, [told(state, each) for each in state.projects.values()])


@route("HEAD", "/projects")
def is_there(state: State, question: Question) -> Answer:
    return Answer(200 if state.project(question.query["project_name"]) else 404)


@route("GET", "/projects/([^/]+)")
def get_project(state: State, question: Question, given: str) -> Answer:
    project = found(state, question, given)
    return Answer(200, told(state, project)) if project else error(404, f"project {given} not found")


def told(state: State, project: Json) -> Json:
    held = sum(name.startswith(f"{project['name']}/") for name in state.images)
    return without_empty({**project, "repo_count": held})


@route("PUT", "/projects/([^/]+)")
def change_project(state: State, question: Question, given: str) -> Answer:
    """Merge the metadata, and ignore all else; of a project that is no cache, its limits too."""
    project = found(state, question, given)
    if not project:
        return error(404, f"project {given} not found")
    new = dict(question.body.get("metadata") or {})
    if not project["registry_id"]:
        new = {key: new[key] for key in new if key not in ("proxy_speed_kb", "max_upstream_conn")}
    project["metadata"].update(new)
    return Answer()


@route("DELETE", "/projects/([^/]+)")
def delete_project(state: State, question: Question, given: str) -> Answer:
    project = found(state, question, given)
    if not project:
        return error(404, f"project {given} not found")
    if any(name.startswith(f"{project['name']}/") for name in state.images):
        return error(412, "precondition failed: the project contains repositories, can not be deleted")
    retention = state.retentions.get(int(project["metadata"].get("retention_id", 0)))
    if retention and "cron" not in retention["trigger"]["settings"]:
        state.crashed = True  # once it has answered
    id, name = project["project_id"], project["name"]
    del state.projects[id]
    state.quotas.pop(id, None)
    if retention:
        del state.retentions[retention["id"]]
    for robot in [*state.robots.values()]:
        if robot["level"] == "project" and robot["permissions"][0]["namespace"] == name:
            del state.robots[robot["id"]]
        robot["permissions"] = [each for each in robot["permissions"] if each["namespace"] != name]
    return Answer()


@route("GET", "/quotas")
def quotas(state: State, question: Question) -> Answer:
    id = int(question.query["reference_id"])
    if id not in state.quotas:
        return Answer(200, [])
    used = state.used(state.projects[id]["name"])
    row = {"id": id, "hard": {"storage": state.quotas[id]}, "used": {"storage": used}}
    return Answer(200, [row])


@route("PUT", "/quotas/(\\d+)")
def change_quota(state: State, question: Question, id: str) -> Answer:
    state.quotas[int(id)] = question.body["hard"]["storage"]
    return Answer()


@route("GET", "/projects/([^/]+)/repositories")
def repositories(state: State, question: Question, project: str) -> Answer:
    mine = sorted(name for name in state.images if name.startswith(f"{unquote(project)}/"))
    return paged(question, [{"name": name} for name in mine])


@route("DELETE", "/projects/([^/]+)/repositories/([^/]+)")
def delete_repository(state: State, question: Question, project: str, repository: str) -> Answer:
    name = f"{unquote(project)}/{unquote(unquote(repository))}"
    return Answer() if state.images.pop(name, None) else error(404, f"repository {name} not found")


@route("GET", "/projects/([^/]+)/repositories/([^/]+)/artifacts/([^/]+)")
def artifact(state: State, question: Question, project: str, repository: str, reference: str) -> Answer:
    tags = state.images.get(f"{unquote(project)}/{unquote(unquote(repository))}", {})
    wanted = unquote(reference)
    digest = tags.get(wanted) or (wanted if wanted in tags.values() else None)
    if digest is None:
        return error(404, f"artifact {wanted} not found")
    return Answer(200, {"digest": digest})
