"""Whose an object is, by its labels."""

import pytest

from components.runtimes.ownership import Ownership, remedy_for
from components.services.passwords import fingerprint, owner_fingerprint

KEY = "test-only-" + "k" * 32
OURS = Ownership("fate", "dev", "9e8f1234", adopted=("0a0b0c0d",))


@pytest.mark.parametrize(
    "labels",
    [
        OURS.labels(),
        OURS.labels("9999"),
        {"fate.project": "fate", "fate.stack": "dev", "fate.owner": "0a0b0c0d"},
        {"fate.stack": "dev"},
        {"fate.stack": "dev", "fate.party": "9999"},
    ],
    ids=["its own", "a party's", "of an adopted key", "of before", "of before, a party's"],
)
def test_what_carries_the_stack_is_its_own(labels: dict[str, str]) -> None:
    assert OURS.stranger_in(labels) is None


@pytest.mark.parametrize(
    ("labels", "told", "remedy"),
    [
        ({}, "without a label fate.stack", "take another stack name"),
        ({"fate.stack": "prod"}, "of stack prod: another stack's", "take another stack name"),
        (
            {"fate.project": "bank", "fate.stack": "dev", "fate.owner": "9e8f1234"},
            "of stack dev of project bank: another stack's",
            "take another stack name",
        ),
        (
            {"fate.project": "fate", "fate.stack": "dev", "fate.owner": "11111111"},
            "of stack dev of project fate made with another secret key (fate.owner 11111111, this stack's is"
            " 9e8f1234)",
            'write fate:adopts: ["11111111"]',
        ),
    ],
    ids=["made by hand", "another stack", "another project", "another key"],
)
def test_what_carries_another_is_told_with_the_way_out(
    labels: dict[str, str], told: str, remedy: str
) -> None:
    stranger = OURS.stranger_in(labels)
    assert stranger, "it is nobody else's"
    assert told in OURS.describe(stranger)
    assert remedy in remedy_for(stranger, OURS)


def test_a_fingerprint_tells_two_keys_apart_and_is_not_the_one_that_restarts_services() -> None:
    assert owner_fingerprint(KEY) == owner_fingerprint(KEY) != owner_fingerprint(KEY + "x")
    assert len(owner_fingerprint(KEY)) == 8
    assert not owner_fingerprint(KEY).startswith(fingerprint(KEY)), "each has a salt of its own"
