"""Fixtures that every tier uses, and which tests go one after another where two run at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
GOLDEN = HERE / "unit" / "golden"
STREAMS = {
    "cluster": "the cluster",
    "engine/test_kubernetes_plugin.py": "the cluster",
    "federation": "this checkout's own stacks",
}
"""What shares something that only one test may hold; every other file is a stream of its own."""

Golden = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden`, which writes the golden files anew instead of comparing."""
    parser.addoption("--update-golden", action="store_true", help="write golden files anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each test into its stream; `pytest -n 2 --dist loadgroup` runs two streams at a time."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_stream(item.path.relative_to(HERE))))


def _stream(file: Path) -> str:
    return STREAMS.get(file.parts[0]) or STREAMS.get(str(file)) or str(file)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return a comparison of a text with the golden file of that name."""
    update = bool(request.config.getoption("--update-golden"))

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        if update:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        assert text == file.read_text(), f"{name} differs: look at it, then pytest --update-golden"

    return compare
