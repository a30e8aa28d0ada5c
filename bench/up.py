"""`pulumi up` of a two-party federation, beside docker-compose with the same containers."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import docker

from bench import compose_run, project
from bench.engine import built_image, connect, free_ports, swept
from bench.pairs import medians, timed
from bench.stack_files import NO_REGISTRY, Values, listening_on, pulling_from, stack_file, values_in
from bench.verdicts import Measured
from config import ServiceName, StackSettings, load

LIMIT = 1.3
STACK = f"bench-{os.getpid()}"
"""No stack of a user's has that name: what carries it is removed, volumes included."""


def measure(rounds: int) -> list[Measured]:
    """Measure from nothing to every health check passed, volumes empty and images present.

    Makes a stack of its own and takes it away, its volumes included.
    """
    client = connect()
    compose_run.require()
    values = _values()
    with (
        named_images(client, load(values)),
        swept(client, STACK),
        project.federation(STACK, stack_file(values)) as ours,
        compose_run.composed(ours.planned(), client) as other,
    ):
        turns = {
            "ours": lambda: _up_and_away(ours.up, lambda: _away(ours, client)),
            "compose": lambda: _up_and_away(other.up, other.down),
        }
        seconds = medians(turns, rounds)
    return [judged(seconds)]


def judged(seconds: Mapping[str, float]) -> Measured:
    """Return the row of what was timed."""
    return Measured(
        measure="up of two parties, images present",
        ours=seconds["ours"],
        unit="s",
        beside="docker-compose",
        other=seconds["compose"],
        limit=LIMIT,
    )


def _values() -> Values:
    values = values_in((project.CHECKOUT / "Pulumi.dev.yaml").read_text())
    return listening_on(pulling_from(values, NO_REGISTRY), free_ports())


def _up_and_away(up: Callable[[], object], away: Callable[[], object]) -> float:
    try:
        return timed(up)
    finally:
        away()


def _away(ours: project.Project, client: docker.DockerClient) -> None:
    ours.destroy()
    with swept(client, STACK):
        pass


@contextmanager
def named_images(client: docker.DockerClient, settings: StackSettings) -> Iterator[None]:
    """Name the images of this checkout as the stack will ask for them, for as long as it is measured."""
    named: list[str] = []
    try:
        for wanted in (settings.image(service) for service in ServiceName):
            built_image(client, wanted.name).tag(f"{NO_REGISTRY}/{wanted.name}", wanted.tag)
            named.append(f"{NO_REGISTRY}/{wanted.text}")
        yield
    finally:
        for name in named:
            client.images.remove(name, force=True, noprune=True)
