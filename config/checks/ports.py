"""The ports that a stack opens: on machines, on the nodes of clusters, on hosts before them; who may dial."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from config.checks.exchange_openings import ports_of_the_exchange
from config.cluster_exposure import NODE_PORTS, NodePortExposure
from config.exposure import Address
from config.external import ExternalSpark
from config.faults import Fault, path
from config.kubernetes import KubernetesSettings
from config.mirror import OwnMirror
from config.party import PartySettings
from config.plan import Plan
from config.runtime import DockerSettings
from config.text import WILDCARD

EVERY_PORT = range(1, 65536)


@dataclass(frozen=True)
class OpenedPort:
    """A port of a machine that a stack opens, and where the stack says so."""

    machine: str
    bind: str
    port: int
    path: str
    use: str
    among: range = EVERY_PORT

    def collides(self, other: "OpenedPort") -> bool:
        """Say whether both cannot be opened: a wildcard takes every address of its machine."""
        same = (self.machine, self.port) == (other.machine, other.port)
        return same and (self.bind == other.bind or WILDCARD in (self.bind, other.bind))


def opened_ports(plan: Plan) -> tuple[OpenedPort, ...]:
    """Return every port that a plan opens, the mirror's first."""
    return (*_of_the_mirror(plan), *_of_the_exchange(plan), *_of_the_parties(plan))


def no_port_twice(plan: Plan) -> Iterator[Fault]:
    """Refuse two things on one port of one machine, ahead of Docker's `port is already allocated`."""
    opened = opened_ports(plan)
    earlier: dict[tuple[str, int], list[OpenedPort]] = {}
    for later in opened:
        there = earlier.setdefault((later.machine, later.port), [])
        first = next((other for other in there if other.collides(later)), None)
        there.append(later)
        if first is not None:
            yield Fault(
                later.path,
                f"port {later.port} on {later.bind} of {later.machine} is opened for {first.use} already"
                f" ({first.path}, {first.bind})",
                _instead(later, opened),
            )


def ports_of_peers(party: PartySettings) -> Iterator[tuple[str, Address]]:
    """Yield each service that a party opens for its peers, by `<service>-port`, and what they dial."""
    if party.expose is None:
        return
    for service, address in party.expose.addresses.items():
        if service in party.service_names:
            yield service, address


def _instead(wanted: OpenedPort, opened: Iterable[OpenedPort]) -> str:
    taken = {other.port for other in opened if other.machine == wanted.machine}
    above = range(wanted.port + 1, wanted.among.stop)
    below = range(wanted.port - 1, wanted.among.start - 1, -1)
    free = next((port for port in chain(above, below) if port not in taken), None)
    return f"write another port, such as {free}" if free else "open less: no port is free"


def _of_the_mirror(plan: Plan) -> Iterator[OpenedPort]:
    mirror, at = plan.mirror, path("mirror", "port")
    if not isinstance(mirror, OwnMirror):
        return
    match plan.runtime:
        case DockerSettings() as engine:
            yield OpenedPort(engine.machine, mirror.bind, mirror.port, at, "the mirror")
        case KubernetesSettings(exposure=exposure) as cluster if mirror.port in NODE_PORTS:
            if mirror.kind == "harbor" and not isinstance(exposure, NodePortExposure):
                return
            yield OpenedPort(cluster.machine, WILDCARD, mirror.port, at, "the mirror", NODE_PORTS)


def _of_the_exchange(plan: Plan) -> Iterator[OpenedPort]:
    expose = plan.exchange.expose if plan.exchange else None
    if expose is None:
        return
    for at, port in ports_of_the_exchange(plan):
        match plan.exchange_runtime:
            case DockerSettings() as engine:
                yield OpenedPort(engine.machine, expose.bind, port, at, "the exchange")
            case KubernetesSettings() as cluster:
                of_nodes = isinstance(cluster.exposure, NodePortExposure)
                machine, among = (cluster.machine, NODE_PORTS) if of_nodes else (expose.host, EVERY_PORT)
                if port in among:
                    yield OpenedPort(machine, WILDCARD, port, at, "the exchange", among)


def _of_the_parties(plan: Plan) -> Iterator[OpenedPort]:
    for place, party in plan.parties.items():
        match plan.runtime_of(party):
            case DockerSettings() as engine:
                yield from _on_an_engine(engine.machine, place, party)
            case KubernetesSettings() as cluster:
                yield from _of_a_cluster(cluster, place, party)


def _on_an_engine(machine: str, place: int, party: PartySettings) -> Iterator[OpenedPort]:
    for key, opening in party.openings.items():
        if opening.port is not None:
            what = "API" if key == "api" else key
            at = path("parties", place, key, "port")
            yield OpenedPort(machine, opening.bind, opening.port, at, f"the {what} of party {party.id}")
    yield from _of_executors(machine, place, party)
    bind = party.expose.bind if party.expose else WILDCARD
    for service, (_, port) in ports_of_peers(party):
        at = path("parties", place, "expose", f"{service}-port")
        yield OpenedPort(machine, bind, port, at, f"the {service} of party {party.id}")


def _of_executors(machine: str, place: int, party: PartySettings) -> Iterator[OpenedPort]:
    spark = party.outside.get("sparkmaster")
    if isinstance(spark, ExternalSpark) and spark.driver is not None:
        at = path("parties", place, "external", "spark", "driver", "port")
        for port in spark.called_back_at:
            yield OpenedPort(machine, spark.driver.bind, port, at, f"the executors of party {party.id}")


def _of_a_cluster(cluster: KubernetesSettings, place: int, party: PartySettings) -> Iterator[OpenedPort]:
    """Yield the ports of nodes, which all parties share, or else those of the host that peers dial."""
    of_nodes = isinstance(cluster.exposure, NodePortExposure)
    among = NODE_PORTS if of_nodes else EVERY_PORT
    for service, (host, port) in ports_of_peers(party):
        machine = cluster.machine if of_nodes else host
        if port in among:
            at = path("parties", place, "expose", f"{service}-port")
            yield OpenedPort(machine, WILDCARD, port, at, f"the {service} of party {party.id}", among)


def sources_need_a_cluster(plan: Plan) -> Iterator[Fault]:
    """Refuse sources on Docker, where everybody could dial all the same."""
    for place, party in plan.parties.items():
        if party.expose and party.expose.sources and isinstance(plan.runtime_of(party), DockerSettings):
            yield Fault(
                path("parties", place, "expose", "sources"),
                "is for Kubernetes: a Docker engine does not filter by source, and everybody could dial",
                "leave sources out, and filter in the firewall of the machine or of its network",
            )
