"""The offline preview tells what `pulumi preview` tells, for changes to every setting and to the program."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException

from tests.cluster.conftest import CLUSTER, with_namespaces_removed
from tests.cluster.kubectl import cluster_is_missing, used
from tests.declared.preview_changes import BATCHES, CLUSTER_BATCHES, SILENT, Batches
from tests.declared.preview_repository import History, values
from tests.engine.plugin_project import pulumi
from tests.engine.preview_comparison import Comparisons
from tests.project import ROOT, Project, Stack


@contextmanager
def up(folder: Path, name: str, base: dict[str, Any]) -> Iterator[Stack]:
    """Deploy a stack from a copy of the program, and take it away."""
    History.at(folder)
    for linked in (".venv", "images/base/made"):
        (folder / linked).symlink_to(ROOT / linked)
    (folder / "state").mkdir()
    with Project(folder).brought_up(name, base) as stack:
        yield stack


@pytest.fixture(scope="module")
def on_docker(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Comparisons]:
    _needs_docker()
    base = values(mirror={"kind": "distribution", "port": 5097})
    for party, port in zip(base["parties"], (19480, 19481), strict=True):
        party["api"] = {"port": port}
    with (
        up(tmp_path_factory.mktemp("docker") / "base", "truth", base) as stack,
        Comparisons.of(stack, base, _asked(request, BATCHES)) as comparisons,
    ):
        yield comparisons


@pytest.fixture(scope="module")
def on_kubernetes(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Comparisons]:
    _needs_docker()
    missing = cluster_is_missing()
    if missing:
        pytest.skip(missing)
    base = values(mirror={"kind": "distribution", "port": 5099, "address": "localhost:5099"})
    for party in base["parties"]:
        del party["api"]
        party["runtime"] = copy.deepcopy(CLUSTER) | {"gateway-replicas": 2}
    with_namespaces_removed("truth-pods")
    try:
        with (
            used(),
            up(tmp_path_factory.mktemp("kubernetes") / "base", "truth-pods", base) as stack,
            Comparisons.of(stack, base, _asked(request, CLUSTER_BATCHES)) as comparisons,
        ):
            yield comparisons
    finally:
        with_namespaces_removed("truth-pods", wait=False)


def _needs_docker() -> None:
    if pulumi() is None:
        pytest.skip("no pulumi: run `make pulumi`")
    try:
        docker.from_env().close()
    except DockerException as reason:
        pytest.skip(f"no Docker engine: {reason}")


def _asked(request: pytest.FixtureRequest, batches: Batches) -> Batches:
    """Return the changes that tests of this run ask for with the same fixture."""
    names = {
        item.callspec.params["name"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and request.fixturename in item.fixturenames
        and hasattr(item, "callspec")
    }
    return {name: changes for name, changes in batches.items() if name in names}


@pytest.mark.parametrize("name", BATCHES)
def test_a_change_on_docker_is_foreseen_as_the_engine_sees_it(on_docker: Comparisons, name: str) -> None:
    both = on_docker.both(name)
    assert both.foreseen == both.real
    assert bool(both.real) == (not SILENT.issuperset(BATCHES[name]))


def test_another_secret_key_is_foreseen_from_its_encrypted_text(on_docker: Comparisons) -> None:
    both = on_docker.with_another_secret_key()
    assert both.foreseen == both.real


@pytest.mark.parametrize("name", CLUSTER_BATCHES)
def test_a_change_on_kubernetes_is_foreseen_as_the_engine_sees_it(
    on_kubernetes: Comparisons, name: str
) -> None:
    both = on_kubernetes.both(name)
    assert both.foreseen == both.real
    assert bool(both.real) == (not SILENT.issuperset(CLUSTER_BATCHES[name]))
