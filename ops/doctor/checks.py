"""Questions to each party: does it run, does it hold what FATE needs, does it reach its peers.

The checks of all parties run at the same time. They change nothing that stays.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from ops.doctor import board, harbor
from ops.doctor.exported import Exported
from ops.doctor.greetings import greeted
from ops.doctor.inside import ask
from ops.doctor.outputs import HarborOutputs, PartyOutputs, UnreadableOutputs, kind_of
from ops.doctor.reach import Reach, State
from ops.doctor.remedies import found
from ops.doctor.symptoms import Ailment, Finding, Symptom
from ops.doctor.unseen import unseen_in
from ops.doctor.words import words

AT_ONCE = 8
EXCHANGE = "exchange"
"""The exchange in the place of a party."""
SETTLE_LIMIT = 60
WRITE_LIMIT = 60
"""Java starts, and asks every data node that does not answer for 5 s."""
REGISTERED_LIMIT = 45
"""A node manager opens its port and is called healthy at its third heartbeat, 20 s later."""


@dataclass(frozen=True)
class CheckResult:
    """What one check of one party found. `finding` is None where all is well."""

    party: str
    check: str
    seconds: float
    detail: str
    finding: Finding | None = None

    @property
    def ok(self) -> bool:
        """Tell whether all is well."""
        return self.finding is None


@dataclass(frozen=True)
class Patient:
    """One party under examination."""

    id: str
    outputs: PartyOutputs
    reach: Reach
    services: Sequence[str]
    """The services that have a container, in the order in which they are reported."""
    neighbours: Sequence[str]
    """The parties of the same stack."""
    stack: str = "NAME"
    ports: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """The ports of each kind of service, by their names."""

    def of_kind(self, kind: str) -> list[str]:
        """Return the services of one kind."""
        return [service for service in self.services if kind_of(service) == kind]

    def words(self, peer: str = "", service: str = "fateflow") -> dict[str, object]:
        """Return the words of a remedy for one of the services."""
        return words(self.id, self.outputs, peer, service) | {"stack": self.stack}


@dataclass(frozen=True)
class Check:
    """One question: its name in the report, and what asks it. `probe` returns a detail or raises Ailment."""

    party: Patient
    name: str
    probe: Callable[[], str]
    service: str
    peer: str = ""

    def run(self) -> CheckResult:
        """Ask, and measure how long the answer took."""
        started = time.monotonic()
        finding = None
        try:
            detail = self.probe()
        except Ailment as fault:
            detail = fault.detail
            finding = found(fault, self.party.words(self.peer, self.service))
        return CheckResult(self.party.id, self.name, time.monotonic() - started, detail, finding)


def planned(patient: Patient, release: str, state: Callable[[], Exported] | None = None) -> list[Check]:
    """Return the checks of one party, in the order of the report; the last needs the stack's state."""
    checks = [of_service(patient, service, release) for service in patient.services]
    external = patient.outputs.external
    checks += [_of_outside(patient, service, place) for service, place in external.items()]
    if "database" not in {*patient.outputs.containers, *external}:
        checks.insert(
            1, Check(patient, "database", lambda: _asked(patient, "database", "health"), "fateflow")
        )
    for peer in patient.outputs.peers:
        checks += _of_peer(patient, peer)
    if state is not None:
        checks.append(as_declared(patient, state, "fateflow"))
    return checks


def run(checks: Sequence[Check]) -> Iterator[CheckResult]:
    """Run checks at the same time and yield each result when it is there."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked: list[Future[CheckResult]] = [pool.submit(check.run) for check in checks]
        for future in as_completed(asked):
            yield future.result()


def settled(reach: Reach, service: str, limit: float = SETTLE_LIMIT) -> State:
    """Return the state of a running, healthy service; wait while its health check has not spoken yet."""
    deadline = time.monotonic() + limit
    while True:
        state = reach.state(service)
        if state.health == "unhealthy":
            raise Ailment(Symptom.UNHEALTHY, f"the {service} container is unhealthy: {state.note}")
        if not state.running and state.health != "starting":
            seen = f"the {service} container does not run: {state.note}"
            raise Ailment(state.symptom or Symptom.STOPPED, seen)
        if state.health != "starting":
            return state
        if time.monotonic() > deadline:
            raise Ailment(Symptom.STARTING, f"the {service} container is still starting: {state.note}")
        time.sleep(0.5)


def registered(asked: Callable[[], str], limit: float = REGISTERED_LIMIT) -> str:
    """Return what Eggroll's cluster manager says of a node manager; wait while it may yet let it in."""
    deadline = time.monotonic() + limit
    while True:
        try:
            return asked()
        except Ailment as fault:
            early = fault.symptom in (Symptom.NODE_UNREGISTERED, Symptom.NODE_UNHEALTHY)
            if not early or time.monotonic() > deadline:
                raise
        time.sleep(2)


def of_service(patient: Patient, service: str, release: str = "") -> Check:
    """Return the question whether a service runs and, where there is more to ask, what it answers."""
    probes: Mapping[str, Callable[[], str]] = {
        "fateflow": lambda: _probe(patient, "server", release),
        **_wherever_they_run(patient),
        "gateway": lambda: _probe(patient, "gateway", patient.id) + " of this party behind it",
        "osx": lambda: _asked(patient, "osx", patient.id) + " of this party behind it",
        "nodemanager": lambda: registered(lambda: _asked(patient, "eggroll", service)),
        "fateboard": lambda: _board(patient),
        "notebook": lambda: _notebook(patient),
        "sparkmaster": lambda: _counted(patient, "spark", "sparkmaster", "sparkworker"),
        "namenode": lambda: _counted(patient, "hdfs", "namenode", "datanode"),
    }

    def asked() -> str:
        settled(patient.reach, service)
        return probes.get(kind_of(service), lambda: "healthy, as its own check says")()

    return Check(patient, service, asked, service)


def _wherever_they_run(patient: Patient) -> Mapping[str, Callable[[], str]]:
    """Return what FATE-Flow can ask of services, its own party's or others', as its settings say where."""
    return {
        "database": lambda: _asked(patient, "database", "health"),
        "broker": lambda: _probe(patient, "broker"),
        "pulsar": lambda: _asked(patient, "pulsar", "health"),
    }


def _of_outside(patient: Patient, service: str, place: str) -> Check:
    """Return the check of a part that others run: an account is tried, a file is written, or a connection."""
    probes = {
        **_wherever_they_run(patient),
        "sparkmaster": lambda: _asked(patient, "elsewhere", str(Symptom.SPARK_SILENT), place),
        "namenode": lambda: _written(patient, place),
    }
    return Check(patient, service, probes[service], "fateflow")


def _written(patient: Patient, place: str) -> str:
    """Write in an HDFS that others run, if it answers at all: Java would try for minutes."""
    _asked(patient, "elsewhere", str(Symptom.HDFS_SILENT), place)
    return _asked(patient, "hdfs_written", place, limit=WRITE_LIMIT)


def _of_peer(patient: Patient, peer: str) -> list[Check]:
    """Return the ways to a peer, by the services that this party has."""
    ways: Mapping[str, Callable[[], str]] = {
        "gateway": lambda: _way_to(patient, peer, lambda: _probe(patient, "gateway", peer)),
        "broker": lambda: _broker_of(patient, peer, "broker", lambda: _probe(patient, "broker_route", peer)),
        "pulsar": lambda: _pulsar_of(patient, peer),
        "osx": lambda: _way_to(patient, peer, lambda: _asked(patient, "osx", peer)),
    }
    checks = [
        Check(patient, f"{service} to {peer}", way, service, peer)
        for service, way in ways.items()
        if service in patient.outputs.containers
    ]
    if "pulsar" in patient.outputs.external:
        checks.append(
            Check(
                patient,
                f"pulsar to {peer}",
                lambda: _asked(patient, "pulsar", "peer", peer),
                "fateflow",
                peer,
            )
        )
    return checks


def _pulsar_of(patient: Patient, peer: str) -> str:
    """Ask the own Pulsar where that of a peer is, once it has started, and greet it there."""
    settled(patient.reach, "pulsar")
    return _broker_of(patient, peer, "pulsar", lambda: _asked(patient, "pulsar", "peer", peer))


def of_harbor(patient: Patient, outputs: HarborOutputs, secrets: harbor.Secrets) -> Check:
    """Return the question whether a party can pull from the stack's Harbor, and no more than that."""
    return Check(patient, "harbor", lambda: harbor.examined(outputs, patient.id, secrets), "fateflow")


def as_declared(patient: Patient, state: Callable[[], Exported], service: str) -> Check:
    """Return the question whether a party or an exchange is as Pulumi's state has it."""
    return Check(patient, "as declared", lambda: _as_declared(patient, state, service), service)


def _as_declared(patient: Patient, state: Callable[[], Exported], service: str) -> str:
    """Look for what Pulumi cannot see of a party. An account that may not look so far is no fault of it."""
    try:
        own = state().of_service(service) if patient.id == EXCHANGE else state().of_party(patient.id)
        found = [one.detail for place in own.places() for one in unseen_in(own, place)]
    except UnreadableOutputs as fault:
        raise Ailment(Symptom.NO_STATE, str(fault)) from None
    except Ailment as fault:
        if fault.symptom is Symptom.FORBIDDEN:
            return f"not asked: {fault.detail}"
        raise
    if found:
        raise Ailment(Symptom.UNSEEN, "; ".join(found))
    return "nothing differs without Pulumi seeing it"


def _probe(patient: Patient, *arguments: str) -> str:
    return _asked(patient, "probes", *arguments)


def _counted(patient: Patient, script: str, service: str, counted: str) -> str:
    """Ask a service, at its port `web`, for those that must have come to it."""
    return _asked(patient, script, len(patient.of_kind(counted)), patient.ports[service]["web"])


def _asked(patient: Patient, script: str, *arguments: object, limit: int = 20) -> str:
    if not patient.reach.state("fateflow").running:
        raise Ailment(Symptom.NOT_ASKED, "could not be asked: this party's fateflow does not run")
    return str(ask(patient.reach, script, *arguments, limit=limit)["detail"])


def _board(patient: Patient) -> str:
    user = patient.outputs.pages["board"].user
    return board.examined(patient.reach, patient.ports["fateboard"]["http"], user)


def _notebook(patient: Patient) -> str:
    flow = f"http://fateflow:{patient.ports['fateflow']['http']}"
    port = patient.ports["notebook"]["http"]
    return str(ask(patient.reach, "notebook", port, flow, service="notebook")["detail"])


def _way_to(patient: Patient, peer: str, asked: Callable[[], str]) -> str:
    back = "" if peer in patient.neighbours else "; only a job proves the way back"
    through = " through the exchange" if patient.outputs.meets_through_an_exchange(peer) else ""
    try:
        return f"{asked()} answers{through}{back}"
    except Ailment as fault:
        if fault.symptom in (Symptom.GATEWAY_UPSTREAM, Symptom.OSX_UPSTREAM):
            silent = Symptom.EXCHANGE_SILENT if through else Symptom.PEER_SILENT
            raise Ailment(silent, fault.detail) from None
        raise


def _broker_of(patient: Patient, peer: str, service: str, route: Callable[[], str]) -> str:
    """Greet a peer's broker, or Pulsar, where this party's route leads."""
    try:
        return greeted(patient.reach, service, route())
    except Ailment as fault:
        through = patient.outputs.meets_through_an_exchange(peer)
        if fault.symptom is Symptom.PEER_BROKER_SILENT and through:
            raise Ailment(Symptom.EXCHANGE_SILENT, fault.detail) from None
        raise
