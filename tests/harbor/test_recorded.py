"""The stand-in for Harbor, held row by row against what Harbor 2.15.2 was seen to do."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from clients.registry import answered
from tests.harbor.api import API, harbor
from tests.harbor.state import ADMIN, State, Upstream

ROWS = yaml.safe_load(Path(__file__).with_name("recorded.yaml").read_text())
TRIES = 10


def scene() -> State:
    """Return the Harbor that the rows begin with."""
    images = {"federatedai/a": {"1.0": "sha256:a"}, "federatedai/b": {"1.0": "sha256:b"}}
    return State(
        upstreams={
            "http://upstream.example": Upstream(images, catalogue=False),
            "http://down.example": Upstream(up=False),
            "https://closed.example": Upstream(images, login=("ann", "Secret1x")),
        },
        projects={1: {"project_id": 1, "name": "full", "registry_id": 0, "metadata": {"public": "false"}}},
        quotas={1: -1},
        images={"full/team/a": {"1.0": "sha256:f"}},
    )


@pytest.mark.parametrize("row", ROWS, ids=[row["what"] for row in ROWS])
def test_the_stand_in_does_what_harbor_was_seen_to_do(row: Mapping[str, Any]) -> None:
    with harbor(scene()) as url:
        known: dict[str, str] = {}
        for asked in row["asks"]:
            compare(row["what"], asked, ask(url, asked, known), known)


def ask(url: str, asked: Mapping[str, Any], known: Mapping[str, str]) -> tuple[int, str, Any]:
    """Ask, again where a run has to end first, and return the status, the place and the body."""
    method, path = filled(asked["ask"], known).split(" ", 1)
    password = "wrong" if asked.get("as") == "nobody" else ADMIN[1]
    login = base64.b64encode(f"{ADMIN[0]}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    headers |= {"X-Is-Resource-Name": "true"} if asked.get("by-name") else {}
    body = json.dumps(filled(asked["body"], known)).encode() if "body" in asked else None
    for _ in range(TRIES):
        with answered(method, url + API + path, headers, body=body) as answer:
            text = answer.read()
        found = json.loads(text) if text[:1] in (b"{", b"[") else None
        if not (asked.get("ends") and found and found["status"] == "InProgress"):
            return answer.status, answer.headers.get("Location") or "", found
    raise AssertionError(f"{path} has not ended after {TRIES} questions")


def filled(value: Any, known: Mapping[str, str]) -> Any:  # noqa: ANN401 -- any YAML value
    """Return a value with ids where their names stand: whole ones as numbers, as JSON wants them."""
    if isinstance(value, dict):
        return {key: filled(part, known) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, known) for part in value]
    if not isinstance(value, str):
        return value
    if value.startswith("{") and value[1:-1] in known:
        return int(known[value[1:-1]])
    for name, id in known.items():
        value = value.replace(f"{{{name}}}", id)
    return value


def compare(what: str, asked: Mapping[str, Any], answer: tuple[int, str, Any], known: dict[str, str]) -> None:
    status, place, body = answer
    question = f"{what}: {asked['ask']}"
    assert status == asked["status"], f"{question} answers {status} {body}"
    if asked.get("empty"):
        assert body is None, f"{question} has a body"
    if "message" in asked:
        assert body["errors"][0]["message"] == asked["message"], f"{question} says something else"
    if "is" in asked:
        assert body == asked["is"], f"{question} tells something else"
    if "has" in asked:
        assert part_of(filled(asked["has"], known), body), f"{question} tells {body}"
    if "first" in asked:
        assert part_of(filled(asked["first"], known), body[0]), f"{question} tells {body}"
    for key, value in asked.get("is-not", {}).items():
        assert body[key] != value, f"{question} took {key}"
    for key in asked.get("lacks", []):
        assert key not in body, f"{question} tells {key}, which Harbor leaves out"
    remember(asked, place, body, known)


def remember(asked: Mapping[str, Any], place: str, body: Any, known: dict[str, str]) -> None:  # noqa: ANN401
    if "id" in asked:
        known[asked["id"]] = place.rpartition("/")[2]
    if "id-of-first" in asked:
        known[asked["id-of-first"]] = str(body[0]["id"])
    for key, name in asked.get("keeps", {}).items():
        known[name] = body["metadata"][key]


def part_of(wanted: object, found: object) -> bool:
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(key in found and part_of(value, found[key]) for key, value in wanted.items())
    return wanted == found
