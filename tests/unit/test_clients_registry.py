"""Registries and servers of files, as this machine asks them."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from clients.failures import Refused, Unreachable
from clients.registry import Registry, answered, manifest_url

DIGEST = "sha256:" + "a" * 64
BASIC = "Basic " + base64.b64encode("ann:pa:ß".encode()).decode()


class Guarded(BaseHTTPRequestHandler):
    """Has one image for who brings a token, gives one for a login, leads elsewhere, and breaks off."""

    asked: list[tuple[str, str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        realm = f'Bearer realm="http://{self.headers["Host"]}/token",service="r",scope="repository:x:pull"'
        match self.path.partition("?")[0], self.headers.get("Authorization", ""):
            case "/token", given if given == BASIC:
                self.answer(200, json.dumps({"access_token": "t"}).encode())
            case "/v2/password/manifests/1", _:
                self.answer(401, b"", **{"WWW-Authenticate": 'Basic realm="registry"'})
            case "/moved", _:
                self.answer(302, b"", Location="/v2/x/manifests/open")
            case "/broken", _:
                self.answer(200, b"half", **{"Content-Length": "8"})
            case (_, "Bearer t") | ("/v2/x/manifests/open", _):
                self.answer(200, b"", **{"Docker-Content-Digest": DIGEST})
            case _:
                self.answer(401, b"", **{"WWW-Authenticate": realm})

    do_HEAD = do_DELETE = do_GET

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def asked() -> list[tuple[str, str, str]]:
    return []


@pytest.fixture
def registry(asked: list[tuple[str, str, str]]) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), type("Registry", (Guarded,), {"asked": asked})) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("image", "place"),
    [
        ("fate/nginx", "fate/nginx/manifests/latest"),
        ("fate/nginx:1.2-3", "fate/nginx/manifests/1.2-3"),
        (f"fate/nginx@{DIGEST}", f"fate/nginx/manifests/{DIGEST}"),
        (f"fate/nginx:1@{DIGEST}", f"fate/nginx/manifests/{DIGEST}"),
    ],
)
def test_an_image_is_asked_for_by_its_digest_its_tag_or_as_the_latest(image: str, place: str) -> None:
    assert manifest_url("https://r", image) == f"https://r/v2/{place}"


def test_a_token_is_got_by_the_login_where_the_registry_wants_one(
    registry: str, asked: list[tuple[str, str, str]]
) -> None:
    answer = Registry(registry, "ann", "pa:ß").ask("HEAD", "x:1")
    assert answer.headers["docker-content-digest"] == DIGEST
    assert asked == [
        ("HEAD", "/v2/x/manifests/1", BASIC),
        ("GET", "/token?service=r&scope=repository%3Ax%3Apull", BASIC),
        ("HEAD", "/v2/x/manifests/1", "Bearer t"),
    ]


def test_who_is_refused_is_told_with_the_status_and_a_password_is_in_no_message(registry: str) -> None:
    stranger = Registry(registry, "eve", "secret")
    with pytest.raises(Refused, match="Unauthorized") as refused:
        stranger.ask("DELETE", "x", DIGEST)
    assert refused.value.status == 401
    assert "secret" not in repr(stranger)


def test_a_registry_that_takes_a_password_alone_is_asked_for_no_token(
    registry: str, asked: list[tuple[str, str, str]]
) -> None:
    with pytest.raises(Refused, match="Unauthorized"):
        Registry(registry).ask("HEAD", "password:1")
    assert len(asked) == 1, "its realm is no address"


def test_an_answer_that_leads_elsewhere_is_followed(registry: str) -> None:
    with answered("HEAD", f"{registry}/moved") as answer:
        assert (answer.status, answer.headers["Docker-Content-Digest"]) == (200, DIGEST)


def test_a_body_that_breaks_off_is_no_answer(registry: str) -> None:
    with pytest.raises(Unreachable), answered("GET", f"{registry}/broken") as answer:
        answer.read()


def test_a_proxy_gets_the_login_of_its_address(
    registry: str, asked: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Guarded, "log_message", lambda self, *_: given.append(self.headers["Proxy-Authorization"])
    )
    given: list[str] = []
    monkeypatch.setenv("http_proxy", registry.replace("//", "//ann:pa%3A%C3%9F@"))
    monkeypatch.setenv("no_proxy", "")
    with answered("HEAD", "http://far.example/v2/") as answer:
        assert answer.status == 401
    assert [path for _, path, _ in asked] == ["http://far.example/v2/"]
    assert given == [BASIC]
