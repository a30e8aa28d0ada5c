"""`pulumi up` of a stack in which nothing has changed."""

from bench.pairs import medians, timed
from bench.project import checkout
from bench.verdicts import CannotMeasureError, Measured, MeasuredFailedError

LIMIT = 5.0


def measure(stack: str, rounds: int) -> list[Measured]:
    """Measure `pulumi up` as a user types it: its preview, then the update. Changes nothing."""
    own = checkout(stack)
    try:
        own.pulumi("preview", "--expect-no-changes")
    except MeasuredFailedError as failed:
        raise CannotMeasureError(
            f"stack {stack} is not up, or has changes ({failed.remedy})", f"Run make up STACK={stack}"
        ) from None
    seconds = medians({"up": lambda: timed(lambda: own.pulumi("up", "--yes"))}, rounds)
    return [Measured(measure=f"up of unchanged stack {stack}", ours=seconds["up"], unit="s", limit=LIMIT)]
