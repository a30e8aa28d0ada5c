"""What the child process is asked for: a record of one side, or the plan from a record to the other."""

from collections.abc import Mapping
from typing import Any

from ops.preview.plan import Plan
from ops.preview.recorder.program import Run, planned, recorded
from ops.preview.resource import Resource
from ops.preview.steps_as_json import steps_as_json
from ops.preview.values import Seal, dumped, parsed


def answer(order: Mapping[str, Any], base: str, seal: Seal) -> list[str]:
    """Return the lines that answer an order.

    `record` answers with the outputs and, on a line of its own, with the resources; `plan` takes such a line
    and answers with the steps; with `run` false it tells what a stack leaves that is no more.
    """
    run = Run(
        order["project"],
        order["stack"],
        order["configuration"],
        order["secret-keys"],
        order["references"],
        seal,
    )
    if order["do"] == "record":
        monitor = recorded(run)
        resources = [resource.as_json() for resource in monitor.recorded.values()]
        return [dumped({"exports": monitor.exports}), dumped(resources)]
    before = {found["urn"]: Resource.from_json(found) for found in parsed(base) or []}
    if not order["run"]:
        return [dumped({"exports": {}, **steps_as_json(Plan(before).finish(), {})})]
    steps, monitor = planned(run, before)
    return [dumped({"exports": monitor.exports, **steps_as_json(steps, monitor.exports)})]
