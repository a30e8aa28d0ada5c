"""A star in a preview: how it is drawn, and what is said where somebody loses the exchange."""

from typing import Any

from ops.preview.exports import lost_ways
from ops.preview.picture import COLOURS, picture
from ops.preview.stack_changes import Presence, StackChange

BEHIND: dict[str, Any] = {
    "parties": {
        "9999": {"peers": ["10000"], "exchange": {"at": "here", "leads-to": ["10000"]}},
        "10000": {"peers": ["9999"], "exchange": {"at": "here", "leads-to": ["9999"]}},
    },
    "exchange": {"parties": {"9999": {"broker-at": 5701}, "10000": {"broker-at": 5702}}},
}
DIRECT: dict[str, Any] = {"parties": {"9999": {"peers": ["10000"]}, "10000": {"peers": ["9999"]}}}
ALONE: dict[str, Any] = {"parties": {}, "exchange": {"parties": {"9999": {}, "10000": {}}}}


def drawn(before: dict[str, Any], after: dict[str, Any]) -> str:
    steps = [{"component": "exchange", "service": "relay", "is-component": False}]
    return picture(StackChange("star", Presence.BOTH, before=before, after=after, steps=steps))


def test_parties_behind_an_exchange_are_drawn_to_it_and_not_to_each_other() -> None:
    text = drawn(BEHIND, BEHIND)
    assert "n9999 --- nexchange_20_here" in text
    assert "n10000 --- n9999" not in text


def test_an_exchange_that_comes_is_green_and_the_ways_past_it_go() -> None:
    lines = drawn(DIRECT, BEHIND).splitlines()
    assert any('(("exchange")):::added' in line for line in lines)
    gone = next(number for number, line in enumerate(lines) if "n10000 --- n9999" in line)
    assert "stroke-dasharray" in lines[gone + 1], f"{COLOURS}"


def test_an_exchange_alone_is_drawn_with_those_that_it_leads_to() -> None:
    text = drawn(ALONE, ALONE)
    assert 'n9999["party 9999"]' in text
    assert "n9999 --- nexchange_20_here" in text


def test_a_party_that_the_exchange_no_longer_leads_to_is_told() -> None:
    after: dict[str, Any] = {"parties": {}, "exchange": {"parties": {"9999": {}}}}
    (danger,) = lost_ways(ALONE, after)
    assert danger["sentence"] == "{where} no longer leads to party 10000: whoever meets it there loses it"
    assert danger["component"] == "exchange"


def test_an_exchange_that_stays_is_no_danger() -> None:
    assert list(lost_ways(BEHIND, BEHIND)) == []
