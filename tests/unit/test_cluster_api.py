"""The client of the cluster's API tells an idle connection's end from a server that does not answer."""

import io
import json
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest

from offline.cluster import access
from offline.cluster.api import Api, ApiError
from offline.cluster.layout import Home


class Answer(io.BytesIO):
    """What http.client hands back, as far as the client looks at it."""

    def __init__(self, status: int, content: object) -> None:
        super().__init__(json.dumps(content).encode())
        self.status = status


class Server:
    """Stands in for every connection: its script says how each request ends."""

    def __init__(self, *script: Answer | Exception) -> None:
        self.script = list(script)
        self.requests: list[tuple[str, str]] = []
        self.connections = 0

    def connect(self, *_: object, **__: object) -> "Server":
        self.connections += 1
        return self

    def request(self, method: str, path: str, *_: object) -> None:
        self.requests.append((method, path))

    def getresponse(self) -> Answer:
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        pass


def _api(monkeypatch: pytest.MonkeyPatch, server: Server) -> Api:
    monkeypatch.setattr("offline.cluster.api.HTTPSConnection", server.connect)
    monkeypatch.setattr("offline.cluster.api.ssl.create_default_context", lambda **_: None)
    monkeypatch.setattr(access, "read", lambda _: access.Tokens("a", "r"))
    return Api(Home(Path("/c")))


def test_a_connection_that_was_ended_while_idle_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(
        Answer(200, {"items": []}), RemoteDisconnected("idle"), Answer(200, {"items": [{"a": 1}]})
    )
    api = _api(monkeypatch, server)
    api.items("/x")
    assert api.items("/x") == [{"a": 1}], "the request was asked again"
    assert server.connections == 2


def test_a_server_that_ends_a_fresh_connection_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    api = _api(monkeypatch, Server(RemoteDisconnected("starting")))
    with pytest.raises(ApiError, match="starting") as refused:
        api.get("/x")
    assert refused.value.code == 0


@pytest.mark.parametrize(
    ("there", "asked"), [(True, [("GET", "/x/n")]), (False, [("GET", "/x/n"), ("POST", "/x")])]
)
def test_an_object_is_made_only_if_none_of_its_name_is_there(
    there: bool, asked: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = [Answer(200, {})] if there else [Answer(404, {"message": "no"}), Answer(201, {})]
    server = Server(*found)
    _api(monkeypatch, server).ensure("/x", {"metadata": {"name": "n"}})
    assert server.requests == asked


def test_the_servers_own_words_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    api = _api(monkeypatch, Server(Answer(403, {"message": "reader may not"})))
    with pytest.raises(ApiError, match="reader may not") as refused:
        api.get("/x")
    assert refused.value.code == 403
