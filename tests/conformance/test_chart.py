"""The installed Kubernetes plugin makes of a Helm chart what the official one was seen to make of it."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from offline.kubernetes.helm import helm_is_missing
from tests.cluster.kubectl import CONTEXT, KUBECONFIG, cluster_is_missing, kubectl
from tests.conformance.cases import filled
from tests.conformance.chart_runs import WORD, Charts, differing, expected, in_plain_text, rows, text
from tests.conformance.kubernetes_plugin import KubernetesPlugin
from tests.conformance.monitor import engine
from tests.conformance.plugin import executable, is_stand_in

PREFIX = "conformance"
CASES, PREVIEWS = rows("cases"), rows("previews")
Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Charts]:
    """Run the plugin, in a namespace of its own."""
    plugin = executable("kubernetes", "4.32.0", tmp_path_factory.mktemp("plugin"))
    if reason := cluster_is_missing() or (is_stand_in(plugin) and helm_is_missing()):
        pytest.skip(reason)
    namespace = f"{PREFIX}-{uuid.uuid4().hex[:6]}"
    kubectl("create", "namespace", namespace)
    place = {"kubeconfig": str(KUBECONFIG), "context": CONTEXT, "namespace": namespace}
    bold = dict.fromkeys(("enableConfigMapMutable", "enableSecretMutable", "enablePatchForce"), "true")
    with ExitStack() as ending:
        ending.callback(kubectl, "delete", "namespace", namespace, "--wait=false")
        seen = ending.enter_context(engine())
        running = ending.enter_context(KubernetesPlugin(plugin, {**place, **bold}, seen.address))
        yield Charts(running, seen, {"namespace": namespace})


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["case"])
def test_a_chart_becomes_the_resources_that_the_official_plugin_makes_of_it(row: Row, charts: Charts) -> None:
    seen = charts.constructed(row["inputs"], row.get("options", {}))
    wanted = expected(row, charts.names)
    objects = seen.pop("objects", {})
    if "refused" in wanted:
        assert wanted["refused"] in seen.get("refused", ""), text(seen)
    else:
        assert seen == wanted, text(seen)
    assert not differing(row, objects, charts.names)


@pytest.mark.parametrize("row", PREVIEWS, ids=lambda row: row["case"])
def test_a_change_or_a_drift_shows_as_with_the_official_plugin(row: Row, charts: Charts) -> None:
    seen = charts.previewed(row)
    assert seen == filled(dict(row["told"]), charts.names), text(seen)


def test_a_secret_of_a_chart_is_not_in_plain_text_in_the_state(charts: Charts) -> None:
    hidden = next(case for case in CASES if "in-plain-text" in case)["inputs"]["values"]["password"]
    inputs = {"name": "stated", "values": {"password": hidden}}
    state = charts.state(inputs, "chart:<namespace>/stated-password")
    assert WORD in json.dumps(hidden), "else nothing was hidden"
    assert not [*in_plain_text(state)]
