"""The table of what goes wrong around a Harbor: each is told with its remedy, loses nothing, and passes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harbor.brought_about import BROUGHT, SECRETS, Fault, Here
from tests.harbor.plugin import HarborPlugin
from tests.harbor.state import ADMIN, State

TABLE: dict[int, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("faults.yaml").read_text())
TOLD = ("value", "place", "reason", "remedy")
LEAST = 20


@pytest.fixture
def here(
    plugin: HarborPlugin,
    state: State,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Here:
    state.images = {"fate/kept": {"1": "sha256:k"}}
    return Here(plugin, state, url, tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("number", TABLE, ids=lambda number: TABLE[number]["fault"])
def test_a_fault_is_told_with_its_remedy_loses_nothing_and_passes(number: int, here: Here) -> None:
    row = TABLE[number]
    with there(number, here) as fault:
        before = fault.held()
        told = fault.act()
        for part in TOLD:
            wanted = (
                row["told"][part].format(url=re.escape(here.url)) if part == "place" else row["told"][part]
            )
            assert re.search(wanted, told), f"its {part} is not told: {told}"
        assert not [secret for secret in (*SECRETS, ADMIN[1]) if secret in told], "a secret is told"
        assert "Traceback" not in told
        after = fault.held()
        lost = [name for name, thing in before.items() if after.get(name) != thing]
        assert not lost, f"lost or changed, and there has to be: {row['stays']}"
        assert sorted(after.keys() - before.keys()) == row.get("adds", []), "half of it is there"
        fault.mend()
        assert fault.act() == "", "the fault has gone, and what was wanted still fails"


@contextmanager
def there(number: int, here: Here) -> Iterator[Fault]:
    bringing = BROUGHT[number](here)
    yield next(bringing)
    assert next(bringing, None) is None, "one fault a row"


def test_every_row_is_brought_about_and_tells_all_that_is_asked_of_it() -> None:
    assert set(TABLE) == set(BROUGHT), "a row without a fault, or a fault without a row"
    assert len(TABLE) >= LEAST
    assert len({row["fault"] for row in TABLE.values()}) == len(TABLE), "no fault is counted twice"
    for row in TABLE.values():
        assert set(row["told"]) == set(TOLD), row["fault"]
        assert row["done"], row["fault"]
        assert row["stays"], row["fault"]
