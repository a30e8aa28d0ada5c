"""Harbor's API v2.0, as this machine asks it.

It asks Harbor who the user is before anything else: one whose password is wrong is an anonymous user to
Harbor, who is told an empty list with status 200. So is everybody while Harbor's database is gone.
"""

import json
import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from clients.failures import Refused, Unreachable
from clients.registry import answered, basic

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

ROWS = 100
"""How many rows of a list Harbor gives at once, at most."""
BY_NAME = {"X-Is-Resource-Name": "true"}
"""What tells Harbor that `/projects/123` means the project of that name."""
NO_DATABASE = "its database does not answer, without which it refuses everybody as unknown"
Json = Any
Query = Mapping[str, object]
NOTHING: Query = {}


class WrongLogin(Refused):
    """Harbor does not know the user by that password."""


class Harbor:
    """A Harbor by its URL, and the user that asks it; `trust` is whose certificates count.

    Safe to be asked from many threads. Every question raises Unreachable or Refused; the latter has Harbor's
    own words.
    """

    def __init__(self, url: str, username: str, password: str, trust: ssl.SSLContext | None = None) -> None:
        self.url = url.rstrip("/")
        self.username = username
        self._login = basic(username, password)
        self._trust = trust
        self._known = False
        self._asking = Lock()

    def get(self, path: str, headers: Mapping[str, str] | None = None, query: Query = NOTHING) -> Json:
        """Return what stands at a path; None for an empty answer."""
        return _read(self._asked("GET", f"{path}?{urlencode(query)}" if query else path, headers=headers))

    def find(self, path: str, headers: Mapping[str, str] | None = None) -> Json:
        """Return what stands at a path, None where there is nothing."""
        try:
            return self.get(path, headers)
        except Refused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def text(self, path: str) -> str:
        """Return a text, such as a job's log."""
        return self._asked("GET", path).data.decode(errors="replace")

    def rows(self, path: str, query: Query = NOTHING) -> Iterator[Json]:
        """Yield the rows of a list, page by page."""
        for page in range(1, 1_000_000):
            found = self.get(path, query={**query, "page": page, "page_size": ROWS}) or []
            yield from found
            if len(found) < ROWS:
                return

    def create(self, path: str, body: Json) -> int:
        """Make something, and return its id."""
        made = self._asked("POST", path, body)
        return int(str(made.headers.get("Location")).rpartition("/")[2])

    def change(self, method: str, path: str, body: Json) -> None:
        """Change what stands at a path, by PUT or PATCH."""
        self._asked(method, path, body)

    def delete(self, path: str) -> None:
        """Take away what stands at a path; what is gone already is no failure."""
        try:
            self._asked("DELETE", path)
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise

    def project(self, name: str) -> Json:
        """Return a project by its name, digits too; None where there is none."""
        return self.find(f"/projects/{quote(name, safe='')}", BY_NAME)

    def _asked(
        self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None
    ) -> "BaseHTTPResponse":
        with self._asking:
            if not self._known:
                self._ask_who_this_is()
                self._known = True
        try:
            return self._answer(method, path, body, headers or {})
        except Refused as refused:
            if refused.status == HTTPStatus.UNAUTHORIZED:
                self._refuse_without_database()
            raise

    def _ask_who_this_is(self) -> None:
        try:
            _read(self._answer("GET", "/users/current", None, {}))
        except Refused as refused:
            if refused.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise
            self._refuse_without_database()
            raise WrongLogin(
                refused.status,
                f"{self.url} does not take the password of user {self.username!r}: after its first start "
                "Harbor takes an admin's password from its own database only, whatever its environment says. "
                "Write the one of its first start, or that which was set on its pages since",
            ) from None

    def _refuse_without_database(self) -> None:
        """Refuse as Harbor should, instead of refusing everybody, where its database is gone."""
        if lacks_its_database(self.url, self._trust):
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, NO_DATABASE) from None

    def _answer(self, method: str, path: str, body: Json, headers: Mapping[str, str]) -> "BaseHTTPResponse":
        url = f"{self.url}/api/v2.0{path}"
        sent = None if body is None else json.dumps(body).encode()
        given = {**self._login, **headers, "Accept": "application/json, text/plain"}
        given |= {"Content-Type": "application/json"} if sent else {}
        with answered(method, url, given, body=sent, trust=self._trust) as answer:
            answer.read(cache_content=True)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise Refused(answer.status, _words(answer))
        return answer


def was_skipped(run: Mapping[str, Any]) -> bool:
    """Return whether Harbor did not begin a run of a replication, since another of it was under way.

    It counts such a run as a failure, which says nothing of what was copied.
    """
    return str(run.get("status_text") or "").startswith("Execution skipped")


def lacks_its_database(url: str, trust: ssl.SSLContext | None = None) -> bool:
    """Return whether a Harbor fails at what it tells everybody: the list of its public projects.

    Without its database it knows nobody, and refuses every login as a wrong one; its `/health` tells of that
    10 seconds late.
    """
    try:
        with answered("GET", f"{url}/api/v2.0/projects?page_size=1", trust=trust) as answer:
            return answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
    except (Refused, Unreachable):
        return False


def repository_path(project: str, repository: str) -> str:
    """Return where Harbor has a repository, by its name within the project: slashes are encoded twice."""
    return f"/projects/{quote(project, safe='')}/repositories/{quote(quote(repository, safe=''), safe='')}"


def _read(answer: "BaseHTTPResponse") -> Json:
    try:
        return json.loads(answer.data) if answer.data.strip() else None
    except ValueError:
        raise Refused(
            answer.status,
            f"what answers is no Harbor: it begins with {answer.data[:40]!r}; write the URL of its pages",
        ) from None


def _words(answer: "BaseHTTPResponse") -> str:
    """Return what Harbor says of a refusal. Of what breaks in its core it says nothing."""
    try:
        said = "; ".join(str(each["message"]) for each in json.loads(answer.data)["errors"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status} {answer.reason or ''}".strip()
    if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return (
            f"{said} (the reason stands only in the log of Harbor's core: see there whether its database "
            "answers, and whether its secretkey has 16 characters)"
        )
    return said
