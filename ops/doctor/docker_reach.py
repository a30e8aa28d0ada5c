"""The way into a party's containers through the API of their Docker engine, on this machine or over ssh."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from socket import SHUT_WR
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from docker.utils.socket import frames_iter

from clients.docker import sdk
from clients.failures import Unreachable
from clients.ssh import tunnel
from ops.doctor.outputs import DockerParty
from ops.doctor.reach import Answer, State
from ops.doctor.symptoms import Ailment, Symptom

ANSWER_LIMIT = 120
OUT_OF_REACH = (requests.RequestException, DockerException, OSError)


class DockerReach:
    """The way into a party's containers through the API of their Docker engine."""

    def __init__(self, client: docker.DockerClient, containers: Mapping[str, str]) -> None:
        self._client = client
        self._containers = containers

    def exec(self, service: str, argv: Sequence[str], limit: int = 20) -> Answer:
        """Run a command inside a container."""
        container = self._find(service)
        try:
            code, output = container.exec_run(["timeout", str(limit), *argv])
        except APIError as error:
            raise Ailment(Symptom.STOPPED, f"container {container.name}: {error.explanation}") from None
        except OUT_OF_REACH as error:
            raise Ailment(Symptom.NO_ENGINE, str(error)) from None
        text = output if isinstance(output, bytes) else b"".join(output)
        return Answer(code or 0, text.decode(errors="replace"))

    def script(self, service: str, text: str) -> Answer:
        """Run a shell script inside a container, which reads it from its standard input."""
        container = self._find(service)
        try:
            return _read_by_a_shell(self._client.api, str(container.id), text)
        except APIError as error:
            raise Ailment(Symptom.STOPPED, f"container {container.name}: {error.explanation}") from None
        except OUT_OF_REACH as error:
            raise Ailment(Symptom.NO_ENGINE, str(error)) from None

    def state(self, service: str) -> State:
        """Return the state of a container."""
        state = self._find(service).attrs["State"]
        running = state["Status"] == "running"
        health = state.get("Health") if running else None
        return State(
            running=running,
            health=health["Status"] if health else None,
            started=_moment(state["StartedAt"]),
            note=_note(state),
            symptom=Symptom.PAUSED if state["Status"] == "paused" else None,
        )

    def _find(self, service: str) -> Container:
        name = self._containers[service]
        try:
            return self._client.containers.get(name)
        except NotFound:
            raise Ailment(Symptom.MISSING, f"there is no container {name}") from None
        except OUT_OF_REACH as error:
            raise Ailment(Symptom.NO_ENGINE, str(error)) from None


def reach_of(party: DockerParty) -> DockerReach:
    """Return the way into a party. Raises Ailment where its engine does not answer."""
    return DockerReach(client_of(party.host, party.ssh_options), party.containers)


@cache
def client_of(host: str, ssh_options: tuple[str, ...] = ()) -> docker.DockerClient:
    """Return a client of an engine, one for all who ask. Raises Ailment where the engine does not answer."""
    try:
        return sdk(host, ssh_options, timeout=ANSWER_LIMIT, way=tunnel)
    except Unreachable as error:
        raise Ailment(Symptom.NO_ENGINE, f"{host}: {error}") from None


def _read_by_a_shell(api: docker.APIClient, container: str, text: str) -> Answer:
    made = api.exec_create(container, ["sh"], stdin=True)["Id"]
    connection: Any = api.exec_start(made, socket=True)
    try:
        both_ways = getattr(connection, "_sock", connection)
        both_ways.sendall(text.encode())
        both_ways.shutdown(SHUT_WR)
        frames = frames_iter(connection, tty=False)  # type: ignore[no-untyped-call] # the library tells no types
        said = b"".join(part for _, part in frames)
    finally:
        connection.close()
    return Answer(api.exec_inspect(made)["ExitCode"] or 0, said.decode(errors="replace"))


def _moment(text: str) -> datetime:
    """Read Docker's time, whose nanoseconds Python cannot hold."""
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)


def _note(state: Mapping[str, Any]) -> str:
    if state["Status"] != "running":
        killed = ", killed for want of memory" if state.get("OOMKilled") else ""
        return f"{state['Status']}, exit code {state['ExitCode']}{killed}"
    probes = (state.get("Health") or {}).get("Log") or [{"Output": ""}]
    return " ".join(probes[-1]["Output"].split())[:160]
