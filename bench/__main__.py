"""`python -m bench`: measure, show, and end with 1 if a limit is missed."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from docker.errors import DockerException
from rich.console import Console

from bench import footprint, growth, preview, pull_request, up, upstream, verdicts
from bench.verdicts import CannotMeasureError, NotMeasured, Outcome, Verdict

Measurement = Callable[[], Sequence[Outcome]]
NAMES = {
    "sizes": "the images that are built here, unpacked",
    "upstream": "what leaves the upstream registry for a second party, beside the first",
    "memory": "what the containers of a running stack hold",
    "repeat": "`pulumi up` of a running stack in which nothing has changed",
    "pull-request": "`fate preview` of a change of one line: seconds, and memory",
    "preview": "`pulumi preview` of two parties, beside a flat program with the same resources",
    "engines": "`pulumi preview` of Eggroll with OSX, for each resource, beside the dev stack",
    "growth": "`pulumi preview`: a party more among many, beside one more among few",
    "up": "`pulumi up` of two parties, beside docker-compose with the same containers",
    "cluster-preview": "`pulumi preview` on Kubernetes, beside a flat program with the same objects",
    "cluster-up": "`pulumi up` on Kubernetes, beside helm install --wait of the same objects",
    "cluster-growth": "`pulumi preview` and `up` on Kubernetes: a party more among many, beside few",
}
"""What is measured beside what, in this order."""
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
        print(verdicts.as_json(outcomes))
    else:
        verdicts.show(outcomes, Console())
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
        "sizes": footprint.measure_images,
        "upstream": upstream.measure,
        "memory": lambda: footprint.measure_memory(stack),
        "repeat": lambda: up.measure_unchanged(stack, rounds or 3),
        "pull-request": lambda: pull_request.measure(rounds or 5),
        "preview": lambda: preview.measure(rounds or 5),
        "engines": lambda: preview.measure_engines(rounds or 5),
        "growth": lambda: growth.measure(rounds or 3),
        "up": lambda: up.measure(rounds or 3),
        "cluster-preview": lambda: preview.measure_on_kubernetes(rounds or 5),
        "cluster-up": lambda: up.measure_on_kubernetes(rounds or 5),
        "cluster-growth": lambda: growth.measure_on_kubernetes(rounds or 3),
    }
    return {name: known[name] for name in NAMES if not asked.only or name in asked.only}


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    listed = "\n".join(f"  {name:<16} {about}" for name, about in NAMES.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=f"measurements:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=NAMES, help="this measurement; may be repeated")
    parser.add_argument("--stack", default="dev", help="the running stack that memory and repeat look at")
    parser.add_argument("--rounds", type=int, help="how often each thing is timed (3 or 5 times)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
