"""What is refused when a registry that exists already is not there or lacks an image."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from components.mirror_preflight import check_held
from config import ConfigurationFault

HELD = {"/v2/fate/nginx/manifests/1", "/v2/fate/nginx/manifests/sha256:" + "a" * 64}
GUARDED = "/v2/guarded/nginx/manifests/1"


class Registry(BaseHTTPRequestHandler):
    """Holds one image, and wants a login for another."""

    def do_HEAD(self) -> None:
        self.send_response(200 if self.path in HELD else 401 if self.path == GUARDED else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def registry() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["fate/nginx:1", "fate/nginx@sha256:" + "a" * 64])
def test_an_image_that_the_registry_holds_is_accepted(registry: str, name: str) -> None:
    check_held({"gateway": f"{registry}/{name}"})


def test_an_image_that_it_lacks_is_named_with_the_way_to_push_it(registry: str) -> None:
    with pytest.raises(ConfigurationFault) as refused:
        check_held({"gateway": f"{registry}/fate/nginx:1", "broker": f"{registry}/fate/rabbitmq:9"})
    message = str(refused.value)
    assert "lacks fate/rabbitmq:9, the image of broker" in message
    assert "docker push" in message
    assert "nginx" not in message, "what it holds is no fault"


def test_a_registry_that_does_not_answer_is_one_fault_for_all_its_images() -> None:
    with pytest.raises(ConfigurationFault) as refused:
        check_held({"gateway": "localhost:1/fate/nginx:1", "broker": "localhost:1/fate/rabbitmq:1"})
    assert "cannot be reached" in str(refused.value)
    assert len(refused.value.faults) == 1


def test_a_registry_that_wants_a_login_is_left_to_the_engine(registry: str) -> None:
    check_held({"gateway": f"{registry}/guarded/nginx:1"})
