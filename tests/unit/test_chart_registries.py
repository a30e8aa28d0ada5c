"""Whether a registry has a chart's version is asked before anything is made, and else left to Helm."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from components.preflight.chart_registries import lacking_charts
from components.stack_checks import check_chart_registries
from config import Fault, StackSettings, load
from tests.declared.test_charted import NODE_PORTS, of_charts
from tests.unit.harbor_chart_examples import charted
from tests.unit.strict_registry import Strict, strict_registry


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Strict]:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HELM_REGISTRY_CONFIG", str(tmp_path / "helm.json"))
    with strict_registry() as held:
        held.hold("team/fate-party", "0.1.0_own", b"chart")
        held.hold("team/harbor", "1.19.1", b"chart")
        yield held


def lacking(address: str, version: str) -> list[str]:
    chart = {"ref": f"oci://{address}/team/fate-party", "version": version, "plain-http": True}
    return [fault.path for fault in lacking_charts(load(of_charts(NODE_PORTS, **chart)))]


def test_a_version_that_is_there_is_no_fault_and_its_plus_is_no_matter(held: Strict) -> None:
    assert lacking(held.address, "0.1.0+own") == []


def test_a_version_that_is_not_there_is_one(held: Strict) -> None:
    assert lacking(held.address, "0.1.0") == ["fate:runtime.chart.version"]


@pytest.mark.parametrize("tokens", [False, True], ids=["by password", "by token"])
@pytest.mark.parametrize("file", ["config.json", "helm.json"], ids=["docker login", "helm registry login"])
def test_a_registry_with_a_login_is_asked_by_helm_s_and_a_wrong_one_is_left_to_helm(
    held: Strict, tmp_path: Path, tokens: bool, file: str
) -> None:
    held.login, held.tokens = "ann:Secret1x", tokens
    assert lacking(held.address, "0.1.0") == ["fate:runtime.chart.ref"], "nobody logged in"
    for password, expected in {"wrong": [], "Secret1x": ["fate:runtime.chart.version"]}.items():
        login = {"auth": base64.b64encode(f"ann:{password}".encode()).decode()}
        (tmp_path / file).write_text(json.dumps({"auths": {held.address: login}}))
        assert lacking(held.address, "0.1.0") == expected


def with_harbor(address: str, version: str) -> StackSettings:
    chart = {"ref": f"oci://{address}/team/harbor", "version": version, "plain-http": True}
    return load(charted(None, chart))


def of_harbor(address: str, version: str) -> list[Fault]:
    return list(lacking_charts(with_harbor(address, version)))


def test_the_chart_of_a_harbor_is_asked_for_in_the_same_way(held: Strict) -> None:
    assert of_harbor(held.address, "1.19.1") == []
    (lacks,) = of_harbor(held.address, "1.19.9")
    assert lacks.path == "fate:mirror.chart.version"
    assert f"and fate chart push ARCHIVE --to {held.address}/team" in lacks.remedy
    held.login = "ann:Secret1x"
    (closed,) = of_harbor(held.address, "1.19.1")
    assert closed.path == "fate:mirror.chart.ref"
    assert f"helm registry login {held.address} --plain-http" in closed.remedy


def test_a_registry_that_does_not_answer_is_left_to_helm() -> None:
    assert lacking("127.0.0.1:1", "0.1.0") == []


def test_a_chart_that_lies_here_asks_no_registry(held: Strict) -> None:
    assert list(lacking_charts(load(of_charts(NODE_PORTS)))) == []
    assert held.asked == []


def test_the_program_asks_unless_it_is_told_to_ask_nobody(
    held: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = {"ref": f"oci://{held.address}/team/fate-party", "version": "0.1.0", "plain-http": True}
    stacks = load(of_charts(NODE_PORTS, **chart)), with_harbor(held.address, "1.19.9")
    monkeypatch.setenv("FATE_PREFLIGHT", "off")
    for settings in stacks:
        check_chart_registries(settings)
    assert held.asked == []
    monkeypatch.delenv("FATE_PREFLIGHT")
    for settings in stacks:
        with pytest.raises(pulumi.RunError, match="fate chart push"):
            check_chart_registries(settings)
