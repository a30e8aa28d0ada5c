"""A stand-in for a running party: real scripts in a real Python, and a FATE-Flow that says as it is told."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml

from ops.doctor.checks import Patient
from ops.doctor.outputs import FORMERLY, DockerParty, KubernetesParty
from ops.doctor.reach import Answer, State
from ops.doctor.symptoms import Ailment, Symptom

Said = tuple[int, object]
Says = Callable[[str, Mapping[str, Any], Mapping[str, str]], Said]

SERVER = {"code": 0, "message": "success", "data": {"flow": {"version": "2.2.0"}}}
STARTED = datetime(2026, 1, 2, tzinfo=UTC)
HEALTHY = State(running=True, health="healthy", started=STARTED)


class PartyOnThisMachine:
    """A Reach whose fateflow is this machine's Python; its other services only have a state."""

    def __init__(self, home: Path, states: Mapping[str, State] | None = None, *greetings: str) -> None:
        self.home = home
        self.states = dict(states or {})
        self.greetings = iter(greetings)

    def exec(self, service: str, argv: Sequence[str], limit: int = 20) -> Answer:
        """Run Python here; answer greetings of a broker with what was given, one after another."""
        if service == "broker":
            return Answer(0, next(self.greetings, ""))
        environment = os.environ | {"FATE_PROJECT_BASE": str(self.home)}
        run = subprocess.run(
            [sys.executable, *argv[1:]],
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
        return Answer(run.returncode, run.stdout + run.stderr)

    def script(self, service: str, text: str) -> Answer:
        """Run a shell script here, with a busybox that lies in the party's home, if one does."""
        path = f"{self.home}:{os.environ['PATH']}"
        run = subprocess.run(
            ["sh"], input=text, env={"PATH": path}, capture_output=True, text=True, timeout=20, check=False
        )
        return Answer(run.returncode, run.stdout + run.stderr)

    def state(self, service: str) -> State:
        """Return the state that was given, else a healthy one."""
        return self.states.get(service, HEALTHY)


class Unreachable:
    """A Reach into a party whose container is gone."""

    def exec(self, service: str, argv: Sequence[str], limit: int = 20) -> Answer:
        """Find no container."""
        raise Ailment(Symptom.MISSING, f"there is no container of {service} for {argv[0]} in {limit} s")

    def script(self, service: str, text: str) -> Answer:
        """Find no container."""
        raise Ailment(Symptom.MISSING, f"there is no container of {service} for {len(text)} characters")

    def state(self, service: str) -> State:
        """Find no container."""
        raise Ailment(Symptom.MISSING, f"there is no container of {service}")


@contextmanager
def listening(
    says: Says, headers_of: Callable[[str, object], Mapping[str, str]] | None = None
) -> Iterator[int]:
    """Serve HTTP on a free port; `says` gets path, query or body, and headers, and gives status and JSON.

    `headers_of` gives more headers of an answer, by the path and what is answered.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            self._answer(
                says(path, dict(pair.split("=") for pair in query.split("&") if pair), self._headers())
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = self.headers.get("Content-Type", "").endswith("urlencoded")
            given = dict(parse_qsl(body)) if form else json.loads(body or "{}")
            self._answer(says(self.path, given, self._headers()))

        def _headers(self) -> dict[str, str]:
            return {key.lower(): value for key, value in self.headers.items()}

        def _answer(self, said: Said) -> None:
            status, content = said
            body = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers_of(self.path, content) if headers_of else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def configured(home: Path, port: int, **sections: object) -> Path:
    """Write FATE-Flow's configuration below `home`: everything answers on one port of this machine."""
    conf = home / "fate_flow" / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    (home / "fate_flow" / "logs").mkdir(exist_ok=True)
    here = "127.0.0.1"
    tree: dict[str, object] = {
        "fateflow": {"host": here, "http_port": port},
        "database": {"engine": "sqlite", "sqlite": {"path": str(home / "fate.db")}},
        "federation": {
            "nginx": {"host": here, "http_port": port},
            "rabbitmq": {"host": here, "mng_port": port, "user": "fate", "password": "broker-secret"},
        },
    }
    (conf / "service_conf.yaml").write_text(yaml.safe_dump(tree | sections))
    (conf / "rabbitmq_route_table.yaml").write_text("9999: {host: broker, port: 5672}\n")
    return home


def kubernetes_party(party: str = "9999", **fields: object) -> KubernetesParty:
    """Return the outputs of a party on Kubernetes, as its stack tells them."""
    told = {
        "runtime": "kubernetes",
        "host": "prod",
        "namespace": f"fate-t-{party}",
        "containers": {service: service for service in FORMERLY},
        "database": "mariadb",
    }
    return KubernetesParty.model_validate(told | fields)


def patient(reach: Any, party: str = "9999", peers: Sequence[str] = ("10000",), near: bool = True) -> Patient:  # noqa: ANN401 any Reach
    """Return a party with all four services, and peers in the same stack or, where not `near`, elsewhere."""
    outputs = DockerParty.model_validate(
        {
            "runtime": "docker",
            "host": "unix:///nowhere.sock",
            "containers": {s: f"fate-t-{party}-{s}" for s in FORMERLY},
            "database": "mariadb",
            "peers": list(peers),
        }
    )
    return Patient(party, outputs, reach, FORMERLY, (party, *peers) if near else (party,))
