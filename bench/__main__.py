"""`python -m bench`: measure, show, and end with 1 if a limit is missed."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from docker.errors import DockerException
from rich.console import Console

from bench import (
    cluster_growth,
    cluster_preview,
    cluster_up,
    growth,
    memory,
    preview,
    pull_request,
    repeat,
    sizes,
    table,
    up,
    upstream,
)
from bench.verdicts import CannotMeasureError, NotMeasured, Outcome, Verdict

Measurement = Callable[[], Sequence[Outcome]]
NAMES = (
    *("sizes", "upstream", "memory", "repeat", "pull-request", "preview", "growth", "up"),
    *("cluster-preview", "cluster-up", "cluster-growth"),
)
BAD = (Verdict.MISSED, Verdict.FAILED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements asked for; return 1 if a limit is missed or a measured thing failed, else 0."""
    asked = _arguments(arguments)
    progress = Console(stderr=True)
    outcomes: list[Outcome] = []
    for name, measurement in _measurements(asked).items():
        with progress.status(f"measuring {name}"):
            outcomes += attempted(name, measurement)
    if asked.json:
        print(table.as_json(outcomes))
    else:
        table.show(outcomes, Console())
    return 1 if any(outcome.verdict in BAD for outcome in outcomes) else 0


def attempted(name: str, measurement: Measurement) -> Sequence[Outcome]:
    """Return what a measurement found, or why it found nothing."""
    try:
        return measurement()
    except CannotMeasureError as error:
        return [NotMeasured(name, error.verdict, error.reason, error.remedy)]
    except DockerException as error:
        return [NotMeasured(name, Verdict.FAILED, f"the Docker engine refused: {error}", "Look at its log")]


def _measurements(asked: argparse.Namespace) -> Mapping[str, Measurement]:
    rounds, stack = asked.rounds, asked.stack
    known: dict[str, Measurement] = {
        "sizes": sizes.measure,
        "upstream": upstream.measure,
        "memory": lambda: memory.measure(stack),
        "repeat": lambda: repeat.measure(stack, rounds or 3),
        "pull-request": lambda: pull_request.measure(rounds or 5),
        "preview": lambda: preview.measure(rounds or 5),
        "growth": lambda: growth.measure(rounds or 3),
        "up": lambda: up.measure(rounds or 3),
        "cluster-preview": lambda: cluster_preview.measure(rounds or 5),
        "cluster-up": lambda: cluster_up.measure(rounds or 5),
        "cluster-growth": lambda: cluster_growth.measure(rounds or 3),
    }
    return {name: known[name] for name in NAMES if not asked.only or name in asked.only}


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="this measurement; may be repeated")
    parser.add_argument("--stack", default="dev", help="the running stack that memory and repeat look at")
    parser.add_argument("--rounds", type=int, help="how often each thing is timed (3 or 5 times)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
