"""A Harbor's upstream gives each byte once: with distribution on both sides, by its access log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.engine import connect, swept
from bench.upstream import NAME, Registry, own_network, running_registry
from bench.verdicts import CannotMeasureError
from tests.harbor.state import State, Upstream
from tests.harbor.test_contents import UPSTREAM
from tests.harbor.upstream_bytes import Counted, check, figures


@pytest.fixture
def registries() -> Iterator[tuple[Registry, Registry]]:
    """Give an upstream, and the registry behind Harbor."""
    try:
        client = connect()
        with (
            swept(client, NAME),
            own_network(client),
            running_registry(client, "upstream", None) as upstream,
            running_registry(client, "behind", None) as behind,
        ):
            yield upstream, behind
    except CannotMeasureError as reason:
        pytest.skip(str(reason))


def test_a_second_party_and_a_second_stack_take_nothing_from_upstream(
    tmp_path: Path, registries: tuple[Registry, Registry]
) -> None:
    upstream, behind = registries
    counted = Counted(f"http://127.0.0.1:{upstream.port}", upstream.served)
    state = State(upstreams={UPSTREAM: Upstream(catalogue=False)}, late=1)
    check(list(figures(tmp_path, state, counted, f"http://127.0.0.1:{behind.port}")))
