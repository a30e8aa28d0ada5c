"""What is refused before anything is made on a Docker engine. The engine is a stand-in on a real socket."""

import json
import os
import platform
import re
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any

import pytest

from components.preflight import docker as docker_preflight
from components.preflight.docker import Wanted, engines_of, wanted_ports
from components.preflight.docker import preflight as preflight_of
from components.preflight.docker_gpus import wanted_gpus
from components.runtimes.names import Names
from components.runtimes.ownership import Ownership
from components.services.service import Publication
from config import ConfigurationFault, DockerSettings, load
from tests.declared.program import stack_file
from tests.unit.stack_values import eggroll, on_gpus

Answers = dict[str, Any]


THIS_MACHINE: Answers = {
    "Name": platform.node(),
    "KernelVersion": platform.release(),
    "MemTotal": 1024 * int(re.findall(r"MemTotal: +(\d+)", Path("/proc/meminfo").read_text())[0]),
    "SecurityOptions": ["name=seccomp,profile=default"],
}
ANOTHER_MACHINE = THIS_MACHINE | {"Name": "docker-desktop", "MemTotal": 4 * 1024**3}


class Engine(BaseHTTPRequestHandler):
    """Answers what the preflight asks, whatever names it asks for."""

    answers: Answers
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer = self.answers[self.path.partition("&")[0].partition("?filters")[0]]
        body = json.dumps(answer).encode()
        self.send_response(200 if "message" not in answer else 500)
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
        "/info": THIS_MACHINE | {"DockerRootDir": str(tmp_path)},
    }
    handler = type("Answering", (Engine,), {"answers": answers})
    with UnixStreamServer(str(tmp_path / "docker.sock"), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"unix://{tmp_path}/docker.sock", answers
        server.shutdown()
        thread.join()


def api(port: int, bind: str = "127.0.0.1") -> Wanted:
    published = Publication("fateflow", 9380, port, bind, "api.port")
    return Wanted("fate:parties[0].api.port", "fate-dev-9999-fateflow", published)


def at(host: str) -> DockerSettings:
    return DockerSettings(host=host)


def preflight(engine: DockerSettings, wanted: Sequence[Wanted], gpus: Sequence[str] = ()) -> None:
    preflight_of(engine, wanted, [], Ownership("fate", "dev", "9e8f1234"), gpus)


def refusal(host: str, wanted: Sequence[Wanted] = ()) -> str:
    with pytest.raises(ConfigurationFault) as refused:
        preflight(at(host), wanted)
    return str(refused.value)


@contextmanager
def an_ordinary_user(engine: str) -> Iterator[None]:
    """Be a user without any right, for whom the engine's socket and the way to it are open."""
    path = Path(engine.removeprefix("unix://"))
    path.chmod(0o666)
    for parent in path.parents:
        if parent.stat().st_mode & 0o055 != 0o055:
            parent.chmod(parent.stat().st_mode | 0o055)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_an_engine_that_has_what_a_stack_wants_is_accepted(engine: tuple[str, Answers]) -> None:
    preflight(at(engine[0]), [api(free_port())])


def test_an_engine_that_answers_with_an_error_is_told_with_it(engine: tuple[str, Answers]) -> None:
    engine[1]["/info"] = {"message": "the daemon is shutting down"}
    message = refusal(engine[0])
    assert (
        f"fate:runtime.host: the Docker engine at {engine[0]} answers 500: the daemon is shutting" in message
    )


def test_an_engine_that_does_not_run_is_named_with_the_way_to_start_it(tmp_path: Path) -> None:
    message = refusal(f"unix://{tmp_path}/docker.sock")
    assert "no Docker engine runs at" in message
    assert "systemctl start docker" in message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without rights")
def test_a_socket_without_permission_is_named_with_the_group_to_join(engine: tuple[str, Answers]) -> None:
    with an_ordinary_user(engine[0]):
        os.seteuid(0)
        Path(engine[0].removeprefix("unix://")).chmod(0o600)
        os.seteuid(65534)
        message = refusal(engine[0])
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
    preflight(at(engine[0]), [api(9380)])


def test_a_port_that_another_program_has_is_refused(engine: tuple[str, Answers]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        message = refusal(engine[0], [api(taken.getsockname()[1])])
    assert "another program" in message


def test_an_address_that_the_machine_lacks_is_refused(engine: tuple[str, Answers]) -> None:
    message = refusal(engine[0], [api(free_port(), bind="203.0.113.9")])
    assert "cannot be opened: this machine has no such address" in message


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without rights")


@AS_ROOT
def test_a_port_below_1024_is_the_engine_s_to_open_not_the_user_s(engine: tuple[str, Answers]) -> None:
    port = free_port_below_1024()
    with an_ordinary_user(engine[0]):
        preflight(at(engine[0]), [api(port), api(port, bind="0.0.0.0")])


@AS_ROOT
@pytest.mark.parametrize(("held", "wanted"), [("127.0.0.1", "0.0.0.0"), ("0.0.0.0", "127.0.0.1")])
def test_a_port_below_1024_that_a_program_has_is_seen_by_any_user(
    engine: tuple[str, Answers], held: str, wanted: str
) -> None:
    with socket.create_server((held, free_port_below_1024())) as taken, an_ordinary_user(engine[0]):
        assert "another program has it" in refusal(engine[0], [api(taken.getsockname()[1], bind=wanted)])


def test_a_program_that_listens_on_every_ipv6_address_has_the_port_too(engine: tuple[str, Answers]) -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as taken:
        assert "another program has it" in refusal(engine[0], [api(taken.getsockname()[1])])


def test_a_port_that_an_engine_without_root_cannot_open_is_told_so(engine: tuple[str, Answers]) -> None:
    engine[1]["/info"]["SecurityOptions"].append("name=rootless")
    message = refusal(engine[0], [api(free_port_below_1024())])
    assert "the engine runs without root, and opens 1024 and above" in message
    assert "net.ipv4.ip_unprivileged_port_start=" in message


def test_an_engine_on_another_machine_is_not_held_to_what_this_one_has(
    engine: tuple[str, Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine[1]["/info"] |= ANOTHER_MACHINE
    monkeypatch.setattr(docker_preflight, "ROOM", 10**18)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        preflight(at(engine[0]), [api(taken.getsockname()[1]), api(9380, bind="203.0.113.9")])


def test_a_container_s_port_is_known_on_whatever_machine(engine: tuple[str, Answers]) -> None:
    engine[1]["/info"] |= ANOTHER_MACHINE
    published = {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 9380}
    engine[1]["/containers/json"] = [{"Names": ["/somebody"], "Ports": [published]}]
    assert "container somebody has it" in refusal(engine[0], [api(9380)])


BRIDGE = """#!{python}
import socket, sys, threading
assert sys.argv[1:] == ["system", "dial-stdio"], sys.argv
engine = socket.socket(socket.AF_UNIX)
engine.connect("{socket}")
def answers():
    while part := engine.recv(65536):
        sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
threading.Thread(target=answers, daemon=True).start()
while part := sys.stdin.buffer.read1(65536):
    engine.sendall(part)
"""
SSH = """#!/bin/sh
echo "$@" >>{folder}/asked
while [ "$1" != -- ]; do shift; done
shift 2
exec sh -c "$*"
"""


@pytest.fixture
def remote(engine: tuple[str, Answers], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DockerSettings:
    """Give the engine by an ssh that logs in here, and a docker command that has no other use."""
    programs = {
        "ssh": SSH.format(folder=tmp_path),
        "docker": BRIDGE.format(python=sys.executable, socket=engine[0].removeprefix("unix://")),
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    options = ("-i", "key")
    return DockerSettings.model_validate({"host": "ssh://fate@far.example:2222", "ssh-options": options})


def test_an_engine_over_ssh_is_asked_as_its_provider_asks_it(remote: DockerSettings, tmp_path: Path) -> None:
    preflight(remote, [api(free_port())])
    first, *more = (tmp_path / "asked").read_text().splitlines()
    assert first.startswith("-i key -o BatchMode=yes"), "the stack's own options come first, and win"
    assert first.endswith("-l fate -p 2222 -- far.example docker system dial-stdio")
    assert len([line for line in (first, *more) if "dial-stdio" in line]) == 1, "one login for all questions"


def test_ports_and_disk_are_those_of_the_machine_behind_ssh(
    remote: DockerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_preflight, "ROOM", 10**18)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigurationFault) as refused:
        preflight(remote, [api(taken.getsockname()[1]), api(free_port(), bind="203.0.113.9")])
    told = [fault.problem for fault in refused.value.faults]
    assert "nearly full" in told[0]
    assert told[1].endswith("another program has it")
    assert len(told) == 2, "whether that machine has an address is not asked"


def test_an_engine_whose_ssh_fails_is_told_with_what_ssh_says(remote: DockerSettings, tmp_path: Path) -> None:
    (tmp_path / "ssh").write_text("#!/bin/sh\necho 'Permission denied (publickey).' >&2; exit 255\n")
    with pytest.raises(ConfigurationFault) as refused:
        preflight(remote, [])
    assert "the Docker engine at ssh://fate@far.example:2222 does not answer: Permission denied" in str(
        refused.value
    )
    assert "Log in once by hand" in str(refused.value)


def test_a_machine_without_ssh_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "there is no ssh command on this machine" in refusal("ssh://far.example")


def test_every_engine_of_a_stack_is_looked_at_once_with_the_options_to_reach_it() -> None:
    values = stack_file("party-9999")
    far = {"kind": "docker", "host": "ssh://far.example", "ssh-options": ["-i", "key"]}
    values["parties"][0]["runtime"] = far
    values["parties"][0]["expose"] = {"host": "fate.bank.example"}
    engines = engines_of(load(values))
    assert [*engines] == ["unix:///var/run/docker.sock", "ssh://far.example"]
    assert engines["ssh://far.example"].ssh_options == ("-i", "key")


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


def free_port_below_1024() -> int:
    for port in range(1023, 900, -1):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no port is free")


def test_an_engine_without_nvidias_runtime_is_refused_where_gpus_are_wanted(
    engine: tuple[str, Answers],
) -> None:
    host, answers = engine
    answers["/info"] |= {"Runtimes": {"runc": {"path": "runc"}}}
    with pytest.raises(ConfigurationFault) as refused:
        preflight(at(host), [], ["fate:parties[0].device"])
    assert f"fate:parties[0].device: the engine at {host} has no runtime nvidia" in str(refused.value)
    assert "nvidia-ctk runtime configure" in str(refused.value)
    preflight(at(host), [])
    answers["/info"]["Runtimes"]["nvidia"] = {"path": "nvidia-container-runtime"}
    preflight(at(host), [], ["fate:parties[0].device"])


def test_only_parties_whose_services_get_gpus_ask_an_engine_for_them() -> None:
    assert wanted_gpus(load(on_gpus())) == {DockerSettings().host: ["fate:parties[0].device"]}
    none = {"gpus": 0}
    assert wanted_gpus(load(on_gpus({"fateflow": none, "nodemanager": none}))) == {}
    assert wanted_gpus(load(eggroll())) == {}
