"""Eight kinds of resource and five operations, no cell left out; adoption, and deletion beside content."""

from collections.abc import Callable

import pytest

from providers.harbor.__main__ import RESOURCES
from tests.conformance.plugin import Refused, Resource, Values
from tests.harbor import test_every_resource
from tests.harbor.examples import Example, with_policy
from tests.harbor.plugin import HarborPlugin
from tests.harbor.state import State
from tests.harbor.test_every_resource import every

KINDS = {kind.token.rpartition(":")[2]: kind for kind in RESOURCES}
TAKEN_OVER_ALWAYS = {"Replicated", "Settings"}
"""A run finds what is there, and the settings of a Harbor are never not there."""
STAYS = {
    "Project": "holds images and is not deleted: {project}/team/a",
    "Registry": "is needed by replication uses-it",
}
"""What is not deleted while something is in it or hangs on it, and what is said then."""


def of_others(example: Example) -> Values:
    """Return what somebody else made under the same name, otherwise than it is declared."""
    named = {"name": example.inputs["name"]} if "name" in example.inputs else {}
    return {**example.changed, **named}


@pytest.fixture
def theirs(plugin: HarborPlugin, state: State, example: Example) -> Resource:
    with_policy(state)
    return plugin.create(example.token, "theirs", of_others(example))


@every
def test_one_that_is_there_is_taken_over_as_it_is_declared(
    plugin: HarborPlugin, theirs: Resource, example: Example
) -> None:
    asked = {} if example.kind in TAKEN_OVER_ALWAYS else {"adopt": True}
    made = plugin.create(example.token, "it", {**example.inputs, **asked})
    assert made.id == theirs.id, "it is the one that was there"
    seen = plugin.read(made)
    assert seen is not None, "and it is there still"
    told = plugin.diff(seen, example.inputs)
    assert (told.operation, dict(told.paths)) == ("none", {}), "it is as declared"


@every
def test_one_that_is_there_is_not_touched_unasked(
    plugin: HarborPlugin, theirs: Resource, example: Example
) -> None:
    if example.kind in TAKEN_OVER_ALWAYS:
        assert "adopt" not in KINDS[example.kind].shape, "there is nothing to be asked"
        return
    before = plugin.read(theirs)
    with pytest.raises(Refused, match=r"already|has the retention"):
        plugin.create(example.token, "it", {**example.inputs, "adopt": False})
    assert plugin.read(theirs) == before, "what others made is as they made it"


@every
def test_a_deletion_beside_content_is_refused_or_loses_none_of_it(
    plugin: HarborPlugin, state: State, example: Example
) -> None:
    with_policy(state)
    made = plugin.create(example.token, "it", example.inputs)
    project = example.inputs.get("project") or example.inputs.get("namespace") or example.inputs.get("name")
    state.images[f"{project}/team/a"] = {"1.0": "sha256:content"}
    if example.kind == "Registry":
        state.policies[9] = {**state.policies[1], "name": "uses-it", "src_registry": {"id": int(made.id)}}
    images = dict(state.images)
    if example.kind in STAYS:
        with pytest.raises(Refused, match=STAYS[example.kind].format(project=project)):
            plugin.delete(made)
        assert plugin.read(made) is not None, "it is there"
    else:
        plugin.delete(made)
    assert state.images == images, "every image is there"
    assert state.project("fate"), "and the project of the others"


OPERATIONS: dict[str, Callable[..., None]] = {
    "creation": test_every_resource.test_a_second_preview_is_empty,
    "change": test_every_resource.test_a_change_is_told_by_its_path_and_then_made,
    "drift": test_every_resource.test_a_drift_is_named_and_repaired,
    "adoption": test_one_that_is_there_is_taken_over_as_it_is_declared,
    "deletion beside content": test_a_deletion_beside_content_is_refused_or_loses_none_of_it,
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_tried_on_each_kind(operation: str) -> None:
    marks = getattr(OPERATIONS[operation], "pytestmark", [])
    tried = {example.kind for mark in marks for example in mark.args[1]}
    assert tried == set(KINDS), "a cell is empty"
    assert len(KINDS) * len(OPERATIONS) == 40
