"""The installed Kubernetes plugin does what the official one was seen to do, on a real cluster."""

import json
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.kubectl import CONTEXT, KUBECONFIG, cluster_is_missing, kubectl, used
from tests.conformance.kubernetes_differences import DIFFERENCES
from tests.conformance.kubernetes_plugin import KubernetesPlugin
from tests.conformance.kubernetes_runs import CASES, Case, Run
from tests.conformance.plugin import executable, is_stand_in

AT_A_TIME = 12
RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"
SWITCHES = ("enableConfigMapMutable", "enableSecretMutable", "enablePatchForce", "upsertExistingObjects")
WORDS = ("create-preview", "create", "preview", "up")
"""Where a plugin may refuse, or complain."""
Runs = Mapping[str, "Future[dict[str, Any]]"]


@pytest.fixture(scope="module")
def plugin_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return executable("kubernetes", "4.32.0", tmp_path_factory.mktemp("plugin"))


@pytest.fixture(scope="module")
def runs(plugin_file: Path) -> Iterator[Runs]:
    """Bring all cases to their ends, many at a time."""
    if reason := cluster_is_missing():
        pytest.skip(reason)
    namespace = f"conformance-{uuid.uuid4().hex[:6]}"
    kubectl("create", "namespace", namespace)
    kubectl("label", "namespace", namespace, RESTRICTED)
    with ExitStack() as ending:
        ending.enter_context(used())
        ending.callback(_cleared, namespace)
        plugins = {
            name: ending.enter_context(KubernetesPlugin(plugin_file, _configuration(namespace, switches)))
            for name, switches in (("ours", SWITCHES), ("strict", ()))
        }
        pool = ending.enter_context(ThreadPoolExecutor(AT_A_TIME))
        yield {case.case: pool.submit(Run(case, plugins[case.provider], namespace).run) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case)
def test_a_plugin_does_what_the_official_one_does(case: Case, runs: Runs, plugin_file: Path) -> None:
    seen = runs[case.case].result()
    expected = {**case.expected, **_allowed(case, plugin_file)}
    for name in ("operation", "told", "deletes-first", "live"):
        assert _named(seen.get(name), case) == expected.get(name), f"{name}, of {json.dumps(seen)}"
    refused = {**expected.get("refused", {}), "unready": expected.get("unready")}
    for name in (*WORDS, "unready"):
        words = refused.get(name)
        assert (name in seen) == (words is not None), f"{name}, of {json.dumps(seen)}"
        assert words is None or words in seen[name]


def test_a_difference_is_of_a_case_and_has_a_reason() -> None:
    assert {*DIFFERENCES} <= {case.case for case in CASES}
    assert all(reason for reason, _ in DIFFERENCES.values())


def _allowed(case: Case, plugin: Path) -> Mapping[str, Any]:
    """Return what the stand-in may do instead; the official plugin may do nothing else."""
    return DIFFERENCES[case.case][1] if case.case in DIFFERENCES and is_stand_in(plugin) else {}


def _configuration(namespace: str, switches: tuple[str, ...]) -> Mapping[str, str]:
    place = {"kubeconfig": str(KUBECONFIG), "context": CONTEXT, "namespace": namespace}
    return {**place, **dict.fromkeys(switches, "true")}


def _named(value: Any, case: Case) -> Any:  # noqa: ANN401 -- any JSON value
    """Return what was seen as the table writes it; nothing told is no entry there."""
    found = json.loads(json.dumps(value).replace(f'"{case.name}"', '"{name}"'))
    return found if found != {} else None


def _cleared(namespace: str) -> None:
    made = kubectl("get", "namespaces", "--output=name").split()
    mine = [name for name in made if name.startswith(f"namespace/{namespace}")]
    kubectl("delete", *mine, "--wait=false")
