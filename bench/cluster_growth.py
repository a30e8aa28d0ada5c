"""How `pulumi preview` and `pulumi up` grow with the number of parties on Kubernetes.

No single machine runs two hundred pods: a hollow node calls them ready. Each party has two peers, for what
grows with the square of the parties, as in a federation of all with all, is no party's cost.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

from bench import kubernetes, project
from bench.growth import SIZES, judged
from bench.hollow import SCHEDULING, hollow_node
from bench.pairs import Timed, medians, timed
from bench.project import Project
from bench.stack_files import Values, grown_to, in_a_ring, stack_file
from bench.stand_in import registry_that_says_yes
from bench.verdicts import Measured

STACK = "bench-pods"
SAVED_ONCE = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""Pulumi writes a whole state file twice for each resource, which grows with the square of their number,
whatever the program. Here it writes the file at the end."""


def measure(rounds: int) -> list[Measured]:
    """Measure previews of stacks that were never up, then each `up` from nothing; the largest only once.

    The namespaces of the largest take minutes to go: they are left to end by themselves.
    """
    kubernetes.require()
    kubernetes.clear(STACK)
    with ExitStack() as made:
        address = made.enter_context(registry_that_says_yes())
        projects = {size: _project(made, values(address, size)) for size in SIZES}
        previews = medians({str(size): _preview(each) for size, each in projects.items()}, rounds)
        made.enter_context(hollow_node())
        made.callback(kubernetes.clear, STACK, wait=False)
        *smaller, largest = SIZES
        ups = medians({str(size): _up_and_away(projects[size]) for size in smaller}, rounds)
        ups[str(largest)] = timed(projects[largest].up)
    return [judged(_by_size(previews), "preview on Kubernetes"), judged(_by_size(ups), "up on a hollow node")]


def values(address: str, size: int) -> Values:
    """Return a stack of so many parties, all of whose pods go to the hollow node."""
    one = kubernetes.on_the_cluster(address)
    runtime = {**one["runtime"], "scheduling": SCHEDULING}
    first = {**one["parties"][0], "runtime": runtime}
    return in_a_ring(grown_to({**one, "runtime": runtime, "parties": [first]}, size))


def _project(made: ExitStack, values: Values) -> Project:
    own = made.enter_context(project.federation(STACK, stack_file(values)))
    return replace(own, environment={**own.environment, **SAVED_ONCE})


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
