"""`pulumi up` of two parties on Kubernetes, beside `helm install --wait` of the same objects."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bench import helm, kubernetes, project
from bench.engine import connect
from bench.pairs import medians
from bench.plan import Resource
from bench.stack_files import stack_file
from bench.stand_in import registry_that_says_yes
from bench.up import named_images, up_and_away
from bench.verdicts import Measured

LIMIT = 1.0
STACK = "bench-pods"


def measure(rounds: int) -> list[Measured]:
    """Measure from nothing to every pod ready: no namespace and no claim before, images on the node.

    Makes namespaces of its own and takes them away, their volumes included.
    """
    kubernetes.require()
    helm.require()
    client = connect()
    with (
        registry_that_says_yes() as address,
        project.federation(STACK, stack_file(kubernetes.on_the_cluster(address))) as ours,
        named_images(client, images := image_names(resources := ours.planned("kubernetes"))),
        kubernetes.on_the_node(images),
        kubernetes.cleared(STACK),
        helm.packed(resources) as other,
    ):
        turns = {
            "ours": lambda: up_and_away(ours.up, lambda: _cleared(ours.forget)),
            "helm": lambda: up_and_away(other.install, lambda: _cleared(other.forget)),
        }
        seconds = medians(turns, rounds)
    return [judged(seconds)]


def judged(seconds: Mapping[str, float]) -> Measured:
    """Return the row of what was timed."""
    return Measured(
        measure="up of two parties on Kubernetes",
        ours=seconds["ours"],
        unit="s",
        beside="helm install --wait",
        other=seconds["helm"],
        limit=LIMIT,
    )


def image_names(resources: Sequence[Resource]) -> list[str]:
    """Return the images that the objects of a plan run, each once."""
    return sorted({name for resource in resources for name in _images(resource)})


def _images(resource: Resource) -> Iterator[str]:
    template = resource.inputs.get("spec", {}).get("template", {})
    for container in template.get("spec", {}).get("containers", ()):
        yield container["image"]


def _cleared(forget: Callable[[], object]) -> None:
    forget()
    kubernetes.clear(STACK)
