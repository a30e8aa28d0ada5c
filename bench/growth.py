"""How `pulumi preview` grows with the number of parties."""

from collections.abc import Mapping
from contextlib import ExitStack

from bench import project
from bench.pairs import Timed, medians, timed
from bench.stack_files import grown_to, pulling_from, stack_file, values_in
from bench.stand_in import registry_that_says_yes
from bench.verdicts import Measured

SIZES = (2, 10, 50)
LIMIT = 1.2
"""How much dearer a party may become when there are many: linear growth is 1."""


def measure(rounds: int) -> list[Measured]:
    """Measure previews of stacks that were never up. Every party is a peer of every other."""
    values = values_in((project.CHECKOUT / "Pulumi.dev.yaml").read_text())
    with ExitStack() as made:
        pulling = pulling_from(values, made.enter_context(registry_that_says_yes()))
        turns = {str(size): _turn(made, grown_to(pulling, size), size) for size in SIZES}
        seconds = {int(size): taken for size, taken in medians(turns, rounds).items()}
    return [judged(seconds)]


def judged(seconds: Mapping[int, float], what: str = "preview") -> Measured:
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


def _turn(made: ExitStack, values: dict[str, object], size: int) -> Timed:
    grown = made.enter_context(project.federation(f"parties-{size}", stack_file(values)))
    return lambda: timed(grown.preview)


def _slope(seconds: Mapping[int, float], low: int, high: int) -> float:
    return 1000 * (seconds[high] - seconds[low]) / (high - low)
