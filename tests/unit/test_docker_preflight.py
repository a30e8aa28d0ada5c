"""What is refused before anything is made on a Docker engine. The engine is a stand-in on a real socket."""

import json
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any

import pytest

from components.runtimes import docker_preflight
from components.runtimes.docker_preflight import Wanted, wanted_ports
from components.runtimes.docker_preflight import preflight as preflight_of
from components.runtimes.names import Names
from components.runtimes.ownership import Ownership
from components.services.service import Publication
from config import ConfigurationFault, load
from tests.declared.program import stack_file

Answers = dict[str, Any]


class Engine(BaseHTTPRequestHandler):
    """Answers what the preflight asks, whatever names it asks for."""

    answers: Answers

    def do_GET(self) -> None:
        body = json.dumps(self.answers[self.path.partition("&")[0].partition("?filters")[0]]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

    def address_string(self) -> str:
        return "unix"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[tuple[str, Answers]]:
    answers: Answers = {
        "/containers/json": [],
        "/containers/json?all=1": [],
        "/networks": [],
        "/volumes": {"Volumes": None},
        "/info": {"DockerRootDir": str(tmp_path)},
    }
    handler = type("Answering", (Engine,), {"answers": answers})
    with UnixStreamServer(str(tmp_path / "docker.sock"), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"unix://{tmp_path}/docker.sock", answers
        server.shutdown()
        thread.join()


def api(port: int, bind: str = "127.0.0.1") -> Wanted:
    published = Publication("fateflow", 9380, port, bind)
    return Wanted("fate:parties[0].api.port", "fate-dev-9999-fateflow", published)


def preflight(host: str, wanted: Sequence[Wanted]) -> None:
    preflight_of(host, wanted, [], Ownership("fate", "dev", "9e8f1234"))


def refusal(host: str, wanted: Sequence[Wanted] = ()) -> str:
    with pytest.raises(ConfigurationFault) as refused:
        preflight(host, wanted)
    return str(refused.value)


def test_an_engine_that_has_what_a_stack_wants_is_accepted(engine: tuple[str, Answers]) -> None:
    preflight(engine[0], [api(free_port())])


def test_an_engine_that_does_not_run_is_named_with_the_way_to_start_it(tmp_path: Path) -> None:
    message = refusal(f"unix://{tmp_path}/docker.sock")
    assert "no Docker engine runs at" in message
    assert "systemctl start docker" in message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without rights")
def test_a_socket_without_permission_is_named_with_the_group_to_join(engine: tuple[str, Answers]) -> None:
    path = engine[0].removeprefix("unix://")
    os.chmod(path, 0o600)
    os.chmod(Path(path).parent, 0o755)
    for parent in Path(path).parents:
        if parent.stat().st_mode & 0o005 != 0o005:
            os.chmod(parent, parent.stat().st_mode | 0o005)
    os.seteuid(65534)
    try:
        message = refusal(engine[0])
    finally:
        os.seteuid(0)
    assert "may not be opened by this user" in message
    assert "usermod -aG docker" in message


def test_a_nearly_full_disk_is_refused_with_what_is_free(
    engine: tuple[str, Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_preflight, "ROOM", 10**18)
    assert "nearly full" in refusal(engine[0])


def test_a_port_that_another_container_has_is_refused_by_its_name(engine: tuple[str, Answers]) -> None:
    engine[1]["/containers/json"] = [
        {"Names": ["/somebody"], "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 9380}]}
    ]
    message = refusal(engine[0], [api(9380)])
    assert "container somebody has it" in message
    assert "fate:parties[0].api.port" in message, "the YAML path tells where to write another"


def test_a_port_that_the_stacks_own_container_has_is_no_fault(engine: tuple[str, Answers]) -> None:
    port = {"IP": "127.0.0.1", "PrivatePort": 9380, "PublicPort": 9380}
    engine[1]["/containers/json"] = [{"Names": ["/fate-dev-9999-fateflow"], "Ports": [port]}]
    preflight(engine[0], [api(9380)])


def test_a_port_that_another_program_has_is_refused(engine: tuple[str, Answers]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        message = refusal(engine[0], [api(taken.getsockname()[1])])
    assert "another program" in message


def test_an_address_that_the_machine_lacks_is_refused(engine: tuple[str, Answers]) -> None:
    assert "cannot be opened" in refusal(engine[0], [api(free_port(), bind="192.0.2.1")])


def test_every_fault_is_told_at_once(engine: tuple[str, Answers], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_preflight, "ROOM", 10**18)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "2 faults" in refusal(engine[0], [api(taken.getsockname()[1])])


def test_the_ports_that_a_stack_wants_stand_under_its_engine_with_their_yaml_path() -> None:
    wanted = wanted_ports(load(stack_file("party-9999")), Names("fate", "party-9999"))[
        "unix:///var/run/docker.sock"
    ]
    assert [(w.path, w.container) for w in wanted] == [
        ("fate:parties[0].expose.gateway-port", "fate-party-9999-9999-gateway"),
        ("fate:parties[0].expose.broker-port", "fate-party-9999-9999-broker"),
    ]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
