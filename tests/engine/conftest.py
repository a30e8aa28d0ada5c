"""The Docker engine that the tests of this tier work on."""

from collections.abc import Iterator

import docker
import pytest
from docker.errors import DockerException


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """Connect to the engine; where there is none, the test is skipped."""
    try:
        client = docker.from_env()
    except DockerException as reason:
        pytest.skip(f"no Docker engine: {reason}")
    yield client
    client.close()
