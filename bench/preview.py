"""`pulumi preview` of the dev stack, beside a flat program with the same resources."""

from bench import flat, project
from bench.engine import free_ports
from bench.pairs import medians, timed
from bench.stack_files import listening_on, stack_file, values_in
from bench.verdicts import Measured, MeasuredFailedError

LIMIT = 1.3
STACK = "bench-preview"
"""Like the dev stack, on other ports: that one may be up."""
ENGINE = "unix:///var/run/docker.sock"


def measure(rounds: int) -> list[Measured]:
    """Measure previews of two stacks that were never up. Makes no resource."""
    values = values_in((project.CHECKOUT / "Pulumi.dev.yaml").read_text())
    with project.federation(STACK, stack_file(listening_on(values, free_ports()))) as ours:
        resources = ours.planned()
        with project.flat(STACK, flat.program(resources, ENGINE)) as other:
            if flat.declared(other.planned()) != flat.declared(resources):
                raise MeasuredFailedError(
                    "the flat program declares other resources", "Correct bench/flat.py"
                )
            return [beside_flat(f"preview of {len(resources)} resources", ours, other, rounds)]


def beside_flat(measure: str, ours: project.Project, other: project.Project, rounds: int) -> Measured:
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
