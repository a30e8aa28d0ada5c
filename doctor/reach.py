"""How the doctor reaches into a party: commands inside its services, and the state of each.

Every question goes through the runtime's own interface, so no published port is needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import docker
import requests
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container

from doctor.outputs import PartyOutputs
from doctor.ssh import tunnel
from doctor.symptoms import Fault, Symptom

ANSWER_LIMIT = 120
OUT_OF_REACH = (requests.RequestException, DockerException, OSError)


class Answer(NamedTuple):
    """What a command inside a service ended with, and what it wrote."""

    code: int
    text: str


@dataclass(frozen=True)
class State:
    """Whether a service runs. `health` is None where the runtime does not probe it."""

    running: bool
    health: str | None
    started: datetime
    note: str = ""
    """Why it does not run, or what its last probe said."""


class Reach(Protocol):
    """The way into the services of one party. Both methods raise Fault where there is no way."""

    def exec(self, service: str, argv: Sequence[str], limit: int = 20) -> Answer:
        """Run a command inside a service, for `limit` seconds at most (the code is then 124)."""
        ...

    def state(self, service: str) -> State:
        """Return the state of a service."""
        ...


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
            raise Fault(Symptom.STOPPED, f"container {container.name}: {error.explanation}") from None
        except OUT_OF_REACH as error:
            raise Fault(Symptom.NO_ENGINE, str(error)) from None
        text = output if isinstance(output, bytes) else b"".join(output)
        return Answer(code or 0, text.decode(errors="replace"))

    def state(self, service: str) -> State:
        """Return the state of a container."""
        state = self._find(service).attrs["State"]
        health = state.get("Health")
        return State(
            running=state["Status"] == "running",
            health=health["Status"] if health else None,
            started=_moment(state["StartedAt"]),
            note=_note(state),
        )

    def _find(self, service: str) -> Container:
        name = self._containers[service]
        try:
            return self._client.containers.get(name)
        except NotFound:
            raise Fault(Symptom.MISSING, f"there is no container {name}") from None
        except OUT_OF_REACH as error:
            raise Fault(Symptom.NO_ENGINE, str(error)) from None


def reach_of(party: PartyOutputs) -> Reach:
    """Return the way into a party. Raises Fault where its runtime does not answer or is not known."""
    if party.runtime != "docker":
        raise Fault(Symptom.UNKNOWN_RUNTIME, f"runtime {party.runtime}")
    address = tunnel(party.host, party.ssh_options) if party.host.startswith("ssh://") else party.host
    try:
        client = docker.DockerClient(base_url=address, timeout=ANSWER_LIMIT, version="auto")
    except OUT_OF_REACH as error:
        raise Fault(Symptom.NO_ENGINE, f"{party.host}: {error}") from None
    return DockerReach(client, party.containers)


def _moment(text: str) -> datetime:
    """Read Docker's time, whose nanoseconds Python cannot hold."""
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)


def _note(state: Mapping[str, Any]) -> str:
    if state["Status"] != "running":
        killed = ", killed for want of memory" if state.get("OOMKilled") else ""
        return f"{state['Status']}, exit code {state['ExitCode']}{killed}"
    probes = (state.get("Health") or {}).get("Log") or [{"Output": ""}]
    return " ".join(probes[-1]["Output"].split())[:160]
