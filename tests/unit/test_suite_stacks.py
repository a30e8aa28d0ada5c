"""Stacks of the suite's own: one name is one stack's, since each sweeps away what carries its name."""

import re
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]
TIERS = ("cluster", "combinations", "contract", "engine", "federation")
MADE = re.compile(r"\b(?:brought_up|on_the_cluster|stack)\((?:project, )?\"([a-z-]+)\"")


def test_no_two_fixtures_give_a_stack_the_same_name() -> None:
    named = Counter(
        name
        for tier in TIERS
        for file in (TESTS / tier).glob("*.py")
        for name in MADE.findall(file.read_text())
    )
    assert {"pods", "star", "star-pods", "trial", "official", "spark", "wrong"} <= set(named), (
        "the names are read"
    )
    assert [name for name, times in named.items() if times > 1] == []
