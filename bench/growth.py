"""How `pulumi preview` and `pulumi up` grow with the number of parties: on Docker, on Kubernetes.

On Docker every party is a peer of every other. On Kubernetes, where `up` is measured too, each has two peers:
what grows with the square of the parties, as in a federation of all with all, is no party's cost. No single
machine runs two hundred pods: a hollow node calls them ready.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

from bench import kubernetes, project
from bench.gauges import Timed, medians, timed
from bench.hollow import SCHEDULING, hollow_node
from bench.kubernetes import STACK
from bench.project import Project
from bench.stack_files import Values, grown_to, in_a_ring, pulling_from, stack_file, values_in
from bench.stand_in import registry_that_says_yes
from bench.verdicts import Measured

SIZES = (2, 10, 50)
LIMIT = 1.2
"""How much dearer a party may become when there are many: linear growth is 1."""
SAVED_ONCE = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""Pulumi writes a whole state file twice for each resource, which grows with the square of their number,
whatever the program. Here it writes the file at the end."""


def measure(rounds: int) -> list[Measured]:
    """Measure previews of stacks that were never up. Every party is a peer of every other."""
    values = values_in((project.CHECKOUT / "Pulumi.dev.yaml").read_text())
    with ExitStack() as made:
        pulling = pulling_from(values, made.enter_context(registry_that_says_yes()))
        projects = {
            size: made.enter_context(
                project.federation(f"parties-{size}", stack_file(grown_to(pulling, size)))
            )
            for size in SIZES
        }
        return [judged(_previews(projects, rounds), "preview")]


def measure_on_kubernetes(rounds: int) -> list[Measured]:
    """Measure previews of stacks that were never up, then each `up` from nothing; the largest only once.

    The namespaces of the largest take minutes to go: they are left to end by themselves.
    """
    kubernetes.require()
    kubernetes.clear(STACK)
    with ExitStack() as made:
        address = made.enter_context(registry_that_says_yes())
        projects = {size: _saved_once(made, ring(address, size)) for size in SIZES}
        previews = _previews(projects, rounds)
        made.enter_context(hollow_node())
        made.callback(kubernetes.clear, STACK, wait=False)
        *smaller, largest = SIZES
        ups = medians({str(size): _up_and_away(projects[size]) for size in smaller}, rounds)
        ups[str(largest)] = timed(projects[largest].up)
    return [judged(previews, "preview on Kubernetes"), judged(_by_size(ups), "up on a hollow node")]


def ring(address: str, size: int) -> Values:
    """Return a stack of so many parties, all of whose pods go to the hollow node."""
    one = kubernetes.on_the_cluster(address)
    runtime = {**one["runtime"], "scheduling": SCHEDULING}
    first = {**one["parties"][0], "runtime": runtime}
    return in_a_ring(grown_to({**one, "runtime": runtime, "parties": [first]}, size))


def judged(seconds: Mapping[int, float], what: str) -> Measured:
    """Return the milliseconds that a party costs among many, beside what it costs among few."""
    few, some, many = sorted(seconds)
    return Measured(
        measure=f"{what}, each party more: "
        + ", ".join(f"{size} take {seconds[size]:.1f} s" for size in (few, some, many)),
        ours=_slope(seconds, some, many),
        unit="ms",
        beside=f"from {few} to {some} parties",
        other=_slope(seconds, few, some),
        limit=LIMIT,
    )


def _saved_once(made: ExitStack, values: Values) -> Project:
    own = made.enter_context(project.federation(STACK, stack_file(values)))
    return replace(own, environment={**own.environment, **SAVED_ONCE})


def _previews(projects: Mapping[int, Project], rounds: int) -> dict[int, float]:
    return _by_size(medians({str(size): _preview(each) for size, each in projects.items()}, rounds))


def _preview(stack: Project) -> Timed:
    return lambda: timed(stack.preview)


def _up_and_away(stack: Project) -> Timed:
    def turn() -> float:
        seconds = timed(stack.up)
        stack.forget()
        kubernetes.clear(STACK)
        return seconds

    return turn


def _by_size(seconds: Mapping[str, float]) -> dict[int, float]:
    return {int(size): taken for size, taken in seconds.items()}


def _slope(seconds: Mapping[int, float], low: int, high: int) -> float:
    return 1000 * (seconds[high] - seconds[low]) / (high - low)
