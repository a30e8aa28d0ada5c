"""One plugin for all tests of a process, and a Harbor for each of them."""

from collections.abc import Iterator

import pytest

from tests.harbor.api import harbor
from tests.harbor.plugin import HarborPlugin
from tests.harbor.state import State, Upstream

DIGESTS = {"a": "sha256:" + "a" * 64, "b": "sha256:" + "b" * 64}


@pytest.fixture(scope="session")
def process() -> Iterator[HarborPlugin]:
    with HarborPlugin() as running:
        yield running


@pytest.fixture
def state() -> State:
    """Return a Harbor with the project `fate`, and upstreams that are open, closed and down."""
    images = {f"federatedai/{name}": {"1.0": digest} for name, digest in DIGESTS.items()}
    return State(
        upstreams={
            "http://upstream.example": Upstream(images, catalogue=False),
            "https://closed.example": Upstream(images, login=("ann", "Secret1x")),
        },
        late=1,
        projects={1: {"project_id": 1, "name": "fate", "registry_id": 0, "metadata": {"public": "false"}}},
        quotas={1: -1},
        registries={1: {"id": 1, "name": "hub", "type": "docker-registry", "url": "http://upstream.example"}},
    )


@pytest.fixture
def url(state: State) -> Iterator[str]:
    with harbor(state) as url:
        yield url


@pytest.fixture
def plugin(process: HarborPlugin, url: str) -> HarborPlugin:
    process.configure(url)
    return process
