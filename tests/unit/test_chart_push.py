"""`fate chart push`: the same files are the same artifact, which Helm reads, and no version changes."""

import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.charts import CONFIG, LAYER, chart_at
from ops.__main__ import main
from tests.charts import CHART, helm, needs_helm
from tests.unit.strict_registry import Strict, strict_registry

NAME = "team/fate-party"


@pytest.fixture
def held() -> Iterator[Strict]:
    with strict_registry() as strict:
        yield strict


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return shutil.copytree(CHART, tmp_path / "fate-party")


def push(held: Strict, chart: Path, to: str = "/team") -> int:
    return main(["chart", "push", str(chart), "--to", f"{held.address}{to}"])


def test_the_same_files_are_the_same_bytes(copied: Path) -> None:
    for file in copied.rglob("*"):
        os.utime(file, (1, 1))
        file.chmod(0o700)
    (copied / ".backup").write_text("of an editor")
    assert chart_at(copied).archive == chart_at(CHART).archive


def test_an_archive_has_every_file_below_the_chart_s_name() -> None:
    with tarfile.open(fileobj=io.BytesIO(chart_at(CHART).archive)) as tar:
        names = tar.getnames()
    assert "fate-party/Chart.yaml" in names
    assert "fate-party/values.schema.json" in names
    assert all(name.startswith("fate-party/") for name in names)


def test_it_is_an_artifact_of_helm_s_types(held: Strict, capsys: pytest.CaptureFixture[str]) -> None:
    assert push(held, CHART) == 0
    version = chart_at(CHART).version
    _, content = held.manifests[NAME, version]
    tree = json.loads(content)
    assert tree["config"]["mediaType"] == CONFIG
    assert [layer["mediaType"] for layer in tree["layers"]] == [LAYER]
    assert json.loads(held.blobs[NAME, tree["config"]["digest"]])["name"] == "fate-party"
    assert held.blobs[NAME, tree["layers"][0]["digest"]] == chart_at(CHART).archive
    told = capsys.readouterr().out
    assert f"{held.address}/{NAME}:{version} is pushed: sha256:" in told
    assert f"oci://{held.address}/{NAME} --version {version} --plain-http" in told


def test_pushed_twice_nothing_is_sent(held: Strict, capsys: pytest.CaptureFixture[str]) -> None:
    assert push(held, CHART) == 0
    before = held.wrote()
    assert push(held, CHART) == 0
    assert held.wrote() == before
    assert "is there: sha256:" in capsys.readouterr().out


def test_a_version_is_never_written_over(
    held: Strict, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert push(held, CHART) == 0
    (copied / "templates" / "NOTES.txt").write_text("others")
    before = dict(held.manifests)
    assert push(held, copied) == 1
    told = capsys.readouterr().err
    assert "is there with other content" in told
    assert "raise version in Chart.yaml" in told
    assert held.manifests == before


def test_a_version_with_a_build_gets_the_tag_that_helm_asks_for(held: Strict, copied: Path) -> None:
    file = copied / "Chart.yaml"
    file.write_text(file.read_text().replace("version: 0.1.0", "version: 0.1.0+bank"))
    assert push(held, copied, "") == 0
    assert ("fate-party", "0.1.0_bank") in held.manifests


@needs_helm
def test_helm_pulls_what_was_pushed(held: Strict, tmp_path: Path) -> None:
    assert push(held, CHART) == 0
    chart = chart_at(CHART)
    where = ("--version", chart.version, "--plain-http", "--destination", str(tmp_path))
    helm("pull", f"oci://{held.address}/{NAME}", *where)
    assert (tmp_path / f"fate-party-{chart.version}.tgz").read_bytes() == chart.archive
    assert (
        "name: fate-party" in helm("show", "chart", str(tmp_path / f"fate-party-{chart.version}.tgz")).stdout
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{folder}", "--to", "127.0.0.1:1/x"], "is no chart, neither its folder nor its archive"),
        (["{nameless}", "--to", "127.0.0.1:1/x"], "has no name and version"),
        (["--to", "https://127.0.0.1:1/x"], "write --to 127.0.0.1:1/x"),
        (["--to", "127.0.0.1:1/x"], "127.0.0.1:1 does not take fate-party"),
        (["--to", "127.0.0.1:1/x", "--ca-file", "{folder}/none"], "cannot be read as certificates"),
    ],
)
def test_what_cannot_be_pushed_is_told(
    words: list[str],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clients.repository.PAUSES", ())
    nameless = tmp_path / "nameless"
    nameless.mkdir()
    (nameless / "Chart.yaml").write_text("apiVersion: v2\n")
    given = [word.format(folder=tmp_path, nameless=nameless) for word in words]
    assert main(["chart", "push", *given]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.startswith("chart: ")


def test_a_registry_that_lets_nobody_in_says_how_to_log_in(
    held: Strict, capsys: pytest.CaptureFixture[str]
) -> None:
    held.login = "somebody:secret"
    assert push(held, CHART) == 1
    assert f"docker login {held.address}" in capsys.readouterr().err
