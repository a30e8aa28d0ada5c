"""Projects of a Harbor: what is adopted, what is replaced, and what is never lost."""

import pytest

from tests.conformance.plugin import Refused
from tests.harbor.plugin import UNKNOWN, HarborPlugin
from tests.harbor.state import State

PROJECT = "fate-harbor:index:Project"
REFUSALS = [
    ({"name": "Fate"}, "'Fate' cannot be a name in Harbor: write at most 255 lower-case"),
    ({"name": "fate", "quota": 0}, "0 is no quota: write a number of bytes, or -1 for none"),
    ({"name": "fate", "quota": "much"}, "quota of fate-harbor:index:Project is a number"),
    ({"name": "fate", "registryId": "hub"}, "'hub' is no id: give the `id` of the resource itself"),
    ({"name": "fate", "proxySpeedKb": 5}, "proxySpeedKb is for a proxy cache"),
    ({}, "fate-harbor:index:Project needs name"),
]


@pytest.mark.parametrize(("inputs", "reason"), REFUSALS, ids=[reason for _, reason in REFUSALS])
def test_what_harbor_would_refuse_or_ignore_is_refused_first(
    plugin: HarborPlugin, inputs: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        plugin.check(PROJECT, "it", inputs)
    assert reason in str(refused.value), "the value, and what to write instead"


@pytest.mark.parametrize("change", [{"name": "other"}, {"name": "fate-2", "registryId": "1"}])
def test_what_harbor_ignores_the_change_of_makes_a_project_anew(
    plugin: HarborPlugin, change: dict[str, object]
) -> None:
    made = plugin.create(PROJECT, "it", {"name": "fate-2"})
    told = plugin.diff(made, change)
    assert told.operation == "replace", "Harbor takes such a change without a word, and does nothing"
    assert told.deletes_first == (change["name"] == "fate-2"), "of one name there is one at a time"


def test_a_registry_that_only_up_knows_is_told_as_a_replacement(plugin: HarborPlugin) -> None:
    made = plugin.create(PROJECT, "it", {"name": "cache", "registryId": "1"})
    assert plugin.diff(made, {"name": "cache", "registryId": UNKNOWN}).operation == "replace"


def test_one_that_is_there_is_not_taken_over_unasked(plugin: HarborPlugin, state: State) -> None:
    state.images["fate/a"] = {"1.0": "sha256:a"}
    with pytest.raises(Refused) as refused:
        plugin.create(PROJECT, "it", {"name": "fate", "public": True})
    told = str(refused.value)
    assert "project fate (id 1, 1 repositories) is there already" in told, "what it is"
    assert "set `adopt` to true" in told, "how to take it over"
    assert "by the id 1" in told, "and how to import it"
    assert state.projects[1]["metadata"] == {"public": "false"}, "nothing of it changed"


def test_one_that_is_there_is_adopted_with_its_images(plugin: HarborPlugin, state: State) -> None:
    state.images["fate/a"] = {"1.0": "sha256:a"}
    made = plugin.create(PROJECT, "it", {"name": "fate", "public": True, "quota": 700, "adopt": True})
    assert made.id == "1", "it is the project that was there"
    assert (state.projects[1]["metadata"], state.quotas[1]) == ({"public": "true"}, 700), "as declared"
    assert state.images == {"fate/a": {"1.0": "sha256:a"}}, "with its images"
    assert plugin.diff(made, {"name": "fate", "public": True, "quota": 700}).operation == "none", (
        "that it was adopted is no difference"
    )


def test_a_name_of_digits_is_no_id(plugin: HarborPlugin, state: State) -> None:
    state.projects[7] = {"project_id": 7, "name": "1", "registry_id": 0, "metadata": {"public": "false"}}
    state.quotas[7] = -1
    made = plugin.create(PROJECT, "it", {"name": "1", "adopt": True})
    assert made.id == "7", "the project named 1, and not that of the id 1"


def test_a_project_of_another_registry_is_not_adopted(plugin: HarborPlugin, state: State) -> None:
    with pytest.raises(Refused, match="is no proxy cache, which Harbor never changes: declare it with"):
        plugin.create(PROJECT, "it", {"name": "fate", "registryId": "1", "adopt": True})


def test_one_that_holds_images_is_not_deleted(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(PROJECT, "it", {"name": "mirror"})
    state.images = {f"mirror/team/{number}": {"1": f"sha256:{number}"} for number in range(10, 22)}
    with pytest.raises(Refused) as refused:
        plugin.delete(made)
    told = str(refused.value)
    assert "project mirror holds images and is not deleted: mirror/team/10, mirror/team/11" in told
    assert "and 2 more" in told, "a long list is cut"
    assert "pulumi state delete" in told, "and the way out is told"
    assert len(state.images) == 12, "every image is there"
    assert state.project("mirror"), "and the project"


def test_a_project_whose_retention_would_crash_core_is_not_deleted(
    plugin: HarborPlugin, state: State
) -> None:
    made = plugin.create(PROJECT, "it", {"name": "mirror"})
    id = int(made.id)
    state.retentions[id] = {"id": id, "trigger": {"kind": "Schedule", "settings": {}}, "scope": {"ref": id}}
    state.project("mirror")["metadata"]["retention_id"] = str(id)
    with pytest.raises(Refused, match="core crashes when such a project is deleted"):
        plugin.delete(made)
    assert not state.crashed, "Harbor goes on for all others"


@pytest.mark.parametrize("id", ["1", "fate"])
def test_an_import_says_an_id_or_a_name(plugin: HarborPlugin, id: str) -> None:
    seen = plugin.imported(PROJECT, "it", id)
    assert seen is not None, "it is there"
    assert (seen.id, seen.inputs["name"], seen.inputs["quota"]) == ("1", "fate", -1), "as Harbor has it"
    assert plugin.diff(seen, {"name": "fate"}).operation == "none", "the first preview after it is empty"


def test_a_change_of_one_that_is_gone_says_what_makes_it_again(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(PROJECT, "it", {"name": "mirror"})
    del state.projects[int(made.id)]
    with pytest.raises(Refused, match="project mirror is gone: `pulumi up --refresh` makes it again"):
        plugin.update(made, {"name": "mirror", "public": True})


def test_a_quota_that_harbor_would_leave_out_is_refused(plugin: HarborPlugin, state: State) -> None:
    state.settings["quota_per_project_enable"] = False
    with pytest.raises(Refused, match="setting quota_per_project_enable is false"):
        plugin.create(PROJECT, "it", {"name": "mirror", "quota": 5000})
    assert list(state.projects) == [1], "nothing is made"
    made = plugin.create(PROJECT, "it", {"name": "mirror"})
    seen = plugin.read(made)
    assert seen is not None, "it is there"
    assert seen.inputs["quota"] == -1, "and has no row among the quotas, as one without a limit"
    with pytest.raises(Refused, match="has no quota that could be changed: make it anew"):
        plugin.update(seen, {"name": "mirror", "quota": 5000})
