"""Robots of a Harbor: whose secret it is, what they may do, and how long."""

import json
import re
from time import time

import pytest

from tests.conformance.plugin import Refused, Values
from tests.harbor.examples import PULL, PUSH
from tests.harbor.plugin import UNKNOWN, HarborPlugin, is_secret
from tests.harbor.state import State

ROBOT = "fate-harbor:index:Robot"
SECRET = "First1234"
PULLER: Values = {
    "name": "puller",
    "project": "fate",
    "permissions": [{"namespace": "fate", "access": PULL}],
    "secret": SECRET,
}
SYSTEM: Values = {
    "name": "all",
    "level": "system",
    "permissions": [{"namespace": "fate", "access": PUSH}, {"namespace": "mirror", "access": PULL}],
    "secret": SECRET,
}
REFUSALS: list[tuple[Values, str]] = [
    ({**PULLER, "secret": "short1A"}, "secret has to have 8 to 128 characters"),
    ({**PULLER, "secret": "alllower123"}, "secret has to have 8 to 128 characters"),
    ({**PULLER, "secret": 12345678}, "secret of fate-harbor:index:Robot is a text, and that is none"),
    ({**PULLER, "name": "Puller"}, "'Puller' cannot be a name in Harbor"),
    ({**PULLER, "level": "party"}, "'party' is not one of project, system"),
    ({**PULLER, "durationDays": 0}, "0 is no time: write a number of days, or -1 for ever"),
    ({**PULLER, "permissions": []}, "has exactly one permission, not 0"),
    ({**PULLER, "permissions": [{"namespace": "fate", "access": []}]}, "permissions[0].access is empty"),
    ({**PULLER, "name": "party--9999"}, "parts of it joined by one"),
    ({**PULLER, "project": "other"}, "is 'fate', and a robot of project 'other' has that alone"),
    ({**SYSTEM, "project": "fate"}, "project is for a robot of level project"),
]


@pytest.mark.parametrize(
    ("inputs", "reason"), REFUSALS, ids=[f"{reason}-{n}" for n, (_, reason) in enumerate(REFUSALS)]
)
def test_what_harbor_would_refuse_is_refused_first(plugin: HarborPlugin, inputs: Values, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        plugin.check(ROBOT, "it", inputs)
    assert reason in str(refused.value), "what, and what to write instead"
    assert str(inputs["secret"]) not in str(refused.value), "no secret is told"


def test_its_secret_is_what_the_program_says(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(ROBOT, "it", PULLER)
    robot = state.robots[int(made.id)]
    assert robot["kept_secret"] == SECRET, "Harbor ignores one in the creation, so it is set after that"
    assert made.outputs["fullName"] == "robot$fate+puller", "by which a party logs in"
    assert robot["permissions"][0]["access"] == PULL, "it pulls, and pushes nothing"


def test_its_secret_is_marked_as_one(plugin: HarborPlugin) -> None:
    made = plugin.create(ROBOT, "it", PULLER)
    assert is_secret(made.inputs["secret"]), "in the inputs"
    assert is_secret(made.outputs["secret"]), "and in the outputs, whatever the program says"
    seen = plugin.read(made)
    assert seen is not None, "it is there"
    assert is_secret(seen.outputs["secret"]), "after a refresh too"


def test_a_robot_whose_secret_is_refused_is_taken_away_again(
    plugin: HarborPlugin, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.harbor.accounts.SECRET", re.compile("none"))
    with pytest.raises(Refused, match=r"refuses \(status 400\)"):
        plugin.create(ROBOT, "it", PULLER)
    assert not state.robots, "the next `up` finds no robot that no state knows"


def test_a_secret_changes_alone_and_so_do_rights(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(ROBOT, "it", PULLER)
    state.asked.clear()
    plugin.update(made, {**PULLER, "secret": "Second1234"})
    assert f"PUT /robots/{made.id}" not in state.asked, "nothing else is written"
    assert state.robots[int(made.id)]["kept_secret"] == "Second1234", "the new one"
    pusher = {**PULLER, "permissions": [{"namespace": "fate", "access": PUSH}]}
    plugin.update(made, pusher)
    assert f"PATCH /robots/{made.id}" in state.asked, "the secret once"
    assert state.asked.count(f"PATCH /robots/{made.id}") == 1, "and not again for the rights"
    assert state.robots[int(made.id)]["permissions"][0]["access"] == PUSH, "it pushes now"


@pytest.mark.parametrize("change", [{"name": "other"}, {"level": "system", "project": ""}])
def test_name_and_level_make_it_anew(plugin: HarborPlugin, change: Values) -> None:
    made = plugin.create(ROBOT, "it", PULLER)
    assert plugin.diff(made, {**PULLER, **change}).operation == "replace", "Harbor changes neither"


def test_one_whose_time_is_over_is_made_anew(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(ROBOT, "it", {**PULLER, "durationDays": 30})
    assert plugin.diff(made, {**PULLER, "durationDays": 30}).operation == "none", "it has 30 days"
    state.robots[int(made.id)]["expires_at"] = int(time()) - 60
    seen = plugin.read(made)
    assert seen is not None, "Harbor still has it"
    told = plugin.diff(seen, {**PULLER, "durationDays": 30})
    assert (told.operation, dict(told.paths)) == ("replace", {"expiresAt": "update-replace"}), "and says why"
    assert told.deletes_first, "of one name there is one at a time"


def test_another_duration_ends_it_another_day(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(ROBOT, "it", {**PULLER, "durationDays": 30})
    longer = {**PULLER, "durationDays": 60}
    assert plugin.foreseen(made, longer)["expiresAt"] == UNKNOWN, "a preview does not tell the old day"
    changed = plugin.update(made, longer)
    days = (changed.outputs["expiresAt"] - made.outputs["expiresAt"]) / 86400
    assert (changed.id, days) == (made.id, 30), "Harbor reckons it anew, from the creation"


def test_a_systems_robot_that_lost_a_project_is_given_it_again(plugin: HarborPlugin, state: State) -> None:
    mirror = plugin.create("fate-harbor:index:Project", "mirror", {"name": "mirror"})
    made = plugin.create(ROBOT, "it", SYSTEM)
    plugin.delete(mirror)
    seen = plugin.read(made)
    assert seen is not None, "the robot stays, silently with less"
    assert dict(plugin.diff(seen, SYSTEM).paths) == {"permissions[1]": "add"}, "what it lost is named"


@pytest.mark.parametrize("inputs", [PULLER, SYSTEM], ids=["project", "system"])
def test_one_that_is_there_is_adopted_when_asked_with_the_programs_secret(
    plugin: HarborPlugin, state: State, inputs: Values
) -> None:
    first = plugin.create(ROBOT, "first", inputs)
    with pytest.raises(Refused, match=r"robot robot\$.* is there already"):
        plugin.create(ROBOT, "it", {**inputs, "secret": "Second1234"})
    assert state.robots[int(first.id)]["kept_secret"] == SECRET, "its secret is not touched unasked"
    made = plugin.create(ROBOT, "it", {**inputs, "secret": "Second1234", "description": "x", "adopt": True})
    robot = state.robots[int(made.id)]
    assert (made.id, robot["kept_secret"], robot["description"]) == (first.id, "Second1234", "x"), (
        "as declared"
    )


def test_an_import_says_its_id_and_is_given_its_secret_then(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(ROBOT, "it", PULLER)
    seen = plugin.imported(ROBOT, "it", made.id)
    assert seen is not None, "it is there"
    assert (seen.inputs["name"], seen.inputs["project"]) == ("puller", "fate"), (
        "its name without Harbor's part"
    )
    told = plugin.diff(seen, PULLER)
    assert (told.operation, dict(told.paths)) == ("update", {"secret": "add"}), "which Harbor never tells"


def test_no_secret_stands_in_what_is_told_of_a_change(plugin: HarborPlugin) -> None:
    made = plugin.create(ROBOT, "it", PULLER)
    told = plugin.diff(made, {**PULLER, "secret": "Second1234"})
    assert SECRET not in json.dumps(dict(told.paths)), "a diff has paths alone"
