"""The ports that a stack opens on machines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from config.engines import Federation
from config.faults import Fault
from config.mirror import DistributionMirror
from config.party import PartySettings
from config.paths import path
from config.plan import Plan
from config.runtime import DockerSettings
from config.text import WILDCARD


@dataclass(frozen=True)
class OpenedPort:
    """A port of a machine that a stack opens, and where the stack says so."""

    machine: str
    bind: str
    port: int
    path: str
    use: str

    def collides(self, other: "OpenedPort") -> bool:
        """Say whether both cannot be opened: a wildcard takes every address of its machine."""
        same = (self.machine, self.port) == (other.machine, other.port)
        return same and (self.bind == other.bind or WILDCARD in (self.bind, other.bind))


def opened_ports(plan: Plan) -> tuple[OpenedPort, ...]:
    """Return every port that a plan opens, the mirror's first."""
    return (*_of_the_mirror(plan), *_of_the_parties(plan))


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
                f"write another port, such as {_free(later, opened)}",
            )


def _free(wanted: OpenedPort, opened: Iterable[OpenedPort]) -> int:
    taken = {other.port for other in opened if other.machine == wanted.machine}
    above_and_below = chain(range(wanted.port + 1, 65536), range(wanted.port - 1, 0, -1))
    return next((port for port in above_and_below if port not in taken), wanted.port)


def _of_the_mirror(plan: Plan) -> Iterator[OpenedPort]:
    if isinstance(plan.mirror, DistributionMirror) and isinstance(plan.runtime, DockerSettings):
        machine, mirror = plan.runtime.machine, plan.mirror
        yield OpenedPort(machine, mirror.bind, mirror.port, path("mirror", "port"), "the mirror")


def _of_the_parties(plan: Plan) -> Iterator[OpenedPort]:
    for place, party in plan.parties.items():
        if engine := plan.runtime_of(party):
            yield from _of_a_party(engine.machine, place, party)


def _of_a_party(machine: str, place: int, party: PartySettings) -> Iterator[OpenedPort]:
    def opened(bind: str, port: int, use: str, *at: str) -> OpenedPort:
        return OpenedPort(machine, bind, port, path("parties", place, *at), f"{use} of party {party.id}")

    if party.api is not None:
        yield opened(party.api.bind, party.api.port, "the API", "api", "port")
    if party.expose is None:
        return
    bind = party.expose.bind
    yield opened(bind, party.expose.gateway_port, "the gateway", "expose", "gateway-port")
    if party.engines.federation is Federation.RABBITMQ:
        yield opened(bind, party.expose.broker_port, "the broker", "expose", "broker-port")
