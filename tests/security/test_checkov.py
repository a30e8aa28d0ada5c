"""What checkov says of every object that a stack declares on Kubernetes, and of the images' recipes."""

from pathlib import Path

import pytest
import yaml

from tests.charts import HELM, needs_helm
from tests.project import ROOT
from tests.security.charts import CHARTED, OF_A_CHART, THROUGH_HARBOR, write_charts
from tests.security.checkov import EXECUTABLE, Report, scan
from tests.security.manifests import write_stacks

EXCEPTIONS: dict[str, str] = yaml.safe_load((Path(__file__).parent / "exceptions.yaml").read_text())
KINDS = {"kubernetes": "CKV_K8S_", "dockerfile": "CKV_DOCKER_"}
LEAST = 0.95

pytestmark = pytest.mark.skipif(
    not EXECUTABLE.exists(), reason="there is no checkov in .local/checkov; setup/checkov.sh makes it"
)


@pytest.fixture(scope="module", params=KINDS)
def scanned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Report]:
    away = tmp_path_factory.mktemp("checkov")
    if request.param == "dockerfile":
        return request.param, scan(ROOT / "images", "dockerfile", away)
    folder = tmp_path_factory.mktemp("stacks")
    assert write_stacks(folder) > 250, "the stacks declare fewer objects than they did: what is missing?"
    if HELM is not None:
        assert write_charts(folder) > 200, "the chart makes fewer objects than it did: what is missing?"
    return request.param, scan(folder, "kubernetes", away)


def test_no_check_fails_that_is_no_exception(scanned: tuple[str, Report]) -> None:
    _, report = scanned
    new = {check: places for check, places in report.failed.items() if check not in EXCEPTIONS}
    assert not new, f"mend them, or give exceptions.yaml a reason that a reviewer accepts: {new}"


def test_every_exception_is_still_needed(scanned: tuple[str, Report]) -> None:
    kind, report = scanned
    listed = {check for check in EXCEPTIONS if check.startswith(KINDS[kind])}
    assert listed <= set(report.failed), f"take them out: {sorted(listed - set(report.failed))}"


def test_at_least_95_of_100_checks_pass(scanned: tuple[str, Report]) -> None:
    kind, report = scanned
    assert report.passed > 200, "checkov saw next to nothing"
    assert report.share >= LEAST, f"{kind}: only {report.share:.1%} pass: {report.failed}"


@needs_helm
def test_at_least_95_of_100_checks_pass_in_each_party_that_a_chart_makes(scanned: tuple[str, Report]) -> None:
    kind, report = scanned
    if kind != "kubernetes":
        return
    shares = {name: share for name, share in report.of_files.items() if name.startswith(OF_A_CHART)}
    assert len(shares) > len(CHARTED), "the chart's objects were not read: one stack has two parties"
    assert any(THROUGH_HARBOR in name for name in shares), "nor those of a party that pulls from a Harbor"
    low = {name: share for name, share in shares.items() if share < LEAST}
    assert not low, f"what checkov says of them is in the report of all: {low}"


def test_every_exception_is_of_a_kind_that_is_scanned_and_has_its_reason() -> None:
    for check, reason in EXCEPTIONS.items():
        assert check.startswith(tuple(KINDS.values())), f"{check} is never looked for"
        assert len(reason) > 100, f"{check} has no reason that explains anything"
