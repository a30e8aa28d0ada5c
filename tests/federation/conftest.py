"""The federation that the tests of this tier work on: two parties and their mirror, on the Docker engine."""

import json
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


@pytest.fixture(scope="package")
def trial(project: Project) -> Iterator[Stack]:
    """Bring up the stack `trial` once; each test leaves it as it found it."""
    with project.brought_up("trial", VALUES) as stack:
        yield stack


@pytest.fixture(scope="package")
def told(trial: Stack) -> dict[str, Any]:
    """Return what the doctor answers in JSON, after a job. docs/doctor.md runs SecureBoost."""
    ended = trial.doctor("--json", "--jobs", "toy", "--job-timeout", "600")
    answer: dict[str, Any] = json.loads(ended.stdout)
    assert (ended.returncode == 0) is answer["ok"], ended.stderr
    return answer
