"""`pulumi up` of two parties, beside docker-compose or `helm install --wait`, and of an unchanged stack."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

import docker

from bench import compose, helm, kubernetes, project
from bench.engine import built_image, connect, free_ports, swept
from bench.gauges import medians, timed
from bench.kubernetes import STACK as CLUSTER_STACK
from bench.saved_plan import Resource
from bench.stack_files import Values, listening_on, pulling_from, stack_file, values_in
from bench.stand_in import registry_that_says_yes
from bench.verdicts import CannotMeasureError, Measured, MeasuredFailedError

COMPOSE_LIMIT = 1.3
HELM_LIMIT = 1.0
UNCHANGED_LIMIT = 5.0
STACK = f"bench-{os.getpid()}"
"""No stack of a user's has that name: what carries it is removed, volumes included."""


def measure(rounds: int) -> list[Measured]:
    """Measure from nothing to every health check passed, volumes empty and images present.

    Makes a stack of its own and takes it away, its volumes included.
    """
    client = connect()
    compose.require()
    with (
        registry_that_says_yes() as address,
        swept(client, STACK),
        project.federation(STACK, stack_file(_values(address))) as ours,
        named_images(client, _asked(resources := ours.planned())),
        compose.composed(resources, client) as other,
    ):
        turns = {
            "ours": lambda: _up_and_away(ours.up, lambda: _away(ours, client)),
            "other": lambda: _up_and_away(other.up, other.down),
        }
        seconds = medians(turns, rounds)
    return [_judged("up of two parties, images present", seconds, "docker-compose", COMPOSE_LIMIT)]


def measure_on_kubernetes(rounds: int) -> list[Measured]:
    """Measure from nothing to every pod ready: no namespace and no claim before, images on the node.

    Makes namespaces of its own and takes them away, their volumes included.
    """
    kubernetes.require()
    helm.require()
    client = connect()
    with (
        registry_that_says_yes() as address,
        project.federation(CLUSTER_STACK, stack_file(kubernetes.on_the_cluster(address))) as ours,
        named_images(client, images := image_names(resources := ours.planned("kubernetes"))),
        kubernetes.on_the_node(images),
        kubernetes.cleared(CLUSTER_STACK),
        helm.packed(resources) as other,
    ):
        turns = {
            "ours": lambda: _up_and_away(ours.up, lambda: _cleared(ours.forget)),
            "other": lambda: _up_and_away(other.install, lambda: _cleared(other.forget)),
        }
        seconds = medians(turns, rounds)
    return [_judged("up of two parties on Kubernetes", seconds, "helm install --wait", HELM_LIMIT)]


def measure_unchanged(stack: str, rounds: int) -> list[Measured]:
    """Measure `pulumi up` as a user types it: its preview, then the update. Changes nothing."""
    own = project.checkout(stack)
    try:
        own.pulumi("preview", "--expect-no-changes")
    except MeasuredFailedError as failed:
        raise CannotMeasureError(
            f"stack {stack} is not up, or has changes ({failed.remedy})", f"Run make up STACK={stack}"
        ) from None
    taken = medians({"up": lambda: timed(lambda: own.pulumi("up", "--yes"))}, rounds)
    return [Measured(f"up of unchanged stack {stack}", taken["up"], "s", limit=UNCHANGED_LIMIT)]


def image_names(resources: Sequence[Resource]) -> list[str]:
    """Return the images that the objects of a plan run, each once."""
    return sorted({name for resource in resources for name in _images(resource)})


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


def _judged(measure: str, seconds: Mapping[str, float], beside: str, limit: float) -> Measured:
    return Measured(measure, seconds["ours"], "s", beside, seconds["other"], limit)


def _values(address: str) -> Values:
    values = values_in((project.CHECKOUT / "Pulumi.dev.yaml").read_text())
    return listening_on(pulling_from(values, address), free_ports())


def _up_and_away(up: Callable[[], object], away: Callable[[], object]) -> float:
    """Return the seconds that something takes to come up; take it away, however that ends."""
    try:
        return timed(up)
    finally:
        away()


def _away(ours: project.Project, client: docker.DockerClient) -> None:
    ours.destroy()
    with swept(client, STACK):
        pass


def _cleared(forget: Callable[[], object]) -> None:
    forget()
    kubernetes.clear(CLUSTER_STACK)


def _asked(resources: Sequence[Resource]) -> set[str]:
    return {str(each.inputs["name"]) for each in resources if each.kind == "RemoteImage"}


def _images(resource: Resource) -> Iterator[str]:
    template = resource.inputs.get("spec", {}).get("template", {})
    for container in template.get("spec", {}).get("containers", ()):
        yield container["image"]
