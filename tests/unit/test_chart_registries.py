"""Whether a registry has a chart's version is asked before anything is made, and else left to Helm."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from components.preflight.chart_registries import lacking_charts
from components.stack import check_chart_registries
from config import load
from tests.declared.test_charted import NODE_PORTS, of_charts
from tests.unit.strict_registry import Strict, strict_registry


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Strict]:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with strict_registry() as held:
        held.hold("team/fate-party", "0.1.0_own", b"chart")
        yield held


def lacking(address: str, version: str) -> list[str]:
    chart = {"ref": f"oci://{address}/team/fate-party", "version": version, "plain-http": True}
    return [fault.path for fault in lacking_charts(load(of_charts(NODE_PORTS, **chart)))]


def test_a_version_that_is_there_is_no_fault_and_its_plus_is_no_matter(held: Strict) -> None:
    assert lacking(held.address, "0.1.0+own") == []


def test_a_version_that_is_not_there_is_one(held: Strict) -> None:
    assert lacking(held.address, "0.1.0") == ["fate:runtime.chart.version"]


@pytest.mark.parametrize("tokens", [False, True], ids=["by password", "by token"])
def test_a_registry_with_a_login_is_asked_by_it_and_else_left_to_helm(
    held: Strict, tmp_path: Path, tokens: bool
) -> None:
    held.login, held.tokens = "ann:Secret1x", tokens
    assert lacking(held.address, "0.1.0") == [], "Helm may have a login that this machine's Docker has not"
    login = {"auth": base64.b64encode(held.login.encode()).decode()}
    (tmp_path / "config.json").write_text(json.dumps({"auths": {held.address: login}}))
    assert lacking(held.address, "0.1.0") == ["fate:runtime.chart.version"]


def test_a_registry_that_does_not_answer_is_left_to_helm() -> None:
    assert lacking("127.0.0.1:1", "0.1.0") == []


def test_a_chart_that_lies_here_asks_no_registry(held: Strict) -> None:
    assert list(lacking_charts(load(of_charts(NODE_PORTS)))) == []
    assert held.asked == []


def test_the_program_asks_unless_it_is_told_to_ask_nobody(
    held: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = {"ref": f"oci://{held.address}/team/fate-party", "version": "0.1.0", "plain-http": True}
    settings = load(of_charts(NODE_PORTS, **chart))
    monkeypatch.setenv("FATE_PREFLIGHT", "off")
    check_chart_registries(settings)
    assert held.asked == []
    monkeypatch.delenv("FATE_PREFLIGHT")
    with pytest.raises(pulumi.RunError, match="fate chart push --to"):
        check_chart_registries(settings)
