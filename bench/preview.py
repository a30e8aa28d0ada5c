"""`pulumi preview` of two parties, beside a flat program with the same resources; also on Kubernetes."""

from collections.abc import Sequence

from bench import flat, kubernetes, project
from bench.engine import free_ports
from bench.gauges import medians, timed
from bench.project import Project
from bench.saved_plan import Resource
from bench.stack_files import listening_on, stack_file, values_in, with_eggroll
from bench.stand_in import registry_that_says_yes
from bench.verdicts import Measured, MeasuredFailedError
from offline.cluster.layout import CONTEXT

LIMIT = 1.3
OF_ENGINES = 1.2
EGGROLL = "bench-eggroll"
STACK = "bench-preview"
"""Like the dev stack, on other ports: that one may be up."""
ENGINE = "unix:///var/run/docker.sock"


def measure(rounds: int) -> list[Measured]:
    """Measure previews of two stacks that were never up. Makes no resource."""
    values = values_in((project.CHECKOUT / "Pulumi.dev.yaml").read_text())
    with project.federation(STACK, stack_file(listening_on(values, free_ports()))) as ours:
        resources = ours.planned()
        with project.flat(STACK, flat.docker_program(resources, ENGINE)) as other:
            _require_same("resources", resources, other.planned())
            return [_beside_flat(f"preview of {len(resources)} resources", ours, other, rounds)]


def measure_on_kubernetes(rounds: int) -> list[Measured]:
    """Measure previews of two stacks that were never up; the API server is asked about every object."""
    kubernetes.require()
    with (
        registry_that_says_yes() as address,
        project.federation(kubernetes.STACK, stack_file(kubernetes.on_the_cluster(address))) as ours,
    ):
        objects = ours.planned("kubernetes")
        text = flat.kubernetes_program(objects, CONTEXT, str(kubernetes.HOME.kubeconfig))
        with project.flat(kubernetes.STACK, text) as other:
            _require_same("objects", objects, other.planned("kubernetes"))
            return [_beside_flat(f"preview of {len(objects)} Kubernetes objects", ours, other, rounds)]


def measure_engines(rounds: int) -> list[Measured]:
    """Measure previews, for each resource: of Eggroll with OSX from the hub, beside the dev stack."""
    dev = values_in((project.CHECKOUT / "Pulumi.dev.yaml").read_text())
    with (
        registry_that_says_yes() as address,
        project.federation(STACK, stack_file(listening_on(dev, free_ports()))) as usual,
        project.federation(EGGROLL, stack_file(with_eggroll(dev, address))) as ours,
    ):
        counted = {"ours": len(ours.planned()), "usual": len(usual.planned())}
        turns = {"ours": lambda: timed(ours.preview), "usual": lambda: timed(usual.preview)}
        each = {name: 1000 * taken / counted[name] for name, taken in medians(turns, rounds).items()}
        return [
            Measured(
                measure=f"preview of Eggroll, for each of {counted['ours']} resources",
                ours=each["ours"],
                unit="ms",
                beside="dev stack",
                other=each["usual"],
                limit=OF_ENGINES,
            )
        ]


def _require_same(what: str, ours: Sequence[Resource], others: Sequence[Resource]) -> None:
    if flat.declared(others) != flat.declared(ours):
        raise MeasuredFailedError(f"the flat program declares other {what}", "Correct bench/flat.py")


def _beside_flat(measure: str, ours: Project, other: Project, rounds: int) -> Measured:
    """Time the previews of two projects that declare the same."""
    turns = {"ours": lambda: timed(ours.preview), "flat": lambda: timed(other.preview)}
    seconds = medians(turns, rounds)
    return Measured(
        measure=measure,
        ours=seconds["ours"],
        unit="s",
        beside="flat program",
        other=seconds["flat"],
        limit=LIMIT,
    )
