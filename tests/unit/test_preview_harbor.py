"""What a preview says of a change to what is in a Harbor, without the plugin that makes it so."""

from collections.abc import Mapping
from typing import Any

import pytest

from ops.preview.dangers import dangers_in
from ops.preview.resource import Resource
from ops.preview.rules import rule_for
from ops.preview.rules.harbor import NATURES
from ops.preview.steps import Operation, Plan, Step
from providers.harbor.__main__ import RESOURCES

HARBOR = "urn:pulumi:s::p::fate:index:HarborContents::harbor"
PROJECT = {"name": "fate", "public": False}


def resource(kind: str, inputs: Mapping[str, Any], **options: Any) -> Resource:  # noqa: ANN401
    urn = f"{HARBOR.rpartition('::')[0]}$fate-harbor:index:{kind}::harbor-x"
    return Resource(urn, f"fate-harbor:index:{kind}", "harbor-x", HARBOR, True, inputs, **options)


def step(old: Resource | None, new: Resource | None) -> Step:
    plan = Plan({old.urn: old} if old else {})
    if new is not None:
        plan.register(new)
    return plan.finish()[0]


def told(old: Resource | None, new: Resource | None) -> dict[str, str]:
    return {str(each.hazard): each.sentence for each in dangers_in([step(old, new)], {})}


@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: kind.token)
def test_the_preview_knows_of_each_resource_what_the_plugin_does(kind: Any) -> None:  # noqa: ANN401
    nature = NATURES[kind.token.rpartition(":")[2]]
    replacing = {name for name, prop in kind.shape.items() if not prop.in_place}
    assert set(nature.replacing) == replacing, "or a preview tells an update where a replacement comes"
    assert nature.computed == kind.computed
    assert nature.name == kind.name_key


@pytest.mark.parametrize(
    ("kind", "old", "new", "operation"),
    [
        ("Project", PROJECT, {**PROJECT, "quota": 5}, Operation.UPDATE),
        ("Project", PROJECT, {**PROJECT, "name": "other"}, Operation.REPLACE),
        ("Project", PROJECT, {**PROJECT, "adopt": True}, Operation.SAME),
        ("Replication", {"filters": [{"value": "a"}]}, {"filters": [{"value": "b"}]}, Operation.UPDATE),
        ("Robot", {"name": "a"}, {"name": "b"}, Operation.REPLACE),
        ("Robot", {"secret": "a"}, {"secret": "b"}, Operation.UPDATE),
    ],
)
def test_a_change_comes_to_what_the_plugin_makes_of_it(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any], operation: Operation
) -> None:
    assert step(resource(kind, old), resource(kind, new)).operation is operation


def test_a_name_that_stays_is_free_only_once_the_old_one_is_gone() -> None:
    rule = rule_for("fate-harbor:index:Robot")
    assert rule.deletes_first({"name": "a", "project": "x"}, {"name": "a", "project": "y"})
    assert not rule.deletes_first({"name": "a"}, {"name": "b"})


def test_a_project_that_goes_leaves_its_images_behind() -> None:
    kept = resource("Project", PROJECT, retain_on_delete=True)
    other = resource("Project", {**PROJECT, "name": "new"}, retain_on_delete=True)
    assert told(kept, None) == {
        "data-loss": "the images of project fate of {where} are left behind: nothing pulls from it any more"
    }
    assert "parties pull from new, which starts empty" in told(kept, other)["data-loss"]
    assert "Harbor refuses while it holds images" in told(resource("Project", PROJECT), None)["refused"]


def test_what_opens_deletes_or_locks_out_is_a_danger() -> None:
    public = resource("Project", {**PROJECT, "public": True})
    assert "pulls without a login" in told(resource("Project", PROJECT), public)["exposure"]
    assert "no longer can" in told(resource("Robot", {"name": "push"}), None)["reach"]
    keep = resource("Retention", {"rules": [{"template": "always"}]})
    assert "are deleted when that runs" in told(None, keep)["data-loss"]


def test_what_loses_nothing_is_none() -> None:
    replication = resource("Replication", {"filters": []})
    for old, new in (
        (None, resource("Project", PROJECT)),
        (resource("Project", PROJECT), resource("Project", {**PROJECT, "quota": 5})),
        (replication, None),
        (resource("Retention", {"rules": []}), None),
        (resource("Retention", {"rules": []}), resource("Retention", {"rules": []})),
    ):
        assert told(old, new) == {}, f"{old} to {new} is called dangerous"
