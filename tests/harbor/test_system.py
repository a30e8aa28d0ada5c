"""Retention, garbage collection and settings of a Harbor."""

import pytest

from tests.conformance.plugin import Refused, Values
from tests.harbor.plugin import HarborPlugin
from tests.harbor.state import State

RETENTION = "fate-harbor:index:Retention"
GARBAGE = "fate-harbor:index:GarbageCollection"
SETTINGS = "fate-harbor:index:Settings"
LATEST = {"template": "latestPushedK", "count": 10}
KEEP: Values = {"project": "fate", "rules": [LATEST]}
REFUSALS: list[tuple[str, Values, str]] = [
    (RETENTION, {"project": "fate"}, "rules are missing: without one Harbor would keep nothing"),
    (
        RETENTION,
        {"project": "fate", "rules": [{"template": "newest"}]},
        "'newest' is not one of latestPushedK",
    ),
    (RETENTION, {"project": "fate", "rules": [{**LATEST, "count": 0}]}, "latestPushedK needs 1 or more"),
    (
        RETENTION,
        {"project": "fate", "rules": [{**LATEST, "tagsAre": "like"}]},
        "'like' is not one of matches",
    ),
    (RETENTION, {**KEEP, "cron": "daily"}, "'daily' has 1 fields"),
    (GARBAGE, {"cron": ""}, "cron is empty: leave the resource out"),
    (GARBAGE, {"cron": "0 0 5 * * 0", "workers": 11}, "11 workers: Harbor has 1 to 10"),
    (GARBAGE, {"cron": "30 0 5 * * 0"}, "begins with '30', and Harbor starts at second 0 only"),
    (SETTINGS, {"values": {"read_only": [True]}}, "values.read_only is a text, a number or true or false"),
]


@pytest.mark.parametrize(("token", "inputs", "reason"), REFUSALS, ids=[reason for *_, reason in REFUSALS])
def test_what_harbor_would_refuse_or_break_at_is_refused_first(
    plugin: HarborPlugin, token: str, inputs: Values, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        plugin.check(token, "it", inputs)
    assert reason in str(refused.value), "the value, why not, and what to write"


def test_a_retention_always_has_its_cron(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(RETENTION, "it", KEEP)
    kept = state.retentions[int(made.id)]
    assert kept["trigger"] == {"kind": "Schedule", "settings": {"cron": ""}}, (
        "without it Harbor's core crashes"
    )


def test_the_retention_that_harbor_made_for_a_cache_is_taken_over(plugin: HarborPlugin, state: State) -> None:
    cache = plugin.create("fate-harbor:index:Project", "cache", {"name": "cache", "registryId": "1"})
    made = plugin.create(RETENTION, "it", {**KEEP, "project": "cache"})
    assert made.id == cache.id, "the one that was there"
    assert state.retentions[int(made.id)]["rules"][0]["template"] == "latestPushedK", "as declared"


def test_a_retention_that_is_there_is_left_where_that_is_wanted(plugin: HarborPlugin, state: State) -> None:
    plugin.create(RETENTION, "first", KEEP)
    with pytest.raises(Refused, match="project fate has the retention 2: set `adopt` to true"):
        plugin.create(RETENTION, "it", {"project": "fate", "rules": [{"template": "always"}], "adopt": False})
    assert state.retentions[2]["rules"][0]["template"] == "latestPushedK", "it is as it was"


def test_a_retention_at_which_core_would_fail_is_not_touched(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(RETENTION, "it", KEEP)
    state.retentions[int(made.id)]["trigger"]["settings"] = {}
    for change in (lambda: plugin.update(made, KEEP), lambda: plugin.delete(made)):
        with pytest.raises(Refused, match="has no `cron` among its trigger's settings"):
            change()


def test_a_rule_that_means_nothing_is_seen_as_another(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(RETENTION, "it", KEEP)
    state.retentions[int(made.id)]["rules"][0]["params"] = {"latestPushedK": "ten"}
    seen = plugin.read(made)
    assert seen is not None, "Harbor keeps what it was told, whoever told it"
    assert dict(plugin.diff(seen, KEEP).paths) == {"rules[0].count": "update"}, "and it is put back"


def test_a_retention_of_no_project_is_refused(plugin: HarborPlugin) -> None:
    with pytest.raises(Refused, match="there is no project nowhere: declare it"):
        plugin.create(RETENTION, "it", {**KEEP, "project": "nowhere"})


def test_an_import_of_a_retention_says_its_project(plugin: HarborPlugin) -> None:
    made = plugin.create(RETENTION, "it", KEEP)
    seen = plugin.imported(RETENTION, "it", "fate")
    assert seen is not None, "the project has one"
    assert seen.id == made.id, "and it is known by its id from then on"
    assert plugin.diff(seen, KEEP).operation == "none", "the first preview after it is empty"


def test_a_schedule_that_is_there_is_taken_over_unless_unwanted(plugin: HarborPlugin, state: State) -> None:
    state.schedule = {"schedule": {"type": "Daily", "cron": "0 0 0 * * *"}, "job_parameters": "{}"}
    with pytest.raises(Refused, match=r"garbage is collected at '0 0 0 \* \* \*' already"):
        plugin.create(GARBAGE, "it", {"cron": "0 0 5 * * 0", "adopt": False})
    plugin.create(GARBAGE, "it", {"cron": "0 0 5 * * 0"})
    assert state.schedule["schedule"] == {"type": "Custom", "cron": "0 0 5 * * 0"}, "as declared"


def test_a_setting_that_harbor_has_not_is_refused(plugin: HarborPlugin, state: State) -> None:
    with pytest.raises(Refused) as refused:
        plugin.create(SETTINGS, "it", {"values": {"sesion_timeout": 5, "read_only": True}})
    assert "Harbor has no setting sesion_timeout, and would take it without a word" in str(refused.value)
    assert state.settings["read_only"] is False, "nothing of it is written"


def test_a_locked_setting_is_told_with_who_locks_it(plugin: HarborPlugin, state: State) -> None:
    state.locked = True
    with pytest.raises(Refused, match="setting session_timeout is locked: CONFIG_OVERWRITE_JSON"):
        plugin.create(SETTINGS, "it", {"values": {"session_timeout": 5}})
    plugin.create(SETTINGS, "same", {"values": {"session_timeout": 60}})


def test_settings_that_no_stack_names_stay(plugin: HarborPlugin, state: State) -> None:
    plugin.create(SETTINGS, "it", {"values": {"session_timeout": 5}})
    assert state.settings["robot_name_prefix"] == "robot$", "a writing is partial"
