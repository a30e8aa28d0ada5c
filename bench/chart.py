"""The Helm chart of what a plan declares: each object as it stands, with no value to fill in."""

import json
from collections.abc import Mapping, Sequence

import yaml

from bench.plan import UNKNOWN, Resource, opened
from bench.verdicts import MeasuredFailedError

NAME = "bench"
ABOUT = {"apiVersion": "v2", "name": NAME, "version": "0.1.0"}
OPENING = "{{"


def chart(resources: Sequence[Resource]) -> Mapping[str, str]:
    """Return the chart's files by their path.

    Raises MeasuredFailedError for an object that only `up` will know: it would be another one.
    """
    templates = {f"templates/{number:03}.yaml": _template(each) for number, each in enumerate(resources)}
    return {"Chart.yaml": yaml.safe_dump(ABOUT), **templates}


def _template(resource: Resource) -> str:
    """Return the object as JSON, which is YAML, with what Helm would take for an action escaped."""
    text = json.dumps(opened(resource.inputs), indent=1)
    if UNKNOWN in text:
        raise MeasuredFailedError(
            f"a part of {resource.name} is known at up only", "Give it to bench/chart.py"
        )
    return text.replace(OPENING, '{{"' + OPENING + '"}}')
