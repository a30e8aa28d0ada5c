"""The cluster's API tells an idle connection's end from a server that does not answer."""

import json
import socket
import threading
from pathlib import Path
from typing import IO

import pytest

from clients.kubernetes.failures import KubernetesFailure
from offline.cluster import access
from offline.cluster.api import Api
from offline.cluster.layout import Home

ENDED = None
"""What the server does instead of an answer: it ends the connection."""
Said = tuple[int, object]


class Server:
    """Answers as its script says, over one connection after the other."""

    def __init__(self, *script: Said | None) -> None:
        self.script = list(script)
        self.requests: list[str] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while self.script:
            connection, _ = self._socket.accept()
            self.connections += 1
            with connection, connection.makefile("rb") as asked:
                while self.script and self._answer(connection, asked):
                    pass
        self._socket.close()

    def _answer(self, connection: socket.socket, asked: IO[bytes]) -> bool:
        lines = list(iter(lambda: asked.readline().strip(), b""))
        if not lines:
            return False
        length = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length")]
        asked.read(sum(length))
        self.requests.append(b" ".join(lines[0].split()[:2]).decode())
        answer = self.script.pop(0)
        if answer is None:
            return False
        body = json.dumps(answer[1]).encode()
        connection.sendall(b"HTTP/1.1 %d Said\r\ncontent-length: %d\r\n\r\n%s" % (answer[0], len(body), body))
        return True


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def asking(home: Home, server: Server, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr(access, "API_URL", server.address)
    home.kubeconfig.write_text(access.kubeconfig("", access.Tokens("a", "r")))
    return Api(home)


def test_a_connection_that_was_ended_while_idle_is_made_anew(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server((200, {"items": []}), ENDED, (200, {"items": [{"a": 1}]}))
    api = asking(home, server, monkeypatch)
    api.items("/x")
    assert api.items("/x") == [{"a": 1}], "the request was asked again"
    assert server.connections == 2


def test_a_server_that_ends_every_connection_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    api = asking(home, Server(ENDED, ENDED), monkeypatch)
    with pytest.raises(KubernetesFailure, match="closed connection without response") as refused:
        api.get("/x")
    assert refused.value.status == 0


def test_a_server_that_does_not_run_is_not_ready(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    assert not asking(home, server, monkeypatch).ready()


def test_no_proxy_of_the_environment_stands_between(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert asking(home, Server((200, {"a": 1})), monkeypatch).get("/x") == {"a": 1}


@pytest.mark.parametrize(("there", "asked"), [(True, ["GET /x/n"]), (False, ["GET /x/n", "POST /x"])])
def test_an_object_is_made_only_if_none_of_its_name_is_there(
    home: Home, there: bool, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Said] = [(200, {})] if there else [(404, {"message": "no"}), (201, {})]
    server = Server(*found)
    asking(home, server, monkeypatch).ensure("/x", {"metadata": {"name": "n"}})
    assert server.requests == asked


def test_what_is_gone_already_counts_as_deleted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server((404, {"message": "no"}))
    asking(home, server, monkeypatch).delete("/x/n")
    assert server.requests == ["DELETE /x/n"]


def test_the_servers_own_words_are_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    api = asking(home, Server((403, {"message": "reader may not"})), monkeypatch)
    with pytest.raises(KubernetesFailure, match="reader may not") as refused:
        api.get("/x")
    assert refused.value.status == 403
