"""A party that is there as a chart's, or as native objects, is not declared in the other way over it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.preflight.kubernetes_wanted import Wanted, wanted_namespaces
from config import load
from tests.declared.kubernetes_stacks import stack
from tests.unit.test_kubernetes_preflight import BANK, Cluster, preflight, refusal, serving

OF_CHART = {"fate.chart": "fate-party"}
NAMESPACE = "fate-bank-9999"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Cluster]:
    with serving(tmp_path) as made:
        yield made


def party(api: Cluster, **runtime: Any) -> Wanted:  # noqa: ANN401 - any key of a stack
    values = stack({"kubeconfig": api.kubeconfig(), "storage": {"class": "fast"}, **runtime})
    (wanted,) = wanted_namespaces(load(values), BANK)
    return wanted


@pytest.mark.parametrize(
    ("there", "runtime"),
    [(None, {}), (None, {"chart": {}}), ({}, {}), (OF_CHART, {"chart": {}})],
    ids=["nothing, natively", "nothing, by a chart", "native objects", "a chart's objects"],
)
def test_what_stays_as_it_was_declared_is_accepted(
    api: Cluster, there: dict[str, str] | None, runtime: dict[str, Any]
) -> None:
    if there is not None:
        api.accounts[NAMESPACE] = there
    preflight([party(api, **runtime)])


def test_a_chart_over_native_objects_is_refused_with_the_way_there(api: Cluster) -> None:
    api.accounts[NAMESPACE] = {}
    message = refusal(party(api, chart={}))
    assert f"fate:runtime.chart: {NAMESPACE} has a party that no chart declares" in message
    assert "pulumi destroy or helm uninstall, which leave the claims" in message


def test_native_objects_over_a_chart_s_are_refused_too(api: Cluster) -> None:
    api.accounts[NAMESPACE] = OF_CHART
    assert f"{NAMESPACE} has a party that a chart declares" in refusal(party(api))


def test_who_may_not_look_is_not_stopped(api: Cluster) -> None:
    api.accounts[NAMESPACE] = {}
    api.statuses["/serviceaccounts/fate"] = 403
    preflight([party(api, chart={})])
