"""Upstream endpoints, replications and their runs, as Harbor answers of them."""

import re
from typing import Any

from tests.harbor.state import (
    Answer,
    Json,
    Question,
    State,
    Upstream,
    broken,
    error,
    paged,
    route,
    without_empty,
)

UNHEALTHY = "the registry is unhealthy"
SKIPPED = "Execution skipped: active replication still in progress."


def upstream_of(state: State, url: str) -> Upstream:
    return state.upstreams.get(url, Upstream(up=False))


def healthy(state: State, registry: Json) -> bool:
    """Return what Harbor thinks: it is up, and takes the login. That none is given goes unnoticed."""
    upstream = upstream_of(state, registry["url"])
    given = login_of(registry)
    return upstream.up and (given is None or given == upstream.login)


def logs_in_first(registry: Json) -> bool:
    """Return whether Harbor logs in before it looks, and breaks where it cannot."""
    return registry.get("type") == "docker-hub" and login_of(registry) is not None


def login_of(registry: Json) -> tuple[str, str] | None:
    given = registry.get("credential") or {}
    return (given["access_key"], given["access_secret"]) if given.get("access_key") else None


def normal(url: str) -> str:
    return (url if "://" in url else f"http://{url}").rstrip("/")


@route("POST", "/registries")
def make_registry(state: State, question: Question) -> Answer:
    row = {**question.body, "url": normal(question.body["url"])}
    id = next(state.ids)
    if any(each["name"] == row["name"] for each in state.registries.values()):
        return error(409, f"registry {row['name']} already exists")
    if not healthy(state, row):
        return broken() if logs_in_first(row) else error(400, UNHEALTHY)
    state.registries[id] = {**row, "id": id}
    return Answer(201, made=id)


@route("GET", "/registries")
def list_registries(state: State, question: Question) -> Answer:
    wanted = question.query.get("q", "").removeprefix("name=")
    rows = [told(each) for each in state.registries.values() if wanted in ("", each["name"])]
    return paged(question, rows)


@route("GET", "/registries/(\\d+)")
def get_registry(state: State, question: Question, id: str) -> Answer:
    row = state.registries.get(int(id))
    return Answer(200, told(row)) if row else error(404, f"registry {id} not found")


def told(row: Json) -> Json:
    credential = row.get("credential")
    hidden = {**credential, "access_secret": "*****"} if credential else {}
    return without_empty({**row, "credential": hidden, "status": "healthy"})


@route("PUT", "/registries/(\\d+)")
def change_registry(state: State, question: Question, id: str) -> Answer:
    """Change what is named; a type is ignored."""
    old, new = state.registries.get(int(id)), question.body
    if old is None:
        return error(404, f"registry {id} not found")
    row = {
        **old,
        **{key: new[key] for key in ("name", "description", "insecure", "ca_certificate") if key in new},
    }
    row["url"] = normal(new.get("url", old["url"]))
    login = {"type": "basic", **(old.get("credential") or {})}
    login |= {key: new[key] for key in ("access_key", "access_secret") if key in new}
    row["credential"] = login if login.get("access_key") else None
    if not healthy(state, row):
        return broken() if logs_in_first(row) else error(400, UNHEALTHY)
    state.registries[int(id)] = row
    return Answer()


@route("DELETE", "/registries/(\\d+)")
def delete_registry(state: State, question: Question, id: str) -> Answer:
    number = int(id)
    if number not in state.registries:
        return error(404, f"registry {id} not found")
    if any(each["src_registry"]["id"] == number for each in state.policies.values()):
        return error(412, f"the registry {id} is referenced by replication policies, cannot delete it")
    if any(each["registry_id"] == number for each in state.projects.values()):
        return error(412, f"the registry {id} is referenced by proxy cache projects, cannot delete it")
    del state.registries[number]
    return Answer()


def kept_policy(body: Json) -> Json:
    """Return a policy as it is kept: of what is left out, its reset."""
    return {
        "name": body["name"],
        "description": body.get("description", ""),
        "src_registry": body["src_registry"],
        "dest_namespace": body.get("dest_namespace", ""),
        "dest_namespace_replace_count": body.get("dest_namespace_replace_count", -1),
        "trigger": body.get("trigger") or {"type": "manual"},
        "filters": body.get("filters") or None,
        "override": body.get("override", False),
        "enabled": body.get("enabled", False),
        "speed": max(body.get("speed", 0), 0),
        "copy_by_chunk": body.get("copy_by_chunk", False),
        "single_active_replication": body.get("single_active_replication", False),
    }


def cron_fault(body: Json) -> str | None:
    cron = ((body.get("trigger") or {}).get("trigger_settings") or {}).get("cron")
    if cron is None:
        return None
    fields = cron.split()
    bad = len(fields) != 6 or fields[0] != "0" or fields[1] == "*"
    return f"invalid cron string for scheduled trigger: {cron}" if bad else None


@route("POST", "/replication/policies")
def make_policy(state: State, question: Question) -> Answer:
    fault = cron_fault(question.body)
    if fault:
        return error(400, fault)
    id = next(state.ids)
    if any(each["name"] == question.body["name"] for each in state.policies.values()):
        return error(409, f"policy {question.body['name']} already exists")
    if question.body["src_registry"]["id"] not in state.registries:
        return error(400, "registry not found")
    state.policies[id] = {**kept_policy(question.body), "id": id}
    return Answer(201, made=id)


@route("GET", "/replication/policies")
def list_policies(state: State, question: Question) -> Answer:
    return paged(question, [told_policy(state, each) for each in state.policies.values()])


@route("GET", "/replication/policies/(\\d+)")
def get_policy(state: State, question: Question, id: str) -> Answer:
    row = state.policies.get(int(id))
    return Answer(200, told_policy(state, row)) if row else error(404, f"policy {id} not found")


def told_policy(state: State, row: Json) -> Json:
    source = told(state.registries[row["src_registry"]["id"]])
    always = ("copy_by_chunk", "single_active_replication", "speed", "dest_namespace_replace_count")
    whole = {**row, "src_registry": source, "dest_registry": {"id": 0, "name": "Local", "type": "harbor"}}
    return without_empty(whole, *always)


@route("PUT", "/replication/policies/(\\d+)")
def change_policy(state: State, question: Question, id: str) -> Answer:
    if int(id) not in state.policies:
        return error(404, f"policy {id} not found")
    fault = cron_fault(question.body)
    if fault:
        return error(400, fault)
    state.policies[int(id)] = {**kept_policy(question.body), "id": int(id)}
    return Answer()


@route("DELETE", "/replication/policies/(\\d+)")
def delete_policy(state: State, question: Question, id: str) -> Answer:
    return Answer() if state.policies.pop(int(id), None) else error(404, f"policy {id} not found")


@route("POST", "/replication/executions")
def run(state: State, question: Question) -> Answer:
    policy = state.policies.get(question.body["policy_id"])
    if policy is None:
        return error(404, f"policy {question.body['policy_id']} not found")
    if not policy["enabled"]:
        return error(412, f"the policy {policy['id']} is disabled")
    id = next(state.ids)
    if policy.get("single_active_replication") and under_way(state, policy["id"]):
        state.runs[id] = {"id": id, "policy_id": policy["id"], "late": 0, **failed(SKIPPED)}
        return Answer(201, made=id)
    state.runs[id] = {"id": id, "policy_id": policy["id"], "late": state.late, **outcome(state, policy)}
    return Answer(201, made=id)


def under_way(state: State, policy: int) -> list[Json]:
    return [row for row in state.runs.values() if row["policy_id"] == policy and row["late"] > 0]


@route("GET", "/replication/executions")
def list_runs(state: State, question: Question) -> Answer:
    """List those of a policy, all or those that are under way."""
    policy = int(question.query["policy_id"])
    rows = [row for row in state.runs.values() if row["policy_id"] == policy]
    if question.query.get("status") == "InProgress":
        rows = under_way(state, policy)
    return paged(question, [{key: row[key] for key in ("id", "policy_id")} for row in rows])


def outcome(state: State, policy: Json) -> dict[str, Any]:
    """Return how a run ends. What it finds is there at once, whatever is told of it."""
    registry = state.registries[policy["src_registry"]["id"]]
    upstream = upstream_of(state, registry["url"])
    if not upstream.up:
        return failed(f"failed to fetch artifacts: Get {registry['url']}/v2/: connection refused")
    if upstream.login is not None and login_of(registry) != upstream.login:
        return failed("failed to fetch artifacts: http status code: 401, body: authentication required")
    filters = {each["type"]: each["value"] for each in policy["filters"] or []}
    names = filters.get("name", "**")
    if "*" in names and not upstream.catalogue:
        return failed(f"failed to fetch artifacts: GET {registry['url']}/v2/_catalog: http status code: 404")
    wanted = (
        [name for name in upstream.repositories if matches(names, name)] if "*" in names else spelled(names)
    )
    missing = [name for name in wanted if name not in upstream.repositories]
    if missing:
        return failed(f"failed to fetch artifacts: http status code: 404, repository {missing[0]}")
    tasks = [
        copied(state, policy, upstream, name, tag, digest)
        for name in wanted
        for tag, digest in upstream.repositories[name].items()
        if matches(filters.get("tag", "**"), tag)
    ]
    worst = "Failed" if any(task["status"] == "Failed" for task in tasks) else "Succeed"
    return {"status": worst, "status_text": "", "total": len(tasks), "tasks": tasks}


def failed(text: str) -> dict[str, Any]:
    return {"status": "Failed", "status_text": text, "total": 0, "tasks": []}


def copied(
    state: State, policy: Json, upstream: Upstream, name: str, tag: str, digest: str
) -> dict[str, Any]:
    """Put an artifact where a policy leads it, and make the project that is not there."""
    target = destination(name, policy["dest_namespace"], policy["dest_namespace_replace_count"])
    project = target.partition("/")[0]
    if state.project(project) is None:
        id = next(state.ids)
        row = {"project_id": id, "name": project, "registry_id": 0, "metadata": {"public": "false"}}
        state.projects[id], state.quotas[id] = row, -1
    quota = state.quotas[state.project(project)["project_id"]]
    task = {"src_resource": f"{name} [1 item(s) in total]", "dst_resource": f"{target} [1 item(s) in total]"}
    tags = state.images.get(target, {})
    if digest not in tags.values() and quota != -1 and state.used(project) + upstream.size > quota:
        used = state.used(project)
        log = (
            f"http status code: 403, body: adding {upstream.size} B of storage resource, which when updated "
            f"to current usage of {used} B will exceed the configured upper limit of {quota} B."
        )
        return {**task, "status": "Failed", "log": log}
    state.bring(name, target, tag)
    state.images[target] = {**tags, tag: digest}
    return {**task, "status": "Succeed", "log": "done"}


def destination(name: str, namespace: str, replaced: int) -> str:
    if not namespace:
        return name
    *parts, last = name.split("/")
    kept = [] if replaced < 0 else parts[replaced:]
    return "/".join([namespace, *kept, last])


def matches(pattern: str, name: str) -> bool:
    return any(re.fullmatch(wild(each), name) for each in spelled(pattern))


def wild(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")


def spelled(pattern: str) -> list[str]:
    """Return what a pattern with one pair of braces stands for."""
    found = re.fullmatch(r"(.*)\{(.*)\}(.*)", pattern)
    return [f"{found[1]}{each}{found[3]}" for each in found[2].split(",")] if found else [pattern]


@route("GET", "/replication/executions/(\\d+)")
def get_run(state: State, question: Question, id: str) -> Answer:
    row = state.runs.get(int(id))
    if row is None:
        return error(404, f"execution {id} not found")
    told_row = {key: row[key] for key in ("id", "policy_id", "status", "status_text", "total")}
    if row["late"] > 0:
        row["late"] -= 1
        return Answer(200, {**told_row, "status": "InProgress", "status_text": ""})
    return Answer(200, told_row)


@route("GET", "/replication/executions/(\\d+)/tasks")
def tasks_of(state: State, question: Question, id: str) -> Answer:
    rows = state.runs[int(id)]["tasks"]
    keys = ("status", "src_resource", "dst_resource")
    return paged(question, [{"id": n, **{key: row[key] for key in keys}} for n, row in enumerate(rows)])


@route("GET", "/replication/executions/(\\d+)/tasks/(\\d+)/log")
def task_log(state: State, question: Question, id: str, task: str) -> Answer:
    return Answer(200, state.runs[int(id)]["tasks"][int(task)]["log"])
