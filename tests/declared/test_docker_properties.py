"""Every property that the program sets on a Docker resource, and what the official plugin does with a change.

Observed over the provider's protocol and read in the source of pulumi-docker 5.1.0. A property that is told
as an update and not applied has to be among what the program replaces a resource for.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

import pytest

from components.runtimes.docker import TOLD_BUT_NOT_APPLIED
from tests.declared.program import Declared, declare, stack_file
from tests.declared.test_every_container import REFERENCES
from tests.unit.harbor_examples import harbor


class Change(Enum):
    """What a change of a property does."""

    REPLACED = "the plugin replaces the resource"
    APPLIED = "the plugin changes what is there"
    NOTED = "the plugin does something else from then on, such as waiting; what is there needs no change"
    NOT_APPLIED = "the plugin tells an update and changes nothing: this program replaces"


CONTAINER = {
    "attach": Change.NOTED,
    "capabilities": Change.REPLACED,
    "command": Change.REPLACED,
    "cpus": Change.REPLACED,
    "destroyGraceSeconds": Change.NOTED,
    "entrypoints": Change.REPLACED,
    "envs": Change.REPLACED,
    "healthcheck": Change.NOT_APPLIED,
    "image": Change.REPLACED,
    "init": Change.NOT_APPLIED,
    "labels": Change.REPLACED,
    "logDriver": Change.REPLACED,
    "logOpts": Change.REPLACED,
    "memory": Change.APPLIED,
    "memorySwap": Change.APPLIED,
    "mustRun": Change.NOTED,
    "name": Change.REPLACED,
    "networkMode": Change.REPLACED,
    "networksAdvanced": Change.REPLACED,
    "ports": Change.REPLACED,
    "restart": Change.APPLIED,
    "securityOpts": Change.REPLACED,
    "shmSize": Change.REPLACED,
    "ulimits": Change.REPLACED,
    "uploads": Change.REPLACED,
    "user": Change.REPLACED,
    "volumes": Change.REPLACED,
    "wait": Change.NOTED,
    "waitTimeout": Change.NOTED,
}
TABLE: Mapping[str, Mapping[str, Change]] = {
    "Container": CONTAINER,
    "Network": {"labels": Change.REPLACED, "name": Change.REPLACED},
    "Volume": {"labels": Change.REPLACED, "name": Change.REPLACED},
    "RemoteImage": {"build": Change.REPLACED, "keepLocally": Change.NOTED, "name": Change.REPLACED},
    "RegistryImage": {"authConfig": Change.NOTED, "keepRemotely": Change.NOTED, "name": Change.REPLACED},
}
STAYS_WITHOUT = {"command", "envs", "labels", "securityOpts", "user", "logDriver"}
"""What a container keeps, untold, where the program no longer sets it: so it has to be set always."""


HARBOR = "harbor"
"""Of foreign images, whose entrypoints are replaced."""
STACKS = ("dev", "party-9999", "party-10000", "exchange", HARBOR)


@pytest.fixture(scope="module", params=STACKS)
def declared(request: pytest.FixtureRequest) -> Declared:
    values = harbor() if request.param == HARBOR else stack_file(request.param)
    values["parties"][0]["services"] = {"fateflow": {"cpus": 2, "environment": {"TZ": "UTC"}}}
    return declare(values, stack=request.param, references=REFERENCES)


def docker_resources(declared: Declared) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    for resource in declared.resources:
        if resource.typ.startswith("docker:index/"):
            yield resource.name, resource.typ.rpartition(":")[2], resource.inputs


def test_every_property_that_is_set_stands_in_the_table(declared: Declared) -> None:
    for name, kind, inputs in docker_resources(declared):
        unknown = {key for key, value in inputs.items() if value is not None} - set(TABLE[kind])
        assert not unknown, f"{name}: say in the table what a change of {unknown} does"


def test_the_table_holds_nothing_that_is_never_set() -> None:
    kinds: dict[str, set[str]] = {}
    for stack in STACKS:
        values = harbor() if stack == HARBOR else stack_file(stack)
        values["parties"][0]["services"] = {"fateflow": {"cpus": 2}}
        for _, kind, inputs in docker_resources(declare(values, stack=stack, references=REFERENCES)):
            kinds.setdefault(kind, set()).update(inputs)
    assert kinds == {kind: set(properties) for kind, properties in TABLE.items()}


def test_what_is_told_and_not_applied_replaces_the_container() -> None:
    told = {key for key, change in CONTAINER.items() if change is Change.NOT_APPLIED}
    assert set(TOLD_BUT_NOT_APPLIED) == told, "the state would say what the engine does not have"


def test_every_container_says_what_it_would_keep_untold(declared: Declared) -> None:
    for name, kind, inputs in docker_resources(declared):
        if kind == "Container" and not name.endswith("-secrets"):
            lacking = {key for key in STAYS_WITHOUT if not inputs.get(key)}
            assert not lacking, f"{name}: an override of {lacking} that is taken back would stay, untold"
