"""The federation that the tests of this tier work on: two parties and their mirror, on the Docker engine."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.project import Project, Stack

ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
VALUES: dict[str, Any] = {
    "release": "2.2.0",
    "runtime": {"kind": "docker"},
    "images": {"from": "packages"},
    "mirror": {"kind": "distribution", "port": 5055},
    "parties": [{"id": "9999", "engines": ENGINES}, {"id": "10000", "engines": ENGINES}],
}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.at(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def trial(project: Project) -> Iterator[Stack]:
    """Bring up the stack `trial` once; each test leaves it as it found it."""
    stack = project.stack("trial", VALUES)
    try:
        stack.up()
        yield stack
    finally:
        stack.destroy()
