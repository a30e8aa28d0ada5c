"""The federations that the tests of this tier work on: parties on the test cluster, images from Docker."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from config import PartySettings
from config.catalogue import claim_name
from tests.cluster.kubectl import CONTEXT, KUBECONFIG, cluster_is_missing, kubectl
from tests.project import ROOT, Project, Stack

ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
PARTY = PartySettings.model_validate({"id": "9999", "engines": ENGINES})
CLAIMS = [claim_name(kind, volume) for kind in PARTY.service_names for volume in PARTY.volumes_of(kind)]
CLUSTER: dict[str, Any] = {
    "kind": "kubernetes",
    "kubeconfig": str(KUBECONFIG),
    "context": CONTEXT,
    "start-limit": 180,
    "storage": {
        "size": dict.fromkeys(CLAIMS, "1Gi"),
    },
}
VALUES: dict[str, Any] = {
    "release": "2.2.0",
    "runtime": {"kind": "docker"},
    "images": {"from": "packages"},
    "mirror": {"kind": "distribution", "port": 5056, "address": "localhost:5056", "holds": ["pulsar"]},
    "parties": [
        {"id": "9999", "engines": ENGINES, "runtime": CLUSTER},
        {"id": "10000", "engines": ENGINES, "runtime": CLUSTER},
    ],
}
OF_PODS = {"kind": "stack", "stack": "organization/fate/pods"}
"""The mirror of the stack `pods`, for stacks that test something else."""


@pytest.fixture(scope="session", autouse=True)
def _cluster() -> None:
    missing = cluster_is_missing()
    if missing:
        pytest.skip(missing)


@pytest.fixture(scope="package")
def pods(project: Project) -> Iterator[Stack]:
    """Bring up the stack `pods` once; each test leaves it as it found it."""
    with on_the_cluster(project, "pods", VALUES) as stack:
        yield stack


@contextmanager
def on_the_cluster(project: Project, name: str, values: dict[str, Any]) -> Iterator[Stack]:
    """Bring a stack up, and take it away, its namespaces and claims too."""
    with_namespaces_removed(name)
    try:
        with project.brought_up(name, values) as stack:
            yield stack
    finally:
        with_namespaces_removed(name, wait=False)


def with_namespaces_removed(stack: str, wait: bool = True) -> None:
    """Remove what a stack has on the cluster: its namespaces, and all that is in them, claims too."""
    waited = ("--wait", "--timeout", "120s") if wait else ("--wait=false",)
    kubectl("delete", "namespace", "--selector", ",".join(labels_of(stack)), *waited)


def labels_of(stack: str) -> list[str]:
    """Return what every object of a stack of these tests carries."""
    return Stack(Project(ROOT), stack).labels
