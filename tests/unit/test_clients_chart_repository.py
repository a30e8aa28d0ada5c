"""A chart out of a chart repository: by its version, whole, and with the login of its own host alone."""

import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from clients.chart_repository import chart_in
from clients.charts import NoChart, chart_at
from clients.failures import Refused
from clients.repository import Server

HARBOR = chart_at(Path(__file__).parents[1] / "harbor" / "chart")
DIGEST = sha256(HARBOR.archive).hexdigest()


class Files(BaseHTTPRequestHandler):
    """A server of files, which notes who asks."""

    held: dict[str, bytes]
    logins: dict[str, str]

    def do_GET(self) -> None:
        content = self.held.get(self.path)
        self.logins[self.path] = self.headers.get("Authorization", "")
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class Repository:
    """A chart repository, and what was asked of it."""

    def __init__(self, url: str, handler: type[Files]) -> None:
        self.url, self.held, self.logins = f"{url}/charts", handler.held, handler.logins
        self.server = Server(url, "ann", "secret", direct=True)

    def tell(self, version: str, **entry: object) -> None:
        told = {"version": version, "urls": [f"harbor-{version}.tgz"], "digest": DIGEST, **entry}
        index = {"apiVersion": "v1", "entries": {"harbor": [{"version": "0.0.1", "urls": ["x"]}, told]}}
        self.held["/charts/index.yaml"] = yaml.safe_dump(index).encode()


@pytest.fixture
def repository() -> Iterator[Repository]:
    handler = type("Holding", (Files,), {"held": {}, "logins": {}})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        made = Repository(f"http://127.0.0.1:{server.server_address[1]}", handler)
        made.tell(HARBOR.version)
        made.held[f"/charts/harbor-{HARBOR.version}.tgz"] = HARBOR.archive
        yield made
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("end", ["", "/"])
def test_a_chart_is_found_by_its_version_and_kept_as_it_is(repository: Repository, end: str) -> None:
    found = chart_in(f"{repository.url}{end}", "harbor", f"v{HARBOR.version}", repository.server)
    assert (found.archive, found.name, found.version) == (HARBOR.archive, "harbor", HARBOR.version)
    assert all(repository.logins.values()), "who has a login there asks by it"


def test_a_login_goes_to_the_repository_s_own_host_alone(repository: Repository) -> None:
    elsewhere = repository.url.replace("127.0.0.1", "localhost")
    repository.tell(HARBOR.version, urls=[f"{elsewhere}/harbor-{HARBOR.version}.tgz"])
    chart_in(repository.url, "harbor", HARBOR.version, repository.server)
    assert repository.logins[f"/charts/harbor-{HARBOR.version}.tgz"] == ""


def test_what_is_not_there_or_is_another_is_told(repository: Repository) -> None:
    def refusal(version: str = HARBOR.version) -> str:
        with pytest.raises((NoChart, Refused)) as refused:
            chart_in(repository.url, "harbor", version, repository.server)
        return str(refused.value)

    assert "has no harbor of version 9.9.9" in refusal("9.9.9")
    repository.tell(HARBOR.version, digest="0" * 64)
    assert f"hashes to {DIGEST}" in refusal()
    repository.tell("1.2.3")
    assert "404 of" in refusal("1.2.3")
    repository.held["/charts/index.yaml"] = b"<html>"
    assert "is none of a chart repository" in refusal()
