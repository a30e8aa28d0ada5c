"""`pulumi up` of a two-party federation, beside docker-compose with the same containers."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

import docker

from bench import compose_run, project
from bench.engine import built_image, connect, free_ports, swept
from bench.pairs import medians, timed
from bench.plan import Resource
from bench.stack_files import Values, listening_on, pulling_from, stack_file, values_in
from bench.stand_in import registry_that_says_yes
from bench.verdicts import Measured

LIMIT = 1.3
STACK = f"bench-{os.getpid()}"
"""No stack of a user's has that name: what carries it is removed, volumes included."""


def measure(rounds: int) -> list[Measured]:
    """Measure from nothing to every health check passed, volumes empty and images present.

    Makes a stack of its own and takes it away, its volumes included.
    """
    client = connect()
    compose_run.require()
    with (
        registry_that_says_yes() as address,
        swept(client, STACK),
        project.federation(STACK, stack_file(_values(address))) as ours,
        named_images(client, _asked(resources := ours.planned())),
        compose_run.composed(resources, client) as other,
    ):
        turns = {
            "ours": lambda: up_and_away(ours.up, lambda: _away(ours, client)),
            "compose": lambda: up_and_away(other.up, other.down),
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


def _values(address: str) -> Values:
    values = values_in((project.CHECKOUT / "Pulumi.dev.yaml").read_text())
    return listening_on(pulling_from(values, address), free_ports())


def up_and_away(up: Callable[[], object], away: Callable[[], object]) -> float:
    """Return the seconds that something takes to come up; take it away, however that ends."""
    try:
        return timed(up)
    finally:
        away()


def _away(ours: project.Project, client: docker.DockerClient) -> None:
    ours.destroy()
    with swept(client, STACK):
        pass


def _asked(resources: Sequence[Resource]) -> set[str]:
    return {str(each.inputs["name"]) for each in resources if each.kind == "RemoteImage"}


@contextmanager
def named_images(client: docker.DockerClient, asked: Collection[str]) -> Iterator[None]:
    """Name this checkout's images as a stack asks for them, for as long as it is measured."""
    named: list[str] = []
    try:
        for name in sorted(asked):
            repository, _, tag = name.rpartition(":")
            built_image(client, repository.rpartition("/")[2]).tag(repository, tag)
            named.append(name)
        yield
    finally:
        for name in named:
            client.images.remove(name, force=True, noprune=True)
