"""What holds for each kind of resource in a Harbor, through the plugin's own process."""

import json

import pytest

from tests.conformance.plugin import Refused, Resource
from tests.harbor.examples import EXAMPLES, Example, with_policy
from tests.harbor.plugin import UNKNOWN, HarborPlugin
from tests.harbor.state import State


def of(examples: list[Example]) -> pytest.MarkDecorator:
    ids = [f"{each.kind}-{each.inputs.get('name', '')}" for each in examples]
    return pytest.mark.parametrize("example", examples, ids=ids)


every = of(EXAMPLES)


@pytest.fixture
def made(plugin: HarborPlugin, state: State, example: Example) -> Resource:
    with_policy(state)
    return plugin.create(example.token, "it", example.inputs)


@every
def test_a_second_preview_is_empty(plugin: HarborPlugin, made: Resource, example: Example) -> None:
    told = plugin.diff(made, example.inputs)
    assert (told.operation, dict(told.paths)) == ("none", {}), "what was declared is what the state has"


@every
def test_a_refresh_is_empty(plugin: HarborPlugin, made: Resource, example: Example) -> None:
    seen = plugin.read(made)
    assert seen is not None, "it was just made"
    assert seen.inputs == made.inputs, "what Harbor leaves out is its default, and no drift"
    assert seen.outputs == made.outputs, "nor do the outputs change by looking"
    assert plugin.diff(seen, example.inputs).operation == "none", "a refresh finds nothing"


@every
def test_a_change_is_told_by_its_path_and_then_made(
    plugin: HarborPlugin, made: Resource, example: Example
) -> None:
    told = plugin.diff(made, example.changed)
    assert (told.operation, dict(told.paths)) == ("update", example.told), "the diff is what was changed"
    changed = plugin.update(made, example.changed)
    assert plugin.diff(changed, example.changed).operation == "none", "the change is made"
    seen = plugin.read(changed)
    assert seen is not None, "a change takes nothing away"
    assert seen.inputs == changed.inputs, "and Harbor has it"


@every
def test_a_drift_is_named_and_repaired(
    plugin: HarborPlugin, state: State, made: Resource, example: Example
) -> None:
    example.drift(state)
    seen = plugin.read(made)
    assert seen is not None, "it drifted, and is there"
    told = plugin.diff(seen, example.inputs)
    assert told.operation == "update", f"{example.kind} is brought back in place"
    assert set(told.paths) == example.drifted, "the drift is named by what somebody changed"
    if example.kind != "Replicated":  # a tag that was pushed over stays so: Replicated refuses below
        again = plugin.read(plugin.update(seen, example.inputs))
        assert again is not None, "it was brought back"
        assert again.inputs == made.inputs, "the drift is gone"


@of([each for each in EXAMPLES if each.kept])
def test_one_that_is_gone_is_told_so(
    plugin: HarborPlugin, state: State, made: Resource, example: Example
) -> None:
    getattr(state, example.kept).clear()
    assert plugin.read(made) is None, "the next `up --refresh` makes it again"


@of([each for each in EXAMPLES if each.kept])
def test_a_deletion_leaves_nothing_and_may_come_twice(
    plugin: HarborPlugin, made: Resource, example: Example
) -> None:
    plugin.delete(made)
    assert plugin.read(made) is None, f"the {example.kind} is taken away"
    plugin.delete(made)


@of([each for each in EXAMPLES if not each.kept])
def test_the_deletion_of_what_cannot_be_undone_leaves_it(
    plugin: HarborPlugin, state: State, made: Resource, example: Example
) -> None:
    before = (dict(state.settings), dict(state.images))
    plugin.delete(made)
    assert (state.settings, state.images) == before, f"a {example.kind} that goes loses nothing"


@every
def test_a_preview_asks_no_harbor(plugin: HarborPlugin, state: State, example: Example) -> None:
    told = plugin.preview(example.token, "it", example.inputs)
    assert state.asked == [], "the Harbor may be made by the same stack"
    assert all(
        told[name] == UNKNOWN
        for name in told
        if name not in plugin.check(example.token, "it", example.inputs)
    )


@every
def test_the_order_of_inputs_says_nothing(plugin: HarborPlugin, made: Resource, example: Example) -> None:
    turned = {key: example.inputs[key] for key in reversed(example.inputs)}
    for key in ("permissions", "artifacts"):
        if key in turned:
            turned[key] = [*reversed(turned[key])]
    assert plugin.diff(made, turned).operation == "none", "the same things in another order are the same"


@every
def test_a_property_that_there_is_not_is_refused_by_name(plugin: HarborPlugin, example: Example) -> None:
    with pytest.raises(Refused, match=f"{example.token} has no property colour"):
        plugin.check(example.token, "it", {**example.inputs, "colour": "red"})


@every
def test_what_only_up_knows_is_no_fault(plugin: HarborPlugin, example: Example) -> None:
    unknown = dict.fromkeys(example.inputs, UNKNOWN)
    checked = plugin.check(example.token, "it", unknown)
    assert json.dumps(checked).count(UNKNOWN) == len(unknown), "it stays unknown"
