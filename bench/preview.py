"""`pulumi preview` of the dev stack, beside a flat program with the same resources."""

from bench import flat, project
from bench.pairs import medians, timed
from bench.stack_files import stack_file, values_in
from bench.verdicts import Measured, MeasuredFailedError

LIMIT = 1.3
ENGINE = "unix:///var/run/docker.sock"


def measure(rounds: int) -> list[Measured]:
    """Measure previews of two stacks that were never up. Makes no resource."""
    values = values_in((project.CHECKOUT / "Pulumi.dev.yaml").read_text())
    with project.federation("dev", stack_file(values)) as ours:
        resources = ours.planned()
        with project.flat("dev", flat.program(resources, ENGINE)) as other:
            if flat.declared(other.planned()) != flat.declared(resources):
                raise MeasuredFailedError(
                    "the flat program declares other resources", "Correct bench/flat.py"
                )
            turns = {"ours": lambda: timed(ours.preview), "flat": lambda: timed(other.preview)}
            seconds = medians(turns, rounds)
    return [
        Measured(
            measure=f"preview of {len(resources)} resources",
            ours=seconds["ours"],
            unit="s",
            beside="flat program",
            other=seconds["flat"],
            limit=LIMIT,
        )
    ]
