"""`pulumi preview` of two parties on Kubernetes, beside a flat program with the same objects."""

from bench import flat, flat_kubernetes, kubernetes, project
from bench.preview import beside_flat
from bench.stack_files import stack_file
from bench.stand_in import registry_that_says_yes
from bench.verdicts import Measured, MeasuredFailedError
from offline.cluster.layout import CONTEXT

STACK = "bench-pods"


def measure(rounds: int) -> list[Measured]:
    """Measure previews of two stacks that were never up; the API server is asked about every object."""
    kubernetes.require()
    with (
        registry_that_says_yes() as address,
        project.federation(STACK, stack_file(kubernetes.on_the_cluster(address))) as ours,
    ):
        objects = ours.planned("kubernetes")
        text = flat_kubernetes.program(objects, CONTEXT, str(kubernetes.HOME.kubeconfig))
        with project.flat(STACK, text) as other:
            if flat.declared(other.planned("kubernetes")) != flat.declared(objects):
                problem = "the flat program declares other objects"
                raise MeasuredFailedError(problem, "Correct bench/flat_kubernetes.py")
            return [beside_flat(f"preview of {len(objects)} Kubernetes objects", ours, other, rounds)]
