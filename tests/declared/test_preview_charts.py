"""What the preview of a change tells of parties that a chart declares, without helm and without a cluster."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.services.harbor_charted import COMPONENTS
from config import catalogue
from ops.preview.as_json import as_json
from ops.preview.cli import previewed
from ops.preview.recorder.harbor_charted import SERVICES
from tests.declared.kubernetes_stacks import stack
from tests.declared.preview_repository import History
from tests.declared.test_preview_changes import operations, sentences
from tests.unit.harbor_chart_examples import charted, outside, valued
from tests.unit.harbor_examples import DATABASE


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    made = History.at(tmp_path_factory.mktemp("repository"))
    made.stack("dev", stack({"chart": {}}))
    made.commit("The base")
    return made


@pytest.fixture
def change(history: History) -> Iterator[History]:
    yield history
    history.git("reset", "--quiet", "--hard")


def preview(history: History) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(as_json(previewed(history.folder, "main", "worktree", ())))
    return told


def of_gateway(**keys: object) -> dict[str, Any]:
    return stack({"chart": {}}, {"services": {"gateway": keys}})


def overlaid(**values: object) -> dict[str, Any]:
    return stack({"chart": {"values": values}})


def test_nothing_changed_is_nothing(change: History) -> None:
    told = preview(change)
    assert operations(told) == {}
    assert told["dangers"] == []


def test_a_changed_line_is_that_line_of_one_service_which_restarts(change: History) -> None:
    change.stack("dev", of_gateway(configuration={"nginx.conf": {"proxy_read_timeout": "99s"}}))
    told = preview(change)
    assert operations(told) == {"party-9999-gateway": "update"}, "and no other service"
    rows = [row for step in told["stacks"][0]["steps"] for row in step["changes"]]
    assert [row["path"] for row in rows] == ['files["nginx.conf"].text']
    assert any(line.startswith("+") and "99s" in line for line in rows[0]["lines"]), rows
    assert sentences(told, "restart") == [
        "gateway of party 9999 restarts: its peers cannot reach it meanwhile"
    ]


def test_more_pods_restart_nothing(change: History) -> None:
    change.stack("dev", overlaid(services={"gateway": {"replicas": 2}}))
    told = preview(change)
    assert operations(told) == {"party-9999-gateway": "update"}
    assert told["dangers"] == []


def test_an_image_of_the_operator_s_is_told(change: History) -> None:
    change.stack("dev", overlaid(services={"gateway": {"image": "other.bank.example/nginx:1"}}))
    assert sentences(preview(change), "image") == [
        "the image of gateway of party 9999 comes from other.bank.example, no longer from"
        " registry.bank.example"
    ]


def test_ports_and_data_of_a_service_that_goes_are_told(change: History) -> None:
    alone = {"computing": "standalone", "storage": "standalone", "federation": "standalone"}
    change.stack("dev", stack({"chart": {}}, {"engines": alone, "peers": [], "expose": None}))
    told = preview(change)
    assert operations(told)["party-9999-broker"] == "delete"
    kept = "are left behind: the volume stays, nothing uses it any more"
    assert f"the data of broker of party 9999 {kept}" in sentences(told, "data-loss")
    closed = "broker of party 9999 closes port 30672 at every node: whoever connected there no longer can"
    assert closed in sentences(told, "reach")


def test_values_that_the_chart_refuses_are_a_failure_in_words(change: History) -> None:
    change.stack("dev", overlaid(services={"gateway": {"replica": 2}}))
    failure = preview(change)["stacks"][0]["head-failure"]
    assert "fate:runtime.chart.values.services.gateway.replica: is no value of the chart" in failure


@pytest.fixture
def harbor(tmp_path: Path) -> History:
    made = History.at(tmp_path / "repository")
    made.stack("bank", charted())
    made.commit("The base")
    return made


def test_a_changed_value_of_harbor_s_chart_is_that_of_one_service_which_restarts(harbor: History) -> None:
    harbor.stack("bank", valued(core={"resources": {"limits": {"memory": "1Gi"}}}))
    told = preview(harbor)
    assert operations(told, "bank") == {"mirror-harborcore": "update"}, "and no other service"
    [row] = [row for step in told["stacks"][0]["steps"] for row in step["changes"]]
    assert row["path"] == "resources.limits.memory"
    loss = catalogue().services["harborcore"].loss
    assert sentences(told, "restart") == [f"harborcore of mirror restarts: {loss}"]


def test_a_port_of_harbor_s_that_moves_is_told(harbor: History) -> None:
    harbor.stack("bank", charted(port=30444))
    told = preview(harbor)
    opened = "harborproxy of mirror opens port 30444 at every node: other machines can connect"
    assert opened in sentences(told, "exposure")
    assert operations(told, "bank")["mirror-chart"] == "update", "its pages tell the address"


def test_a_database_that_others_run_leaves_harbor_s_own_behind(harbor: History) -> None:
    harbor.stack("bank", outside(database=DATABASE))
    told = preview(harbor)
    assert operations(told, "bank")["mirror-harbordatabase"] == "delete"
    left = "the data of harbordatabase of mirror are left behind: the volume stays, nothing uses it any more"
    assert left in sentences(told, "data-loss")


def test_the_parts_of_harbor_s_chart_are_known_by_its_own_names() -> None:
    assert {service: way[0] for service, way in SERVICES.items()} == COMPONENTS
