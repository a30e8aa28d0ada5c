"""One run of a side's program for one stack, and what an engine would answer to it, made up.

The answer is the same for the same inputs, another where a resource is replaced. So two sides of a change
agree on an image's id exactly where its recipe and its name are the same.
"""

import asyncio
import json
import os
import runpy
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi.runtime import stack
from pulumi.runtime.config import set_all_config
from pulumi.runtime.settings import Settings, configure

from diff.values import UNKNOWN
from ops.preview.recorder.monitor import Answer, Log, Monitor
from ops.preview.resource import Resource, keys_of
from ops.preview.rules import rule_for
from ops.preview.seal import Seal, digest
from ops.preview.steps import Operation, Plan, Step

EMPTY: Mapping[str, Any] = {"networkDatas": [], "exitCode": 0, "status": {}}
"""Outputs that are no text."""
SHA = frozenset({"imageId", "sha256Digest"})


def assumed_id(resource: Resource) -> str:
    """Return the id of a resource that exists."""
    named = rule_for(resource.type).id_of(resource.inputs)
    return named or f"made-up-{digest(resource.urn, resource.inputs)[:16]}"


def assumed_outputs(resource: Resource) -> dict[str, Any]:
    """Return what a resource would tell beside its inputs."""
    names = rule_for(resource.type).unknown(resource.inputs)
    return {name: _output(name, resource) for name in names}


def _output(name: str, resource: Resource) -> object:
    if name in EMPTY:
        return EMPTY[name]
    made = digest(resource.type, name, resource.inputs)
    return f"sha256:{made}" if name in SHA else f"made-up-{made[:16]}"


@dataclass(frozen=True)
class Run:
    """What a program is run with."""

    project: str
    stack: str
    configuration: Mapping[str, str]
    secret_keys: list[str]
    references: Mapping[str, Mapping[str, Any]]
    seal: Seal


def recorded(run: Run) -> Monitor:
    """Run the program as if everything existed, with made-up outputs."""

    def answer(resource: Resource) -> Resource:
        return replace(resource, id=assumed_id(resource), outputs=assumed_outputs(resource))

    return _ran(run, answer, dry=False)


def planned(run: Run, base: Mapping[str, Resource]) -> tuple[list[Step], Monitor]:
    """Run the program as a preview does, from the resources of a base."""
    plan = Plan(base)

    def answer(resource: Resource) -> Resource:
        return _foreseen(plan.register(resource))

    monitor = _ran(run, answer, dry=True)
    return plan.finish(), monitor


def _foreseen(step: Step) -> Resource:
    """Return a resource with what a preview knows of it."""
    new = step.resource
    computed = rule_for(new.type).unknown(new.inputs)
    ignored = {keys_of(path)[0] for path in new.ignore_changes}
    outputs = {name: value for name, value in new.inputs.items() if name in ignored}
    if not new.custom or step.operation in (Operation.CREATE, Operation.REPLACE) or step.old is None:
        return replace(new, id="", outputs=outputs | dict.fromkeys(computed, UNKNOWN))
    outputs |= {name: step.old.outputs[name] for name in computed if name in step.old.outputs}
    return replace(new, id=step.old.id, outputs=outputs)


def _ran(run: Run, answer: Answer, dry: bool) -> Monitor:
    monitor, log = Monitor(run.stack, run.project, run.seal, answer, run.references), Log()
    configure(
        Settings(
            project=run.project,
            stack=run.stack,
            monitor=monitor,
            engine=log,
            dry_run=dry,
            organization="organization",
            root_directory=os.getcwd(),
        )
    )
    set_all_config(dict(run.configuration), run.secret_keys)
    os.environ["PULUMI_CONFIG"] = json.dumps(dict(run.configuration))  # as the language host hands it over
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(stack.run_in_stack(_program))
    return monitor


def _program() -> None:
    sys.argv = ["__main__.py"]
    runpy.run_path("__main__.py", run_name="__main__")
