"""Fixtures that every tier uses, and which tests go one after another where three run at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

from tests import pushed
from tests.project import Project

HERE = Path(__file__).parent
GOLDEN = HERE / "unit" / "golden"
STREAMS = {
    "cluster": "the cluster",
    "documentation": "this checkout's own stacks",
    "federation": "the stack trial",
}
"""What shares something that only one test may hold; every other file is a stream of its own."""
FIRST = (
    *("unit", "declared", "harbor", "security", "setup"),
    *("cluster/test_chart.py", "cluster/test_charted.py", "cluster/test_kubelet.py"),
    *("cluster", "documentation", "federation", "combinations"),
    *("engine/test_preview_truth.py", "conformance"),
)
"""What needs neither an engine nor a cluster, then the long streams; what is left fills gaps at the end.

Charts come up while the stack `pods` has no pods yet: the node has processors for two such pairs of parties.
The kubelet stops before anybody else has begun to use the cluster: nobody waits for the other then.
"""

settings.register_profile("suite", deadline=None)  # how long an example takes tells of the machine alone
settings.load_profile("suite")

Golden = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden`, which writes the golden files anew instead of comparing."""
    parser.addoption("--update-golden", action="store_true", help="write golden files anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a mistake show early, and no long stream begin late."""
    items.sort(key=lambda item: _place(item.path.relative_to(HERE)))


def _place(file: Path) -> int:
    return next((FIRST.index(name) for name in (str(file), file.parts[0]) if name in FIRST), len(FIRST))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Push everything once in each run, however many processes it has."""
    if not hasattr(session.config, "workerinput"):
        pushed.forget()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave nothing of it on the engine."""
    if not hasattr(session.config, "workerinput"):
        pushed.forget()


class Streams(LoadScopeScheduling):  # type: ignore[misc] # xdist tells no types
    """Hands out streams of tests, each to one process as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0].removeprefix(f"{HERE.name}/")
        return STREAMS.get(file.partition("/")[0], file)

    def _reschedule(self, node: WorkerController) -> None:
        """Promise no stream early: it would wait behind a long test while another process is idle."""
        if not self.workqueue or self._pending_of(self.assigned_work[node]) <= 1:
            super()._reschedule(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Streams:
    """Keep the streams apart, where `pytest --numprocesses 3` runs three at a time."""
    return Streams(config, log)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a copy of this project, for the stacks of one process."""
    return Project.at(tmp_path_factory.mktemp("project"))


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
