"""What the stand-in for Harbor keeps, and what its handlers are given and answer."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Json = Any
ADMIN = ("admin", "Harbor12345")
DENIED = 401


@dataclass
class Upstream:
    """A registry that replications take from: repositories, each with the digests of its tags."""

    repositories: dict[str, dict[str, str]] = field(default_factory=dict)
    up: bool = True
    login: tuple[str, str] | None = None
    catalogue: bool = True
    size: int = 10


@dataclass
class State:
    """All of a Harbor. `late` is how often a run is told to go on after it has ended."""

    upstreams: dict[str, Upstream] = field(default_factory=dict)
    late: int = 2
    locked: bool = False
    crashed: bool = False
    forgetful: bool = False
    """Whether its database is gone: it knows nobody then."""
    projects: dict[int, Json] = field(default_factory=dict)
    quotas: dict[int, int] = field(default_factory=dict)
    images: dict[str, dict[str, str]] = field(default_factory=dict)
    """By `project/repository`, the digest of each tag."""
    registries: dict[int, Json] = field(default_factory=dict)
    policies: dict[int, Json] = field(default_factory=dict)
    runs: dict[int, Json] = field(default_factory=dict)
    robots: dict[int, Json] = field(default_factory=dict)
    retentions: dict[int, Json] = field(default_factory=dict)
    schedule: Json = field(default_factory=dict)
    settings: Json = field(
        default_factory=lambda: {
            "quota_per_project_enable": True,
            "read_only": False,
            "robot_name_prefix": "robot$",
            "session_timeout": 60,
        }
    )
    asked: list[str] = field(default_factory=list)
    """Every question, by method and path."""
    bring: Callable[[str, str, str], None] = lambda source, target, tag: None
    """Copies the bytes of an image, where a registry stands behind this."""
    ids: Any = field(default_factory=lambda: count(2))

    def project(self, name: str) -> Json:
        return next((each for each in self.projects.values() if each["name"] == name), None)

    def used(self, project: str) -> int:
        """Return how much of its quota a project uses: each artifact is of one size here."""
        mine = [tags for name, tags in self.images.items() if name.partition("/")[0] == project]
        return 10 * len({digest for tags in mine for digest in tags.values()})


@dataclass(frozen=True)
class Question:
    """What was asked: the body as JSON, the query, and whether a name is meant that looks like an id."""

    body: Json
    query: dict[str, str]
    by_name: bool = False


@dataclass(frozen=True)
class Answer:
    """A status and a body; `made` is the id of what was made."""

    status: int = 200
    body: Json = None
    made: int | None = None


Handler = Callable[..., Answer]
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Have a function answer a method and a path, whose groups it is given."""

    def added(handler: Handler) -> Handler:
        ROUTES.append((method, re.compile(path), handler))
        return handler

    return added


def error(status: int, message: str, code: str = "") -> Answer:
    codes = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT"}
    codes |= {412: "PRECONDITION", 500: "UNKNOWN"}
    return Answer(status, {"errors": [{"code": code or codes[status], "message": message}]})


def broken() -> Answer:
    return error(500, "internal server error")


def paged(question: Question, rows: list[Json]) -> Answer:
    size, page = int(question.query.get("page_size", 10)), int(question.query.get("page", 1))
    return Answer(200, rows[(page - 1) * size : page * size])


def without_empty(row: dict[str, Json], *always: str) -> dict[str, Json]:
    """Return a row as Harbor tells it: empty text, `false` and 0 are left out."""
    return {
        key: value
        for key, value in row.items()
        if key in always or value not in ("", False, 0) or value is None
    }
